package io.understudy.routing;

import io.understudy.streams.ReadProgress.Reading;
import java.time.Duration;
import java.util.Optional;

/**
 * Lets the guard call a deadline only after it has handled the answers that were there when the deadline passed. Kafka
 * Streams runs the guard's ticks between records, so that answers may already be fetched, or wait on the broker, while
 * the deadlines of their requests pass. For one partition.
 */
final class AnswersFirst {

    /**
     * The next poll returns the answers that are fetched and fetches more; the one after it returns the answers that
     * came meanwhile.
     */
    private static final int POLLS = 2;

    /** How long a request waits for the router to read, after its deadline. */
    static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final long UNKNOWN = -1;

    /** The deadlines that this pass is about are those until now; {@link #UNKNOWN} between two passes. */
    private long deadlinesUntil = UNKNOWN;

    private long pollsNeeded;
    private long end = UNKNOWN;
    private long handleTo = UNKNOWN;

    /**
     * Says which deadlines to call.
     *
     * @param time time of the guard's clock, at which at least one deadline has passed
     * @param reading how far the answers have been read, if that is known
     * @param handledTo offset after the last answer that the guard has handled
     * @return the time until which deadlines may be called; empty if answers must be read first
     */
    Optional<Call> at(long time, Optional<Reading> reading, long handledTo) {
        if (reading.isEmpty()) {
            return Optional.of(new Call(time, true));
        }
        if (deadlinesUntil == UNKNOWN) {
            deadlinesUntil = time;
            pollsNeeded = reading.get().polls() + POLLS;
        }
        if (areAnswersHandled(reading.get(), handledTo)) {
            return Optional.of(end(deadlinesUntil, true));
        }
        return time - deadlinesUntil < PATIENCE.toMillis() ? Optional.empty() : Optional.of(end(time, false));
    }

    private boolean areAnswersHandled(Reading reading, long handledTo) {
        if (reading.polls() < pollsNeeded) {
            return false;
        }
        if (end == UNKNOWN) {
            end = reading.returnedTo() + reading.lag();
        }
        // Offsets without a record, such as those of transaction markers, are never returned.
        if (handleTo == UNKNOWN && (reading.lag() == 0 || reading.returnedTo() >= end)) {
            handleTo = reading.returnedTo();
        }
        return handleTo != UNKNOWN && handledTo >= handleTo;
    }

    private Call end(long until, boolean complete) {
        reset();
        return new Call(until, complete);
    }

    /** Forgets a pass, because no deadline has passed any more. */
    void reset() {
        deadlinesUntil = UNKNOWN;
        end = UNKNOWN;
        handleTo = UNKNOWN;
    }

    /**
     * The deadlines to call.
     *
     * @param until time of the guard's clock until which deadlines are called
     * @param complete whether all answers that had come by then are handled, so that the candidate has missed these
     *     deadlines
     */
    record Call(long until, boolean complete) {}
}
