package io.understudy.evidence;

/**
 * Keys of both arms, sampled alike: a key of either arm is in the sample with the same chance.
 *
 * @param existing sampled keys of the existing model's arm
 * @param candidate sampled keys of the candidate's arm
 * @param inBoth sampled keys that are in both arms
 */
public record KeySample(long existing, long candidate, long inBoth) {

    /** No key. */
    static final KeySample NONE = new KeySample(0, 0, 0);

    /** Sampled keys in the arm with fewer of them. */
    public long smaller() {
        return Math.min(existing, candidate);
    }
}
