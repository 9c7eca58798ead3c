package io.understudy.routing;

import io.understudy.assignment.Share;
import io.understudy.schema.Breaker;
import io.understudy.schema.PredictionStatus;
import java.util.Locale;

/**
 * Counts how the candidate's answers end, over all partitions of this process, and opens when too many fail within a window: a crude
 * limit, long before any statistics, for a candidate that is plainly out of order. Once open it stays open; a rollout that is resumed
 * or tried again has a new one. Safe for several threads.
 */
final class CircuitBreaker {

    private static final long TELL_AGAIN_AFTER_MILLIS = 1000;

    private final Breaker limits;
    private long windowStart;
    private long answers;
    private long errors;
    private long timeouts;
    private long toldAt;
    private volatile String why;

    /** A closed breaker; one that never opens when {@code limits} is null. */
    CircuitBreaker(Breaker limits) {
        this.limits = limits;
    }

    /**
     * Counts an answer.
     *
     * @param status how it ended
     * @param now wall clock, milliseconds
     */
    synchronized void count(PredictionStatus status, long now) {
        if (limits == null || isOpen() || status == PredictionStatus.REJECTED) {
            // What the caller got wrong is no sign of disorder.
            return;
        }
        if (now - windowStart >= limits.getWindowMs()) {
            windowStart = now;
            answers = 0;
            errors = 0;
            timeouts = 0;
        }
        answers++;
        errors += status == PredictionStatus.ERROR ? 1 : 0;
        timeouts += status == PredictionStatus.TIMEOUT ? 1 : 0;
        if (answers >= limits.getMinimum()) {
            check("errors", errors, new Share(limits.getErrors()));
            check("timeouts", timeouts, new Share(limits.getTimeouts()));
        }
    }

    private void check(String what, long failures, Share allowed) {
        if (allowed.isExceededBy(failures, answers)) {
            why = String.format(
                    Locale.ROOT,
                    "%d %s among the candidate's last %d answers; allowed are %s within %d ms",
                    failures,
                    what,
                    answers,
                    allowed,
                    limits.getWindowMs());
        }
    }

    /** Whether the candidate is to serve nothing any more. */
    boolean isOpen() {
        return why != null;
    }

    /** Why it is open; null while it is closed. */
    String why() {
        return why;
    }

    /** Whether the controller is to be told, for the first time or because it has not answered: true once a second while open. */
    synchronized boolean isToBeTold(long now) {
        if (!isOpen() || now - toldAt < TELL_AGAIN_AFTER_MILLIS) {
            return false;
        }
        toldAt = now;
        return true;
    }
}
