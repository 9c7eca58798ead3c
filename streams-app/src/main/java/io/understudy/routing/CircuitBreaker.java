package io.understudy.routing;

import io.understudy.assignment.Share;
import io.understudy.schema.Breaker;
import io.understudy.schema.PredictionStatus;
import java.util.Locale;
import java.util.Optional;

/**
 * Counts how the candidate's answers end, over all partitions of this process, and opens when too many fail within a window: a crude
 * limit, long before any statistics, for a candidate that is plainly out of order. Once open it stays open; a rollout that is resumed
 * or retried gets a new one. Safe for several threads.
 */
final class CircuitBreaker {

    private static final long REPORT_AGAIN_AFTER_MILLIS = 1000;

    private final Optional<Breaker> limits;
    private long windowStart;
    private long answers;
    private long errors;
    private long timeouts;
    private long reportedAt;
    private volatile Optional<String> openReason = Optional.empty();

    /** A closed breaker; one that never opens without {@code limits}. */
    CircuitBreaker(Optional<Breaker> limits) {
        this.limits = limits;
    }

    /**
     * Counts an answer.
     *
     * @param status how it ended
     * @param now wall clock, milliseconds
     */
    synchronized void count(PredictionStatus status, long now) {
        // A rejected request is the caller's mistake, and no sign of a candidate out of order.
        if (limits.isPresent() && !isOpen() && status != PredictionStatus.REJECTED) {
            count(status, now, limits.get());
        }
    }

    private void count(PredictionStatus status, long now, Breaker limit) {
        if (now - windowStart >= limit.getWindowMs()) {
            windowStart = now;
            answers = 0;
            errors = 0;
            timeouts = 0;
        }
        answers++;
        errors += status == PredictionStatus.ERROR ? 1 : 0;
        timeouts += status == PredictionStatus.TIMEOUT ? 1 : 0;
        if (answers >= limit.getMinimum()) {
            check("errors", errors, new Share(limit.getErrors()), limit.getWindowMs());
            check("timeouts", timeouts, new Share(limit.getTimeouts()), limit.getWindowMs());
        }
    }

    private void check(String kind, long failures, Share allowed, long windowMillis) {
        if (allowed.isExceededBy(failures, answers)) {
            openReason = Optional.of(String.format(
                    Locale.ROOT,
                    "%d %s among the candidate's last %d answers; allowed are %s within %d ms",
                    failures,
                    kind,
                    answers,
                    allowed,
                    windowMillis));
        }
    }

    /** Whether the candidate must not serve any more. */
    boolean isOpen() {
        return openReason.isPresent();
    }

    /** Why it is open, when the controller must be told: at once, and every second until the rollout's state has changed. */
    synchronized Optional<String> reasonToReport(long now) {
        if (!isOpen() || now - reportedAt < REPORT_AGAIN_AFTER_MILLIS) {
            return Optional.empty();
        }
        reportedAt = now;
        return openReason;
    }
}
