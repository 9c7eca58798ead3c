package io.understudy.statistics;

/**
 * The sample size from which a mean may be treated as normal: max(200, 355 skew^2) units in the smaller arm. Source of
 * 355 skew^2: R. Kohavi, A. Deng, R. Longbotham, Y. Xu, "Seven rules of thumb for web site experimenters" (2014).
 */
public final class SampleSizeGate {

    private static final long MIN_UNITS = 200;
    private static final double UNITS_PER_SQUARED_SKEWNESS = 355;

    private SampleSizeGate() {}

    /** The number of units that a sample with this skewness needs. */
    public static long units(double skewness) {
        return Math.max(MIN_UNITS, (long) Math.ceil(UNITS_PER_SQUARED_SKEWNESS * skewness * skewness));
    }
}
