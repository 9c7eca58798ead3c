package io.understudy.scoring;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Whether an inference server answers. After a call without any answer, and until the next answer, the server is silent.
 * A silent server gets one call at a time, with a pause after each, and requests do not wait for it. Safe for many
 * threads.
 */
final class ServerHealth {

    private final long pauseNanos;
    private final LongSupplier nanoTime;
    private int calls;
    private long answeredAt;
    private long failedAt;
    private boolean silent;

    /**
     * Creates the health of a server that has just answered.
     *
     * @param pause pause between two calls of a silent server
     * @param nanoTime {@link System#nanoTime}
     */
    ServerHealth(Duration pause, LongSupplier nanoTime) {
        this.pauseNanos = pause.toNanos();
        this.nanoTime = nanoTime;
        this.answeredAt = nanoTime.getAsLong();
    }

    /**
     * Asks for permission to call the server. A caller that gets it must report the end of the call.
     *
     * @return false if the server is silent, and another call is under way or was just now
     */
    synchronized boolean admit() {
        if (silent && (calls > 0 || nanoTime.getAsLong() - failedAt < pauseNanos)) {
            return false;
        }
        calls++;
        return true;
    }

    /**
     * Records the end of a call.
     *
     * @param startedAt the time of {@code nanoTime} at its start
     * @param answered whether the server answered, whatever it said
     */
    synchronized void ended(long startedAt, boolean answered) {
        calls--;
        if (answered) {
            answeredAt = nanoTime.getAsLong();
            silent = false;
        } else if (answeredAt - startedAt <= 0) {
            silent = true;
            failedAt = nanoTime.getAsLong();
        }
    }

    /** Whether the server has not answered since a call to it failed. */
    synchronized boolean isSilent() {
        return silent;
    }
}
