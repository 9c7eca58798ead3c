package io.understudy.statistics;

/**
 * The e-process for a probability of success p against p0: a likelihood ratio mixed over a Beta prior with mean p0 and
 * weight k. After x successes and y failures it is {@code ln E = lnB(k p0 + x, k (1-p0) + y) - lnB(k p0, k (1-p0)) - x
 * ln p0 - y ln(1-p0)}. For a one-sided claim the prior is cut to the claimed side of p0. Exact for any number of
 * independent trials, at every look.
 *
 * <p>With p0 = 1/2 over discordant pairs this is the sequential McNemar test: if the models are equally good, the
 * candidate is right in half of the requests that only one model got right. With p0 = m/(1+m) it tests an odds ratio of
 * m. Sources: H. Robbins (1970); S. R. Howard et al. (2021), proposition 7 (beta-binomial mixture).
 */
public final class BinomialMixture {

    private BinomialMixture() {}

    /**
     * The weight of the prior at which the mixture is most sensitive to a probability of 1/2 +- {@code theta}: 1/(4
     * theta^2) - 1.
     */
    public static double weight(double theta) {
        if (!(theta > 0 && theta < 0.5)) {
            throw new IllegalArgumentException("theta is " + theta + "; it must be between 0 and 0.5");
        }
        return 1 / (4 * theta * theta) - 1;
    }

    /**
     * ln E for a probability on {@code side} of {@code p0}.
     *
     * @param successes trials that succeeded, at least 0
     * @param failures trials that failed, at least 0
     * @param p0 the probability to test against, between 0 and 1
     * @param k the weight of the prior in trials, greater than 0
     */
    public static double logEvidence(long successes, long failures, double p0, double k, Side side) {
        if (successes < 0 || failures < 0 || !(p0 > 0 && p0 < 1) || !(k > 0)) {
            throw new IllegalArgumentException("successes " + successes + ", failures " + failures + ", p0 " + p0
                    + ", k " + k + "; counts must be at least 0, p0 between 0 and 1, k greater than 0");
        }
        double a = k * p0;
        double b = k * (1 - p0);
        double both = Logarithms.beta(a + successes, b + failures)
                - Logarithms.beta(a, b)
                - successes * Math.log(p0)
                - failures * Math.log1p(-p0);
        return switch (side) {
            case BOTH -> both;
            case GREATER ->
                both
                        + Logarithms.regularizedBeta(1 - p0, b + failures, a + successes)
                        - Logarithms.regularizedBeta(1 - p0, b, a);
            case LESS ->
                both
                        + Logarithms.regularizedBeta(p0, a + successes, b + failures)
                        - Logarithms.regularizedBeta(p0, a, b);
        };
    }
}
