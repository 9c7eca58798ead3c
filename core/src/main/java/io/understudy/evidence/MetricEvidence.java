package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.schema.MetricRole;
import io.understudy.statistics.BinomialMixture;
import io.understudy.statistics.Side;
import java.util.Optional;

/**
 * The evidence of all windows of a stage about one metric. Each kind of data has its own subclass with its own method;
 * they all answer the same claims. Mutable, for one thread.
 */
abstract class MetricEvidence {

    private final MetricSpec spec;

    MetricEvidence(MetricSpec spec) {
        this.spec = spec;
    }

    /** Adds the metric's observations of one window. */
    void absorb(Tally window) {
        tally().addAll(window);
    }

    /**
     * Adds a window that other evidence about the same metric has just absorbed.
     *
     * @param other evidence that may share what it has computed from the window
     */
    void absorbAfter(MetricEvidence other, Tally window) {
        absorb(window);
    }

    /** All observations so far. */
    abstract Tally tally();

    MetricSpec spec() {
        return spec;
    }

    /** The number of observations of the existing model. */
    long existingUnits() {
        return tally().existingUnits();
    }

    /** The number of observations of the candidate. */
    long candidateUnits() {
        return tally().candidateUnits();
    }

    /** The existing model's mean or rate; NaN when undefined. */
    double existingEstimate() {
        return tally().existingEstimate();
    }

    /** The candidate's mean or rate; NaN when undefined. */
    double candidateEstimate() {
        return tally().candidateEstimate();
    }

    /** The effect: candidate minus existing, or the log odds ratio; NaN when undefined. */
    abstract double effect();

    /** The standard error of the effect; NaN for a method without one. */
    double standardError() {
        return Double.NaN;
    }

    /** The ends of the effect's confidence sequence at {@code alpha}; NaN or infinite where it has no end. */
    abstract double[] interval(double alpha);

    /** ln E for a claim; 0 is no evidence. */
    abstract double logEvidence(Claim claim, UnitCounts keys);

    /** The p-value of a claim by the classical test for a single look; NaN when undefined. */
    abstract double p(Claim claim, UnitCounts keys);

    /** The smallest improvement worth having, in the effect's unit; NaN when none is declared. */
    abstract double worthwhile();

    /** The data that are still missing before the method is valid; empty when none are. */
    Optional<Shortfall> shortfall(UnitCounts keys) {
        return Optional.empty();
    }

    /** Whether the point estimate agrees with the claim. */
    boolean pointsTo(Claim claim) {
        double improvement = spec.sign() * effect();
        return switch (claim) {
            case SUPERIOR -> improvement > 0;
            case NON_INFERIOR -> improvement > -allowance() || allowance() == 0 && improvement >= 0;
            case HARM -> improvement < -(spec.role() == MetricRole.GUARDRAIL ? allowance() : 0);
        };
    }

    /** How much worse the candidate may be, in the effect's unit; 0 without a margin. */
    abstract double allowance();

    /** Whether the candidate may be worse by the margin without doing harm. */
    boolean allowsHarm() {
        return spec.role() == MetricRole.GUARDRAIL;
    }

    /** The candidate's mean or rate minus that of the existing model, in the good direction; NaN when undefined. */
    double improvement() {
        return spec.sign() * (candidateEstimate() - existingEstimate());
    }

    /** How much worse the candidate may be, as {@link #improvement} counts; 0 without a margin. */
    double allowedDifference() {
        return allowance();
    }

    /** The smallest improvement worth having, as {@link #improvement} counts; NaN when none is declared. */
    double worthwhileDifference() {
        return worthwhile();
    }

    /** How far the existing model's rate moves if its odds are multiplied by {@code oddsRatio}. */
    double differenceAtOdds(double oddsRatio) {
        double rate = existingEstimate();
        return Math.abs(rate * oddsRatio / (1 - rate + rate * oddsRatio) - rate);
    }

    /** The factor of the odds that makes a rate better by the odds ratio {@code effect}. */
    double oddsOfBetter(double effect) {
        return spec.sign() > 0 ? effect : 1 / effect;
    }

    /** The side on which an effect is an improvement. */
    Side better() {
        return spec.better();
    }

    /**
     * ln of the average of two e-values, which is an e-value for the claim that at least one of the two null hypotheses
     * is false.
     */
    static double logAverage(double logE, double otherLogE) {
        double larger = Math.max(logE, otherLogE);
        return larger + Math.log((Math.exp(logE - larger) + Math.exp(otherLogE - larger)) / 2);
    }

    /**
     * ln E that the rate of faults is below {@code spec.negligible()}; 0 when the metric has no negligible rate.
     *
     * @param faults number of faults among the trials
     * @param trials number of independent trials
     */
    double logNegligible(long faults, long trials) {
        double limit = spec.negligible();
        return limit > 0 ? BinomialMixture.logEvidence(faults, trials - faults, limit, 1 / limit, Side.LESS) : 0;
    }

    /**
     * ln E that the candidate is non-inferior or has a negligible rate of faults.
     *
     * @param logE ln E for non-inferiority by comparison
     */
    double withNegligible(double logE, long faults, long trials) {
        return spec.negligible() > 0 ? logAverage(logE, logNegligible(faults, trials)) : logE;
    }

    /** Whether the candidate's estimated rate of faults is negligible. */
    boolean looksNegligible() {
        return spec.negligible() > 0 && candidateEstimate() < spec.negligible();
    }
}
