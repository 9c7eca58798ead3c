package io.understudy.collecting;

/** Where a record that is collected comes from. Time goes by in each source on its own. */
public enum Source {
    /** Answers that were served. */
    PREDICTIONS,
    /** Answers of the candidate, mirrored or before the guard. */
    CANDIDATE_PREDICTIONS,
    /** Labels and conversions. */
    OUTCOMES
}
