package io.understudy.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Tells a command that the process is to end (Ctrl-C, SIGTERM), and holds the end up until the command has tidied away. Open it
 * before anything that must be tidied away, and close it after.
 */
public final class Shutdown implements AutoCloseable {

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch tidied = new CountDownLatch(1);

    private Shutdown() {}

    /** Listens from now on; {@code wakeUp} is called when the process is to end, to end whatever waiting there is. */
    public static Shutdown listen(Runnable wakeUp) {
        Shutdown shutdown = new Shutdown();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            shutdown.requested.countDown();
            wakeUp.run();
            try {
                shutdown.tidied.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        return shutdown;
    }

    /** Whether the process is to end. */
    public boolean isRequested() {
        return requested.getCount() == 0;
    }

    /** Waits until the process is to end. */
    public void await() throws InterruptedException {
        requested.await();
    }

    /** Waits until the process is to end; false when it still is not after {@code seconds}. */
    boolean await(long seconds) throws InterruptedException {
        return requested.await(seconds, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        tidied.countDown();
    }
}
