package io.understudy.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Signals a command that the process must stop (Ctrl-C, SIGTERM), and delays the exit until the command has cleaned up.
 * Open it before all resources that need cleanup, and close it after them.
 */
public final class Shutdown implements AutoCloseable {

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch cleanedUp = new CountDownLatch(1);

    private Shutdown() {}

    /** Starts to listen. When the process must stop, {@code wakeUp} is called; it should end all waiting. */
    public static Shutdown listen(Runnable wakeUp) {
        Shutdown shutdown = new Shutdown();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            shutdown.requested.countDown();
            wakeUp.run();
            try {
                shutdown.cleanedUp.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        return shutdown;
    }

    /** Whether the process must stop. */
    public boolean isRequested() {
        return requested.getCount() == 0;
    }

    /** Waits until the process must stop. */
    public void await() throws InterruptedException {
        requested.await();
    }

    /** Waits until the process must stop, or until {@code seconds} have passed; false in the latter case. */
    boolean await(long seconds) throws InterruptedException {
        return requested.await(seconds, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        cleanedUp.countDown();
    }
}
