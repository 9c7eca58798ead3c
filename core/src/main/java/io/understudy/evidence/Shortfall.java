package io.understudy.evidence;

/**
 * What must still come in before a metric's numbers can be trusted at all.
 *
 * @param kind what is short
 * @param count how many there are; 0 where {@code kind} has no count
 * @param needed how many it takes; 0 where {@code kind} has no count
 */
public record Shortfall(Kind kind, long count, long needed) {

    /** What can be short. */
    public enum Kind {
        /** Units, for a mean of this skewness. */
        UNITS_FOR_MEAN,
        /** Units, for a rate this close to 0 or 1. */
        UNITS_FOR_RATE,
        /** Requests with an outcome. */
        REQUESTS_WITH_OUTCOME,
        /** Distinct keys in the smaller arm. */
        KEYS,
        /** Keys or events: the mean over keys is still too skewed, and no count is known to be enough. */
        KEYS_OR_EVENTS
    }
}
