package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.schema.MetricRole;
import io.understudy.statistics.Estimate;
import io.understudy.statistics.NormalMixture;
import io.understudy.statistics.Side;
import org.apache.commons.statistics.distribution.NormalDistribution;

/** Evidence from a difference that is nearly normal: silent until its gate opens, then a normal mixture. */
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
        return tau > 0 ? NormalMixture.interval(estimate(), tau, alpha) : new double[] {Double.NaN, Double.NaN};
    }

    @Override
    double logEvidence(Claim claim, UnitCounts keys) {
        double tau = tau();
        if (!(tau > 0) || shortfall(keys).isPresent()) {
            return claim == Claim.NON_INFERIOR ? negligible(0, keys) : 0;
        }
        return switch (claim) {
            case SUPERIOR -> NormalMixture.logEvidenceAround(good(0), tau, Side.GREATER);
            case NON_INFERIOR ->
                negligible(NormalMixture.logEvidenceAround(good(allowance()), tau, Side.GREATER), keys);
            case HARM -> NormalMixture.logEvidenceAround(good(allowed()), tau, Side.LESS);
        };
    }

    /** What is left of {@code logE} for non-inferiority when a negligible rate counts too. */
    double negligible(double logE, UnitCounts keys) {
        return logE;
    }

    private double allowed() {
        return spec().role() == MetricRole.GUARDRAIL ? allowance() : 0;
    }

    /** The difference in the good direction plus a shift; a shift that was reckoned from the existing rate is as unsure as that is. */
    private Estimate good(double shift) {
        Estimate estimate = estimate();
        double variance = estimate.standardError() * estimate.standardError();
        if (shift > 0 && isOdds()) {
            double slope = slopeOfWorse();
            variance += (slope * slope - 1) * existingVariance();
        }
        return new Estimate(spec().sign() * estimate.difference() + shift, Math.sqrt(variance));
    }

    private boolean isOdds() {
        return spec().kind().isBinary()
                && spec().margin().or(spec()::mde).map(MetricSpec::isOddsRatio).orElse(false);
    }

    /** How the rate that is worse by the margin moves with the existing rate (the delta method). */
    private double slopeOfWorse() {
        double effect = spec().margin().or(spec()::mde).orElseThrow();
        double odds = spec().sign() > 0 ? 1 / effect : effect;
        double rate = existingEstimate();
        double denominator = 1 - rate + rate * odds;
        return odds / (denominator * denominator);
    }

    /** Variance of the existing model's own estimate, where it is a part of the difference's; 0 otherwise. */
    double existingVariance() {
        return 0;
    }

    @Override
    double p(Claim claim) {
        return switch (claim) {
            case SUPERIOR -> above(good(0));
            case NON_INFERIOR -> above(good(allowance()));
            case HARM -> 1 - above(good(allowed()));
        };
    }

    private static double above(Estimate estimate) {
        return estimate.isDefined()
                ? NORMAL.survivalProbability(estimate.difference() / estimate.standardError())
                : Double.NaN;
    }

    /** The prior's standard deviation: the effect worth detecting, in the effect's unit. */
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
        return spec().kind().isBinary() && MetricSpec.isOddsRatio(effect)
                ? Math.abs(rateAfter(spec().sign() > 0 ? effect : 1 / effect) - existingEstimate())
                : effect;
    }

    private double inUnitOfWorse(double effect) {
        return spec().kind().isBinary() && MetricSpec.isOddsRatio(effect)
                ? Math.abs(rateAfter(spec().sign() > 0 ? 1 / effect : effect) - existingEstimate())
                : effect;
    }

    /** The existing model's rate with its odds multiplied. */
    private double rateAfter(double oddsRatio) {
        double rate = existingEstimate();
        return rate * oddsRatio / (1 - rate + rate * oddsRatio);
    }
}
