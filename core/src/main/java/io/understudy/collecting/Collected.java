package io.understudy.collecting;

/** What became of an answer or an outcome. */
public enum Collected {
    /** It is not part of the stage's evidence: not in the mirrored sample, served elsewhere as well, or read by no metric. */
    NOT_EVIDENCE,
    /** It is counted, or waits for what it is joined with. */
    COUNTED,
    /** It is counted, and completes its request. */
    COMPLETED,
    /** It has been counted before. */
    DUPLICATE,
    /** It is an outcome that came after the outcome window. */
    LATE,
    /** It belongs to an epoch that is over. */
    STALE
}
