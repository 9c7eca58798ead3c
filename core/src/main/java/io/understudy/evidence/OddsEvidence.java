package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.schema.MetricRole;
import io.understudy.statistics.OddsRatioLikelihood;
import io.understudy.statistics.Side;

/**
 * Evidence about odds ratios: a likelihood on a lattice whose unit is the log of the margin or, without a margin, of
 * the odds ratio worth detecting.
 */
abstract class OddsEvidence extends MetricEvidence {

    static final double HALF = 0.5;

    /** For a diagnostic, which may have neither margin nor mde, and still needs a scale for its interval. */
    private static final double DEFAULT_ODDS_RATIO = 1.2;

    private final double unit;
    private OddsRatioLikelihood likelihood;
    private OddsRatioLikelihood lastWindow;

    OddsEvidence(MetricSpec spec) {
        // If there is a margin, it must be a point of the lattice.
        this(spec, Math.log(spec.margin().or(spec::mde).orElse(DEFAULT_ODDS_RATIO)));
    }

    /** Evidence on a lattice whose unit is the log odds ratio {@code unit}, greater than 0. */
    OddsEvidence(MetricSpec spec, double unit) {
        super(spec);
        this.unit = unit;
        this.likelihood = OddsRatioLikelihood.empty(0, unit);
        this.lastWindow = likelihood;
    }

    @Override
    void absorb(Tally window) {
        super.absorb(window);
        lastWindow = plus(window, OddsRatioLikelihood.empty(0, unit));
        likelihood = likelihood.merge(lastWindow);
    }

    @Override
    void absorbAfter(MetricEvidence other, Tally window) {
        super.absorb(window);
        likelihood = likelihood.merge(((OddsEvidence) other).lastWindow);
    }

    /** The likelihood {@code before} plus one window. */
    abstract OddsRatioLikelihood plus(Tally window, OddsRatioLikelihood before);

    OddsRatioLikelihood likelihood() {
        return likelihood;
    }

    /** The state: the log likelihood at the lattice points. */
    double[] logLikelihood() {
        return likelihood.logLikelihood();
    }

    /** Restores the state that {@link #logLikelihood} returned. */
    void restore(double[] logLikelihood) {
        likelihood = OddsRatioLikelihood.of(0, unit, logLikelihood);
    }

    @Override
    double[] interval(double alpha) {
        return likelihood.interval(alpha);
    }

    @Override
    double logEvidence(Claim claim, UnitCounts keys) {
        Side worse = better().opposite();
        int margin = worse == Side.GREATER ? 1 : -1;
        return switch (claim) {
            case SUPERIOR -> likelihood.logEvidence(0, better());
            case NON_INFERIOR -> likelihood.logEvidence(isAtMargin(claim) ? margin : 0, better());
            case HARM -> likelihood.logEvidence(isAtMargin(claim) ? margin : 0, worse);
        };
    }

    /** Whether the claim is tested against the margin and not against no difference. */
    boolean isAtMargin(Claim claim) {
        return claim == Claim.NON_INFERIOR || claim == Claim.HARM && spec().role() == MetricRole.GUARDRAIL;
    }

    @Override
    double worthwhile() {
        return spec().mde().map(Math::log).orElse(Double.NaN);
    }

    @Override
    double allowance() {
        return spec().margin().or(spec()::mde).map(Math::log).orElse(0.0);
    }
}
