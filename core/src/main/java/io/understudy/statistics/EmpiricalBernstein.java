package io.understudy.statistics;

import java.util.function.DoubleUnaryOperator;
import org.apache.commons.numbers.gamma.LogGamma;
import org.apache.commons.numbers.gamma.RegularizedGamma;

/**
 * The e-process for the mean of bounded observations, valid at any size: no normality, no gate.
 *
 * <p>The centre of each window is the mean of the windows before it, so it is known before the window's data: with S and Q the sums
 * of a window's observations and of their squares, {@code V += Q - 2 c S + n c^2}. For observations scaled to [0, 1],
 * {@code exp(sum - V psi)} is a supermartingale; mixed over a gamma prior of shape and rate rho it gives, with s = sum - n mu0,
 * {@code ln E = rho ln rho - ln Gamma(rho) - ln P(rho, rho) + ln Gamma(V+rho) + ln P(V+rho, s+V+rho) - (V+rho) ln(s+V+rho) + s + V},
 * P the regularised lower incomplete gamma function. Source: S. R. Howard, A. Ramdas, J. McAuliffe, J. Sekhon, "Time-uniform,
 * nonparametric, nonasymptotic confidence sequences" (2021), theorem 4 and proposition 9.
 *
 * <p>States of windows are not merged: a window's centre is the mean of those before it. A window's own sums are.
 *
 * @param low lowest value an observation can have
 * @param high highest value an observation can have, over low
 * @param n observations
 * @param sum their sum, scaled to [0, 1]
 * @param variation V, scaled likewise
 */
public record EmpiricalBernstein(double low, double high, long n, double sum, double variation) {

    private static final double FIRST_CENTRE = 0.5;
    /** Where the boundary is tightest: at a variation of about 100 / 8 at alpha .05. */
    private static final double RHO = 12;

    private static final double LOG_PRIOR =
            RHO * Math.log(RHO) - LogGamma.value(RHO) - Math.log(RegularizedGamma.P.value(RHO, RHO));

    private static final int BISECTIONS = 60;
    /** Values between the bounds at which two samples are compared. */
    private static final int GRID = 400;

    public EmpiricalBernstein {
        if (!(high > low)) {
            throw new IllegalArgumentException("bounds are " + low + " and " + high + "; the first must be lower");
        }
    }

    /** No observation yet. */
    public static EmpiricalBernstein empty(double low, double high) {
        return new EmpiricalBernstein(low, high, 0, 0, 0);
    }

    /** This with one window more, whose observations are within the bounds. */
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

    /** ln E for a mean on {@code side} of {@code mean}, one of GREATER and LESS; 0 without observations. */
    public double logEvidence(double mean, Side side) {
        if (n == 0) {
            return 0;
        }
        double scaled = (mean - low) / (high - low);
        double excess = sum - n * scaled;
        return switch (side) {
            case GREATER -> logSupermartingale(excess);
            case LESS -> logSupermartingale(-excess);
            case BOTH -> throw new IllegalArgumentException("one side at a time; each has half of alpha");
        };
    }

    /** The confidence sequence's ends, alpha / 2 a side; the bounds themselves while nothing is refuted. */
    public double[] interval(double alpha) {
        double mean = n == 0 ? (low + high) / 2 : low + (high - low) * sum / n;
        double threshold = Math.log(2 / alpha);
        return new double[] {
            edge(low, mean, threshold, Side.GREATER), edge(high, mean, threshold, Side.LESS),
        };
    }

    /** The value between {@code outer} and {@code inner} from which on nothing is refuted. */
    private double edge(double outer, double inner, double threshold, Side side) {
        double refuted = outer;
        double kept = inner;
        if (logEvidence(refuted, side) < threshold) {
            return outer;
        }
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (refuted + kept) / 2;
            if (logEvidence(middle, side) < threshold) {
                kept = middle;
            } else {
                refuted = middle;
            }
        }
        return refuted;
    }

    /**
     * ln E that the candidate's mean minus the existing model's is on {@code side} of {@code difference}, of two independent samples
     * with the same bounds: were it not, there would be a value that neither mean is on the claimed side of, and against that value
     * the product of both e-processes is one too. The least product over all values is therefore valid.
     */
    public static double logEvidence(
            EmpiricalBernstein existing, EmpiricalBernstein candidate, double difference, Side side) {
        if (existing.n == 0 || candidate.n == 0) {
            return 0;
        }
        DoubleUnaryOperator product =
                value -> candidate.logEvidence(value + difference, side) + existing.logEvidence(value, side.opposite());
        double step = (existing.high - existing.low) / GRID;
        double at = existing.low;
        for (int i = 1; i <= GRID; i++) {
            double value = existing.low + i * step;
            at = product.applyAsDouble(value) < product.applyAsDouble(at) ? value : at;
        }
        // The least value is near the least of the grid, and below it.
        double left = at - step;
        double right = at + step;
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
     * The mixture is {@code e^(s+V)} times the integral of {@code t^(v-1) e^(-xt)} from 0 to 1. For x over 0 that is an incomplete gamma
     * function; below, Jensen's inequality bounds it from below, which keeps what is claimed by it valid.
     */
    private double logSupermartingale(double excess) {
        double v = variation + RHO;
        double x = excess + variation + RHO;
        if (x <= 0) {
            return LOG_PRIOR - Math.log(v) - RHO + x / (v + 1);
        }
        return LOG_PRIOR + LogGamma.value(v) + logP(v, x) - v * Math.log(x) + excess + variation;
    }

    /** ln P(a, x); where P underflows, the first term of its series, x^a e^-x / Gamma(a+1), bounds it from below. */
    private static double logP(double a, double x) {
        double p = RegularizedGamma.P.value(a, x);
        return p > Double.MIN_NORMAL ? Math.log(p) : a * Math.log(x) - x - LogGamma.value(a + 1);
    }
}
