package io.understudy.runtime;

import java.util.ArrayList;
import java.util.List;

/**
 * The threads of a role that are no stream threads: started together, and the first that ends by a fault is remembered.
 */
final class RoleThreads {

    private static final long JOIN_MILLIS = 30_000;

    private final List<Thread> threads = new ArrayList<>();
    private volatile String failure;

    void add(Runnable work, String name) {
        threads.add(new Thread(work, name));
    }

    void start() {
        for (Thread thread : threads) {
            thread.setUncaughtExceptionHandler(
                    (failed, exception) -> failure = failed.getName() + " stopped: " + exception);
            thread.start();
        }
    }

    /** Why a thread stopped by itself; null while none has. */
    String failure() {
        return failure;
    }

    int count() {
        return threads.size();
    }

    /** Waits until all have ended, which somebody else has asked them to. */
    void join() {
        try {
            for (Thread thread : threads) {
                thread.join(JOIN_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
