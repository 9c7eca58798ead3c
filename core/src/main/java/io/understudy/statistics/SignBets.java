package io.understudy.statistics;

import java.util.Arrays;

/**
 * The e-process for the centre of few observations of an unknown, symmetric distribution: Student's t-test, valid at every
 * look and without the assumption of normality.
 *
 * <p>If an observation is symmetric around zero, then its sign is a fair coin, whatever its size. A bet of the fraction
 * {@code f = tanh(l |x|)} on a positive sign multiplies the stake by 1 + f or 1 - f, and its size may depend on the sizes
 * so far. For normal observations with a mean of d standard deviations the likelihood ratio is such a bet, with {@code l =
 * d sqrt(1 + d^2) / rms}, where rms is the root of the mean square so far. E is a mixture over several d greater than 0,
 * half of it at 1. After n observations E is at most 2^n: no test can show more of signs. Sources: V. H. de la Peña, "A
 * general class of exponential inequalities for martingales and ratios" (1999); A. Ramdas, J. Ruf, M. Larsson, W. Koolen,
 * "Admissible anytime-valid sequential inference must rely on nonnegative martingales" (2022), section 5.
 *
 * @param observations the number of observations so far
 * @param sumOfSquares the sum of their squares
 * @param logWealth ln of what a stake of 1 on each d has become
 */
public record SignBets(long observations, double sumOfSquares, double[] logWealth) {

    /** Means, in standard deviations. */
    private static final double[] MEANS = {0.25, 0.5, 1, 2, 4};

    private static final double[] LOG_WEIGHTS = {
        Math.log(0.125), Math.log(0.125), Math.log(0.5), Math.log(0.125), Math.log(0.125)
    };

    /** No observations. */
    public static final SignBets NONE = new SignBets(0, 0, new double[MEANS.length]);

    /** The bets after one more observation. One of exactly zero has no sign and changes nothing. */
    public SignBets plus(double observation) {
        double squares = sumOfSquares + observation * observation;
        double rms = Math.sqrt(squares / (observations + 1));
        double[] wealth = logWealth.clone();
        for (int i = 0; rms > 0 && i < wealth.length; i++) {
            double mean = MEANS[i];
            double z = observation / rms * mean * Math.sqrt(1 + mean * mean);
            // ln(1 + tanh z), which does not overflow
            wealth[i] += Math.log(2) - Math.log1p(Math.exp(-2 * Math.abs(z))) - (z < 0 ? -2 * z : 0);
        }
        return new SignBets(observations + 1, squares, wealth);
    }

    /** ln E for a centre greater than zero. */
    public double logEvidence() {
        double[] terms = new double[MEANS.length];
        Arrays.setAll(terms, i -> LOG_WEIGHTS[i] + logWealth[i]);
        return Logarithms.sum(terms, i -> true);
    }
}
