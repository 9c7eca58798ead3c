package io.understudy.scoring;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whether an inference server answers. After a call without any answer, and until the next answer, the server is silent:
 * then it gets one call at a time, and requests do not wait for it. Safe for many threads.
 */
final class ServerHealth {

    private final AtomicInteger calls = new AtomicInteger();
    private volatile long answeredAt;
    private volatile boolean silent;

    /** Creates the health of a server that has just answered. */
    ServerHealth() {
        this.answeredAt = System.nanoTime();
    }

    /**
     * Asks for permission to call the server. A caller that gets it must report the end of the call.
     *
     * @return false if the server is silent and another call is under way
     */
    boolean admit() {
        if (calls.getAndIncrement() > 0 && silent) {
            calls.decrementAndGet();
            return false;
        }
        return true;
    }

    /**
     * Records the end of a call.
     *
     * @param startedAt {@link System#nanoTime} at its start
     * @param answered whether the server answered, whatever it said
     */
    void ended(long startedAt, boolean answered) {
        calls.decrementAndGet();
        if (answered) {
            answeredAt = System.nanoTime();
            silent = false;
        } else if (answeredAt - startedAt < 0) {
            silent = true;
        }
    }

    /** Whether the server has not answered since a call to it failed. */
    boolean isSilent() {
        return silent;
    }
}
