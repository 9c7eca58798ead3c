package io.understudy.evidence;

/**
 * A sample of the keys of both arms, in which every key of either arm is included with the same probability.
 *
 * @param existing number of sampled keys in the existing model's arm
 * @param candidate number of sampled keys in the candidate's arm
 * @param inBoth number of sampled keys in both arms
 */
public record KeySample(long existing, long candidate, long inBoth) {

    /** No keys. */
    static final KeySample NONE = new KeySample(0, 0, 0);

    /** The number of sampled keys in the arm with fewer of them. */
    public long smaller() {
        return Math.min(existing, candidate);
    }
}
