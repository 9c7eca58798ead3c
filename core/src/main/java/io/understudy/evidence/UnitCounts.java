package io.understudy.evidence;

/**
 * The number of independent units in each arm.
 *
 * @param existing units of the existing model
 * @param candidate units of the candidate
 */
public record UnitCounts(long existing, long candidate) {

    /** The count of the arm with fewer units. */
    public long smaller() {
        return Math.min(existing, candidate);
    }
}
