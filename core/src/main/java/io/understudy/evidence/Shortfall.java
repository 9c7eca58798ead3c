package io.understudy.evidence;

/**
 * The data that a metric still needs before its method is valid.
 *
 * @param kind what is missing
 * @param count the number so far; 0 if {@code kind} has no count
 * @param needed the number needed; 0 if {@code kind} has no count
 */
public record Shortfall(Kind kind, long count, long needed) {

    /** What can be missing. */
    public enum Kind {
        /** Units, because the mean is skewed. */
        UNITS_FOR_MEAN,
        /** Units, because the rate is close to 0 or 1. */
        UNITS_FOR_RATE,
        /** Answers of the existing model, because its quantile is not known yet. */
        ANSWERS_FOR_QUANTILE,
        /** Requests with a known outcome. */
        REQUESTS_WITH_OUTCOME,
        /** Distinct keys in the smaller arm. */
        KEYS,
        /** Keys or events, because the mean over keys is too skewed; the number needed is unknown. */
        KEYS_OR_EVENTS,
        /** Labels that could be outcomes: no label of an arm has been the outcome of any request. */
        LABELS_LIKE_OUTCOMES
    }
}
