package io.understudy.statistics;

import org.apache.commons.statistics.inference.ChiSquareTest;
import org.apache.commons.statistics.inference.SignificanceResult;

/**
 * The test for a sample ratio mismatch: whether the arms receive units in the ratio of their configured shares. If they
 * do not, units are not assigned at random, and no comparison of the arms is valid.
 *
 * <p>{@code ln BF = lnB(k rho + c) - lnB(k rho) - sum c_i ln rho_i}, where B is the multivariate Beta function: the
 * counts c under shares from a Dirichlet distribution with mean rho and weight k, against the counts under the
 * configured shares rho. Valid at every look (M. Lindon, A. Malek, "Anytime-valid inference for multinomial count
 * data", 2022).
 */
public final class SampleRatio {

    /** Weights of the prior: the first is sensitive to a large mismatch, the second to a small one. */
    private static final double[] WEIGHTS = {100, 10_000};

    private SampleRatio() {}

    /**
     * ln BF against the configured shares.
     *
     * @param observed units by arm, each at least 0
     * @param shares configured shares by arm, each greater than 0, with the sum 1
     * @param k the weight of the prior, greater than 0
     */
    public static double logBayesFactor(long[] observed, double[] shares, double k) {
        check(observed, shares);
        if (!(k > 0)) {
            throw new IllegalArgumentException("k is " + k + "; it must be greater than 0");
        }
        double[] prior = new double[shares.length];
        double[] posterior = new double[shares.length];
        double likelihood = 0;
        for (int i = 0; i < shares.length; i++) {
            prior[i] = k * shares[i];
            posterior[i] = prior[i] + observed[i];
            likelihood += observed[i] * Math.log(shares[i]);
        }
        return Logarithms.beta(posterior) - Logarithms.beta(prior) - likelihood;
    }

    /** ln of the mean of the Bayes factors with both weights; like each of them, the mean is an e-value. */
    public static double logEvidence(long[] observed, double[] shares) {
        double[] logs = new double[WEIGHTS.length];
        for (int i = 0; i < logs.length; i++) {
            logs[i] = logBayesFactor(observed, shares, WEIGHTS[i]);
        }
        return Logarithms.sum(logs, i -> true) - Math.log(logs.length);
    }

    /**
     * ln of the same e-value for estimated counts of two arms. The counts are scaled down until the variance of their
     * ratio, as counts of independent units, is what it is with the error of the estimates: {@code rho (1 - rho) / N +
     * rho^2 (1 - rho)^2 (v_1 + v_2)}, where v is the squared relative standard error of an estimate. Exact counts are
     * not changed.
     *
     * @param observed estimated units by arm, each at least 0
     * @param relativeVariances the squared relative standard error of each estimate; 0 for an exact count
     * @param share configured share of the second arm, between 0 and 1
     */
    public static double logEvidenceOfEstimates(double[] observed, double[] relativeVariances, double share) {
        double total = observed[0] + observed[1];
        double errors = total * share * (1 - share) * (relativeVariances[0] + relativeVariances[1]);
        long[] scaled = {Math.round(observed[0] / (1 + errors)), Math.round(observed[1] / (1 + errors))};
        return logEvidence(scaled, new double[] {1 - share, share});
    }

    /** The chi-square test of goodness of fit, for a single look. */
    public static SignificanceResult chiSquare(long[] observed, double[] shares) {
        check(observed, shares);
        double[] expected = new double[shares.length];
        long total = 0;
        for (long count : observed) {
            total += count;
        }
        for (int i = 0; i < shares.length; i++) {
            expected[i] = total * shares[i];
        }
        return ChiSquareTest.withDefaults().test(expected, observed);
    }

    private static void check(long[] observed, double[] shares) {
        if (observed.length != shares.length || observed.length < 2) {
            throw new IllegalArgumentException("observed has " + observed.length + " counts, shares " + shares.length
                    + "; both must have the same number, at least 2");
        }
        double sum = 0;
        for (int i = 0; i < shares.length; i++) {
            if (!(shares[i] > 0) || observed[i] < 0) {
                throw new IllegalArgumentException("shares must be greater than 0, and counts at least 0");
            }
            sum += shares[i];
        }
        if (Math.abs(sum - 1) > 1e-9) {
            throw new IllegalArgumentException("shares sum to " + sum + "; they must sum to 1");
        }
    }
}
