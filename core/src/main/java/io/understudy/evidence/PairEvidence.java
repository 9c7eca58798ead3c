package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.OddsRatioLikelihood;
import io.understudy.statistics.PairCounts;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.BinomialTest;

/**
 * Right and wrong answers to the same requests, when the effect is declared as an odds ratio. Only discordant requests,
 * which one model alone answered right, show which model is better. Each request is a table with one answer in each
 * arm, so the conditional odds ratio of the arms is the odds that a discordant request was answered right by the
 * candidate.
 */
final class PairEvidence extends OddsEvidence {

    private final Tally.Pairs tally;

    PairEvidence(MetricSpec spec, Tally.Pairs tally) {
        super(spec);
        this.tally = tally;
    }

    @Override
    Tally tally() {
        return tally;
    }

    @Override
    OddsRatioLikelihood plus(Tally window, OddsRatioLikelihood before) {
        return before.plus(((Tally.Pairs) window).counts());
    }

    /** The log odds that a discordant request was answered right by the candidate. */
    @Override
    double effect() {
        PairCounts counts = tally.counts();
        return counts.discordant() == 0
                ? Double.NaN
                : Math.log((counts.candidateOnly() + HALF) / (counts.existingOnly() + HALF));
    }

    @Override
    double allowedDifference() {
        return spec().margin()
                .or(spec()::mde)
                .map(this::differenceAtOddsOfPairs)
                .orElse(0.0);
    }

    @Override
    double worthwhileDifference() {
        return spec().mde().map(this::differenceAtOddsOfPairs).orElse(Double.NaN);
    }

    /** The difference of the rates at which the discordant requests are in the ratio {@code odds} to 1. */
    private double differenceAtOddsOfPairs(double odds) {
        return (odds - 1)
                / (odds + 1)
                * tally.counts().discordant()
                / Math.max(1, tally.counts().pairs());
    }

    /** McNemar's exact test, or the same test against the odds of the margin. */
    @Override
    double p(Claim claim, UnitCounts keys) {
        long improved = spec().sign() > 0
                ? tally.counts().candidateOnly()
                : tally.counts().existingOnly();
        int pairs = (int) Math.min(Integer.MAX_VALUE, tally.counts().discordant());
        if (pairs == 0) {
            return Double.NaN;
        }
        double nullProbability =
                isAtMargin(claim) ? 1 / (1 + spec().margin().or(spec()::mde).orElse(1.0)) : HALF;
        return BinomialTest.withDefaults()
                .with(claim == Claim.HARM ? AlternativeHypothesis.LESS_THAN : AlternativeHypothesis.GREATER_THAN)
                .test(pairs, (int) improved, nullProbability)
                .getPValue();
    }
}
