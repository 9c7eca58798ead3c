package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.Estimate;
import io.understudy.statistics.MarginVariance;
import io.understudy.statistics.NormalMixture;
import io.understudy.statistics.Side;
import java.util.Optional;
import org.apache.commons.statistics.distribution.NormalDistribution;

/** Evidence from a difference that is nearly normal: a normal mixture. There is no evidence until the gate opens. */
abstract class EstimateEvidence extends MetricEvidence {

    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    EstimateEvidence(MetricSpec spec) {
        super(spec);
    }

    /** The difference so far. */
    abstract Estimate estimate();

    @Override
    double effect() {
        return estimate().difference();
    }

    @Override
    double standardError() {
        return estimate().standardError();
    }

    @Override
    double[] interval(double alpha) {
        double tau = tau();
        return tau > 0 ? NormalMixture.intervalAround(estimate(), tau, alpha) : new double[] {Double.NaN, Double.NaN};
    }

    @Override
    double logEvidence(Claim claim, UnitCounts keys) {
        double tau = tau();
        if (!(tau > 0) || shortfall(keys).isPresent()) {
            return claim == Claim.NON_INFERIOR ? orNegligible(0, keys) : 0;
        }
        return switch (claim) {
            case SUPERIOR -> NormalMixture.logEvidenceAround(improvement(0), tau, Side.GREATER);
            case NON_INFERIOR ->
                orNegligible(NormalMixture.logEvidenceAround(overMargin(allowance(), keys), tau, Side.GREATER), keys);
            case HARM -> NormalMixture.logEvidenceAround(overMargin(allowedHarm(), keys), tau, Side.LESS);
        };
    }

    /** The difference in the good direction plus {@code margin}, with at least the variance at the margin. */
    private Estimate overMargin(double margin, UnitCounts keys) {
        Estimate improvement = improvement(margin);
        double atMargin = margin > 0 && spec().kind().isBinary() ? varianceAtMargin(margin, keys) : 0;
        return improvement.standardError() * improvement.standardError() < atMargin
                ? improvement.with(improvement.difference(), Math.sqrt(atMargin))
                : improvement;
    }

    /**
     * The variance of a difference between rates if the candidate were worse by {@code margin}; see
     * {@link MarginVariance}.
     */
    abstract double varianceAtMargin(double margin, UnitCounts keys);

    /** The variance at the margin when the arms are independent. */
    double varianceAtMargin(MarginVariance.Arm existing, MarginVariance.Arm candidate, double margin) {
        return isOdds()
                ? MarginVariance.ofOddsRatio(existing, candidate, oddsOfWorse())
                : MarginVariance.ofDifference(existing, candidate, -spec().sign() * margin);
    }

    /** The factor of the odds at which the candidate is worse by the margin. */
    private double oddsOfWorse() {
        return 1 / oddsOfBetter(spec().margin().or(spec()::mde).orElseThrow());
    }

    /** Units that are missing until the estimate is normal. */
    Optional<Shortfall> untilNormal(Shortfall.Kind kind, long units) {
        long needed = estimate().unitsToBeNormal(units);
        return units >= needed ? Optional.empty() : Optional.of(new Shortfall(kind, units, needed));
    }

    /**
     * ln E for non-inferiority when a negligible rate is enough, too.
     *
     * @param logE ln E for non-inferiority by comparison
     */
    double orNegligible(double logE, UnitCounts keys) {
        return logE;
    }

    private double allowedHarm() {
        return allowsHarm() ? allowance() : 0;
    }

    /**
     * The difference in the good direction plus {@code shift}. A shift that was computed from the existing rate is as
     * uncertain as that rate.
     */
    private Estimate improvement(double shift) {
        Estimate estimate = estimate();
        double variance = estimate.standardError() * estimate.standardError();
        if (shift > 0 && isOdds()) {
            variance = varianceOfImprovement(variance, slopeOfWorse());
        }
        return estimate.with(spec().sign() * estimate.difference() + shift, Math.sqrt(Math.max(0, variance)));
    }

    private boolean isOdds() {
        return spec().kind().isBinary()
                && spec().margin().or(spec()::mde).map(MetricSpec::isOddsRatio).orElse(false);
    }

    /**
     * The derivative, with respect to the existing rate, of the rate that is worse by the margin (the delta method).
     */
    private double slopeOfWorse() {
        double odds = oddsOfWorse();
        double rate = existingEstimate();
        double denominator = 1 - rate + rate * odds;
        return odds / (denominator * denominator);
    }

    /**
     * The variance of the candidate's rate minus a rate that is computed from the existing model's.
     *
     * @param ofDifference the variance of the difference between the two models' rates
     * @param slope the derivative of the computed rate with respect to the existing model's
     */
    double varianceOfImprovement(double ofDifference, double slope) {
        return ofDifference;
    }

    @Override
    double p(Claim claim, UnitCounts keys) {
        return switch (claim) {
            case SUPERIOR -> pOfGreater(improvement(0));
            case NON_INFERIOR -> pOfGreater(improvement(allowance()));
            case HARM -> 1 - pOfGreater(improvement(allowedHarm()));
        };
    }

    private static double pOfGreater(Estimate estimate) {
        return estimate.isDefined() ? NORMAL.survivalProbability(estimate.z()) : Double.NaN;
    }

    /** The standard deviation of the prior: the effect worth detecting, in the effect's unit. */
    double tau() {
        return spec().scale().map(this::inUnit).orElse(Double.NaN);
    }

    @Override
    double worthwhile() {
        return spec().mde().map(this::inUnit).orElse(Double.NaN);
    }

    @Override
    double allowance() {
        return spec().margin().or(spec()::mde).map(this::inUnitOfWorse).orElse(0.0);
    }

    /** An improvement of {@code effect}, in the effect's unit. */
    double inUnit(double effect) {
        return isOddsRatio(effect) ? differenceAtOdds(oddsOfBetter(effect)) : effect;
    }

    private double inUnitOfWorse(double effect) {
        return isOddsRatio(effect) ? differenceAtOdds(1 / oddsOfBetter(effect)) : effect;
    }

    private boolean isOddsRatio(double effect) {
        return spec().kind().isBinary() && MetricSpec.isOddsRatio(effect);
    }
}
