package io.understudy.collecting;

/** What the collector did with an answer or outcome. */
public enum Collected {
    /**
     * It is not evidence for the stage: not in the mirrored sample, counted from another topic, or read by no metric.
     */
    NOT_EVIDENCE,
    /** It was counted, or waits for the records that it is joined with. */
    COUNTED,
    /** It was counted, and its request is now complete. */
    COMPLETED,
    /** It had been counted before. */
    DUPLICATE,
    /** It is one outcome too many for its request, or too long. */
    EXCESSIVE,
    /** It is an outcome that arrived after the outcome window. */
    LATE,
    /** It belongs to an epoch that has ended. */
    STALE
}
