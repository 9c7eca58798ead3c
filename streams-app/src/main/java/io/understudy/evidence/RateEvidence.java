package io.understudy.evidence;

import io.understudy.schema.MetricRole;
import io.understudy.statistics.FixedHorizon;
import io.understudy.statistics.OddsRatioLikelihood;
import io.understudy.statistics.Side;
import io.understudy.statistics.Table;

/** Rates of independent requests in randomised arms: the conditional odds ratio, exact at any size and split. */
final class RateEvidence extends MetricEvidence {

    private static final double ANY_ALPHA = 0.05;
    private static final double HALF = 0.5;
    /** A diagnostic needs some scale for its interval. */
    private static final double USUAL_ODDS_RATIO = 1.2;

    private final Tally.Rates tally;
    private final double unit;
    private OddsRatioLikelihood likelihood;

    RateEvidence(MetricSpec spec, Tally.Rates tally) {
        super(spec);
        this.tally = tally;
        // The margin, where there is one, must be a point of the lattice.
        this.unit = Math.log(spec.margin().or(spec::mde).orElse(USUAL_ODDS_RATIO));
        this.likelihood = OddsRatioLikelihood.empty(0, unit);
    }

    @Override
    void absorb(Tally window) {
        super.absorb(window);
        likelihood = likelihood.plus(((Tally.Rates) window).table());
    }

    double[] logLikelihood() {
        return likelihood.logLikelihood();
    }

    /** Takes up what was kept. */
    void restore(double[] logLikelihood) {
        likelihood = OddsRatioLikelihood.of(0, unit, logLikelihood);
    }

    @Override
    Tally tally() {
        return tally;
    }

    @Override
    double effect() {
        Table t = tally.table();
        if (t.existingUnits() == 0 || t.candidateUnits() == 0) {
            return Double.NaN;
        }
        // Half a count in each cell keeps the estimate finite (J. B. S. Haldane, 1956).
        return Math.log((t.candidateSuccesses() + HALF) / (t.candidateUnits() - t.candidateSuccesses() + HALF))
                - Math.log((t.existingSuccesses() + HALF) / (t.existingUnits() - t.existingSuccesses() + HALF));
    }

    @Override
    double[] interval(double alpha) {
        return likelihood.interval(alpha);
    }

    @Override
    double logEvidence(Claim claim, Units keys) {
        Side worse = better().opposite();
        int margin = worse == Side.GREATER ? 1 : -1;
        return switch (claim) {
            case SUPERIOR -> likelihood.logEvidence(0, better());
            case NON_INFERIOR ->
                withNegligible(
                        likelihood.logEvidence(margin, better()), tally.table().candidateSuccesses(), candidateUnits());
            case HARM ->
                spec().role() == MetricRole.GUARDRAIL
                        ? likelihood.logEvidence(margin, worse)
                        : likelihood.logEvidence(0, worse);
        };
    }

    /** By the log odds ratio's normal approximation against a margin (B. Woolf, 1955), by z or Fisher's test without one. */
    @Override
    double p(Claim claim) {
        if (claim == Claim.SUPERIOR || claim == Claim.HARM && spec().role() != MetricRole.GUARDRAIL) {
            Side side = claim == Claim.SUPERIOR ? better() : better().opposite();
            return FixedHorizon.twoProportions(tally.table(), side, ANY_ALPHA).pToGoBy();
        }
        Table t = tally.table();
        double variance = 1 / (t.candidateSuccesses() + HALF)
                + 1 / (t.candidateUnits() - t.candidateSuccesses() + HALF)
                + 1 / (t.existingSuccesses() + HALF)
                + 1 / (t.existingUnits() - t.existingSuccesses() + HALF);
        double z = (spec().sign() * effect() + allowance()) / Math.sqrt(variance);
        var normal = org.apache.commons.statistics.distribution.NormalDistribution.of(0, 1);
        return claim == Claim.NON_INFERIOR ? normal.survivalProbability(z) : normal.cumulativeProbability(z);
    }

    @Override
    double worthwhile() {
        return spec().mde().map(Math::log).orElse(Double.NaN);
    }

    @Override
    double allowance() {
        return spec().margin().map(Math::log).orElse(0.0);
    }
}
