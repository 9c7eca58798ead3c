package io.understudy.examples.flightdelay.demo;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * How long answers are waited for. A request is not lost while a reader on its way has unread records, however slow the
 * machine is. For one thread.
 */
final class AnswerWait {

    /** For requests that wait for the candidate and transactions that are under way, which no lag shows. */
    private static final Duration GRACE = Duration.ofSeconds(15);

    private final Duration patience;
    private long lastProgress;
    private long lastBacklog = Long.MAX_VALUE;
    private OptionalLong emptySince = OptionalLong.empty();

    /** Whether to wait, and if not, what it means for the requests without an answer. */
    enum State {
        /** Answers may still come. */
        WAIT,
        /** All readers have read everything, so no more answers will come: what is missing is lost. */
        DRAINED,
        /** Records are unread, but nothing has moved for too long. Their requests are not answered yet. */
        STALLED
    }

    /**
     * Begins to wait.
     *
     * @param now any clock, nanoseconds
     * @param patience how long to wait when neither an answer comes nor a reader moves
     */
    AnswerWait(long now, Duration patience) {
        this.lastProgress = now;
        this.patience = patience;
    }

    /**
     * Decides from what was seen since the last call.
     *
     * @param now the clock of the constructor, nanoseconds
     * @param answers number of answers that were read
     * @param backlog unread records of all readers; empty if unknown
     * @param allSent whether all requests were sent
     */
    State observe(long now, int answers, OptionalLong backlog, boolean allSent) {
        if (answers > 0 || backlog.orElse(Long.MAX_VALUE) < lastBacklog) {
            lastProgress = now;
        }
        lastBacklog = backlog.orElse(lastBacklog);
        boolean empty = allSent && answers == 0 && lastBacklog == 0;
        emptySince = empty ? OptionalLong.of(emptySince.orElse(now)) : OptionalLong.empty();
        if (empty && now - emptySince.getAsLong() >= GRACE.toNanos()) {
            return State.DRAINED;
        }
        return now - lastProgress >= patience.toNanos() ? State.STALLED : State.WAIT;
    }
}
