package io.understudy.statistics;

/**
 * When a mean may be taken for normal: from max(200, 355 skew^2) units of the smaller arm on. 355 skew^2 is R. Kohavi, A. Deng, R.
 * Longbotham, Y. Xu, "Seven rules of thumb for web site experimenters" (2014).
 */
public final class Gate {

    private static final long FEWEST_UNITS = 200;
    private static final double KOHAVI = 355;

    private Gate() {}

    /** Units that a sample of this skewness must have. */
    public static long units(double skewness) {
        return Math.max(FEWEST_UNITS, (long) Math.ceil(KOHAVI * skewness * skewness));
    }
}
