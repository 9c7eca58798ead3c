package io.understudy.statistics;

import java.util.function.DoubleUnaryOperator;
import org.apache.commons.numbers.gamma.LogGamma;
import org.apache.commons.numbers.gamma.RegularizedGamma;

/**
 * The e-process for the mean of bounded observations. It is valid at any sample size: it neither assumes normality nor
 * needs a gate.
 *
 * <p>The centre c of a window is the mean of all windows before it, so it is known before the window's data. With S and
 * Q the sums of a window's observations and of their squares, {@code V += Q - 2 c S + n c^2}. For observations scaled
 * to [0, 1], {@code exp(sum - V psi)} is a supermartingale. Mixed over a gamma prior with shape and rate rho, and with
 * s = sum - n mu0, it gives {@code ln E = rho ln rho - ln Gamma(rho) - ln P(rho, rho) + ln Gamma(V+rho) + ln P(V+rho,
 * s+V+rho) - (V+rho) ln(s+V+rho) + s + V}, where P is the regularised lower incomplete gamma function. Source: S. R.
 * Howard, A. Ramdas, J. McAuliffe, J. Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences" (2021),
 * theorem 4 and proposition 9.
 *
 * <p>States of different windows cannot be merged, because a window's centre is the mean of the windows before it. The
 * sums within one window can.
 *
 * @param low the lowest possible value of an observation
 * @param high the highest possible value of an observation, greater than low
 * @param n number of observations
 * @param sum the sum of the observations, scaled to [0, 1]
 * @param variation V, scaled in the same way
 */
public record EmpiricalBernstein(double low, double high, long n, double sum, double variation) {

    private static final double FIRST_CENTRE = 0.5;
    /** Makes the boundary tightest at a variation of about 100 / 8, for alpha = .05. */
    private static final double RHO = 12;

    private static final double LOG_PRIOR =
            RHO * Math.log(RHO) - LogGamma.value(RHO) - Math.log(RegularizedGamma.P.value(RHO, RHO));

    private static final int BISECTIONS = 60;
    /** Steps between the bounds on the grid where two samples are compared. */
    private static final int GRID_STEPS = 400;

    public EmpiricalBernstein {
        if (!(high > low)) {
            throw new IllegalArgumentException(
                    "bounds are " + low + " and " + high + "; the first must be less than the second");
        }
    }

    /** No observation yet. */
    public static EmpiricalBernstein empty(double low, double high) {
        return new EmpiricalBernstein(low, high, 0, 0, 0);
    }

    /** This state plus one window, all of whose observations are within the bounds. */
    public EmpiricalBernstein plus(Moments window) {
        if (window.n() == 0) {
            return this;
        }
        double width = high - low;
        double mean = (window.mean() - low) / width;
        double centre = n == 0 ? FIRST_CENTRE : sum / n;
        double deviation = mean - centre;
        return new EmpiricalBernstein(
                low,
                high,
                n + window.n(),
                sum + window.n() * mean,
                variation + window.m2() / (width * width) + window.n() * deviation * deviation);
    }

    /** ln E for a mean on {@code side} of {@code mean}; 0 without observations. {@code side} is GREATER or LESS. */
    public double logEvidence(double mean, Side side) {
        if (n == 0) {
            return 0;
        }
        double scaled = (mean - low) / (high - low);
        double excess = sum - n * scaled;
        return switch (side) {
            case GREATER -> logSupermartingale(excess);
            case LESS -> logSupermartingale(-excess);
            case BOTH ->
                throw new IllegalArgumentException("side is BOTH; it must be GREATER or LESS, each with half of alpha");
        };
    }

    /**
     * The ends of the confidence sequence, with alpha / 2 on each side. While no value is refuted, they are the bounds.
     */
    public double[] interval(double alpha) {
        double mean = n == 0 ? (low + high) / 2 : low + (high - low) * sum / n;
        double threshold = Math.log(2 / alpha);
        return new double[] {
            edge(low, mean, threshold, Side.GREATER), edge(high, mean, threshold, Side.LESS),
        };
    }

    /**
     * The border between the refuted values on the side of {@code outer} and the possible values around {@code inner}.
     */
    private double edge(double outer, double inner, double threshold, Side side) {
        double refuted = outer;
        double possible = inner;
        if (logEvidence(refuted, side) < threshold) {
            return outer;
        }
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (refuted + possible) / 2;
            if (logEvidence(middle, side) < threshold) {
                possible = middle;
            } else {
                refuted = middle;
            }
        }
        return refuted;
    }

    /**
     * ln E that the candidate's mean minus the existing model's mean is on {@code side} of {@code difference}, for two
     * independent samples with the same bounds. If the claim is false, there is a value such that neither mean is on
     * the claimed side of it, and against that value the product of both e-processes is an e-process, too. Therefore
     * the minimum of the product over all values is valid.
     */
    public static double logEvidence(
            EmpiricalBernstein existing, EmpiricalBernstein candidate, double difference, Side side) {
        if (existing.n == 0 || candidate.n == 0) {
            return 0;
        }
        DoubleUnaryOperator product =
                value -> candidate.logEvidence(value + difference, side) + existing.logEvidence(value, side.opposite());
        double step = (existing.high - existing.low) / GRID_STEPS;
        double lowest = existing.low;
        for (int i = 1; i <= GRID_STEPS; i++) {
            double value = existing.low + i * step;
            lowest = product.applyAsDouble(value) < product.applyAsDouble(lowest) ? value : lowest;
        }
        // The minimum is within one step of the lowest grid point, and not above it.
        double left = lowest - step;
        double right = lowest + step;
        for (int i = 0; i < BISECTIONS; i++) {
            double third = (right - left) / 3;
            if (product.applyAsDouble(left + third) < product.applyAsDouble(right - third)) {
                right -= third;
            } else {
                left += third;
            }
        }
        return product.applyAsDouble((left + right) / 2);
    }

    /**
     * The mixture is {@code e^(s+V)} times the integral of {@code t^(v-1) e^(-xt)} from 0 to 1. For positive x the
     * integral is an incomplete gamma function. For other x, Jensen's inequality gives a lower bound of it, so the
     * e-process stays valid.
     */
    private double logSupermartingale(double excess) {
        double v = variation + RHO;
        double x = excess + variation + RHO;
        if (x <= 0) {
            return LOG_PRIOR - Math.log(v) - RHO + x / (v + 1);
        }
        return LOG_PRIOR + LogGamma.value(v) + logP(v, x) - v * Math.log(x) + excess + variation;
    }

    /** ln P(a, x). Where P underflows, the first term of its series, x^a e^-x / Gamma(a+1), serves as a lower bound. */
    private static double logP(double a, double x) {
        double p = RegularizedGamma.P.value(a, x);
        return p > Double.MIN_NORMAL ? Math.log(p) : a * Math.log(x) - x - LogGamma.value(a + 1);
    }
}
