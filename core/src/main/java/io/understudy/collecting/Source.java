package io.understudy.collecting;

/** The source of a collected record. Each source has its own time. */
public enum Source {
    /** Answers that were served. */
    PREDICTIONS,
    /** Answers of the candidate: answers to mirrored requests, and answers that have not passed the guard yet. */
    CANDIDATE_PREDICTIONS,
    /** Labels and conversions. */
    OUTCOMES
}
