package io.understudy.simulation;

/**
 * The random numbers that belong to a unit for good, so that a key that returns is in the same arm and behaves as
 * before. They are computed from the unit's number and not kept: a rollout may have millions of units.
 */
final class Units {

    private static final double UNIT_OF_DOUBLE = 0x1p-53;
    private static final int SPARE_BITS = 11;

    private final long seed;

    Units(long seed) {
        this.seed = seed;
    }

    /** The uniform random number {@code index} of unit {@code unit}, greater than 0 and less than 1. */
    double number(long unit, int index) {
        long bits = mix(mix(seed + unit) + index) >>> SPARE_BITS;
        return (bits + 0.5) * UNIT_OF_DOUBLE;
    }

    /**
     * The step and the finaliser of SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number
     * generators", 2014).
     */
    private static long mix(long state) {
        long z = state + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
