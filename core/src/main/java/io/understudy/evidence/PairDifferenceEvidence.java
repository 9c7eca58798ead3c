package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.Estimate;
import io.understudy.statistics.MarginVariance;
import io.understudy.statistics.PairCounts;
import java.util.Optional;

/** Right and wrong answers to the same requests, when the effect is declared as a difference of rates. */
final class PairDifferenceEvidence extends EstimateEvidence {

    private final Tally.Pairs tally;

    PairDifferenceEvidence(MetricSpec spec, Tally.Pairs tally) {
        super(spec);
        this.tally = tally;
    }

    @Override
    Tally tally() {
        return tally;
    }

    @Override
    Estimate estimate() {
        return tally.counts().difference();
    }

    @Override
    double varianceAtMargin(double margin, UnitCounts keys) {
        PairCounts counts = tally.counts();
        double pairs = counts.pairs();
        return MarginVariance.ofPairs(pairs, counts.candidateOnly() / pairs, counts.existingOnly() / pairs, margin);
    }

    @Override
    Optional<Shortfall> shortfall(UnitCounts keys) {
        return untilNormal(Shortfall.Kind.REQUESTS_WITH_OUTCOME, tally.counts().pairs());
    }
}
