package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.Estimate;
import io.understudy.statistics.Moments;
import io.understudy.statistics.SampleSizeGate;
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
    Optional<Shortfall> shortfall(UnitCounts keys) {
        var counts = tally.counts();
        Moments differences = moments(counts.candidateOnly(), 1)
                .merge(moments(counts.existingOnly(), -1))
                .merge(moments(counts.bothRight() + counts.bothWrong(), 0));
        long needed = SampleSizeGate.units(differences.skewness());
        return counts.pairs() >= needed
                ? Optional.empty()
                : Optional.of(new Shortfall(Shortfall.Kind.REQUESTS_WITH_OUTCOME, counts.pairs(), needed));
    }

    private static Moments moments(long n, double value) {
        return new Moments(n, n == 0 ? 0 : value, 0, 0);
    }
}
