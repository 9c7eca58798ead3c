package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.OddsRatioLikelihood;
import io.understudy.statistics.PairCounts;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.BinomialTest;

/**
 * Right and wrong on the same requests: only those that one model alone got right say which is better. A request is a table of its own,
 * one answer in each arm, so the conditional odds ratio of the arms becomes the odds that a discordant request is the candidate's.
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
    OddsRatioLikelihood with(Tally window, OddsRatioLikelihood before) {
        return before.plus(((Tally.Pairs) window).counts());
    }

    /** The log odds that a discordant request is the candidate's. */
    @Override
    double effect() {
        PairCounts counts = tally.counts();
        return counts.discordant() == 0
                ? Double.NaN
                : Math.log((counts.candidateOnly() + HALF) / (counts.existingOnly() + HALF));
    }

    /** McNemar's exact test, or the same against the odds of the margin. */
    @Override
    double p(Claim claim) {
        long good = spec().sign() > 0
                ? tally.counts().candidateOnly()
                : tally.counts().existingOnly();
        int pairs = (int) Math.min(Integer.MAX_VALUE, tally.counts().discordant());
        if (pairs == 0) {
            return Double.NaN;
        }
        double chance =
                isAtMargin(claim) ? 1 / (1 + spec().margin().or(spec()::mde).orElse(1.0)) : HALF;
        return BinomialTest.withDefaults()
                .with(claim == Claim.HARM ? AlternativeHypothesis.LESS_THAN : AlternativeHypothesis.GREATER_THAN)
                .test(pairs, (int) good, chance)
                .getPValue();
    }
}
