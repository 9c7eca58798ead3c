package io.understudy.evidence;

/**
 * Independent units seen in each arm.
 *
 * @param existing those of the existing model
 * @param candidate those of the candidate
 */
record Units(long existing, long candidate) {

    long smaller() {
        return Math.min(existing, candidate);
    }
}
