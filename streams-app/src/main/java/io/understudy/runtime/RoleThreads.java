package io.understudy.runtime;

import io.understudy.access.PermissionCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The threads of a role that is not a Kafka Streams application. Remembers why a thread stopped because of an error.
 */
final class RoleThreads {

    private static final long JOIN_MILLIS = 30_000;

    private final PermissionCheck permissions;
    private final List<Thread> threads = new ArrayList<>();
    private volatile Optional<String> failure = Optional.empty();

    /** Creates the threads of a role, which needs {@code permissions}. */
    RoleThreads(PermissionCheck permissions) {
        this.permissions = permissions;
    }

    void add(Runnable work, String name) {
        threads.add(new Thread(work, name));
    }

    /** Starts all threads. */
    void start() {
        for (Thread thread : threads) {
            thread.setUncaughtExceptionHandler((failed, exception) -> failure = Optional.of(failed.getName()
                    + " stopped: " + permissions.explain(exception).orElseGet(exception::toString)));
            thread.start();
        }
    }

    /** Why a thread stopped because of an error; empty if none has. */
    Optional<String> failure() {
        return failure;
    }

    int count() {
        return threads.size();
    }

    /** Waits until all threads have ended. The caller has asked them to stop before. */
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
