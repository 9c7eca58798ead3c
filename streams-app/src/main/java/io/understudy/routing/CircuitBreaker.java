package io.understudy.routing;

import io.understudy.assignment.Share;
import io.understudy.schema.Breaker;
import io.understudy.schema.PredictionStatus;
import java.util.Locale;
import java.util.Optional;

/**
 * Counts the statuses of the candidate's answers in all partitions of this process, and opens when too many answers
 * fail within a window. It is a simple limit for a candidate that clearly does not work, and it reacts long before any
 * statistics. Once open, it stays open. A rollout that is resumed or retried gets a new breaker. Safe for many threads.
 */
final class CircuitBreaker {

    private static final long REPORT_INTERVAL_MILLIS = 1000;

    private final Optional<Breaker> limits;
    private long windowStart;
    private long answers;
    private long errors;
    private long timeouts;
    private long reportedAt;
    private volatile Optional<String> openReason = Optional.empty();

    /** Creates a closed breaker. Without {@code limits}, it never opens. */
    CircuitBreaker(Optional<Breaker> limits) {
        this.limits = limits;
    }

    /**
     * Counts an answer.
     *
     * @param status status of the answer
     * @param now wall-clock time, milliseconds
     */
    synchronized void count(PredictionStatus status, long now) {
        // A rejected request is the caller's mistake, not a failure of the candidate.
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
                    "%d %s among the candidate's last %d answers; at most %s are allowed within %d ms",
                    failures,
                    kind,
                    answers,
                    allowed,
                    windowMillis));
        }
    }

    /** Whether the candidate must no longer serve. */
    boolean isOpen() {
        return openReason.isPresent();
    }

    /**
     * Returns why the breaker is open, if this must be reported to the controller now. It is reported immediately and
     * then every second, until the state of the rollout has changed.
     */
    synchronized Optional<String> reasonToReport(long now) {
        if (!isOpen() || now - reportedAt < REPORT_INTERVAL_MILLIS) {
            return Optional.empty();
        }
        reportedAt = now;
        return openReason;
    }
}
