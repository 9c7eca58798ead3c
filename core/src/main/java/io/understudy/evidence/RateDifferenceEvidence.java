package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.Estimate;
import io.understudy.statistics.MarginVariance;
import io.understudy.statistics.Moments;
import io.understudy.statistics.TwoByTwoTable;
import java.util.Optional;

/** Rates of independent requests, when the effect is declared as a difference of rates: means of zeros and ones. */
final class RateDifferenceEvidence extends EstimateEvidence {

    private final Tally.Rates tally;

    RateDifferenceEvidence(MetricSpec spec, Tally.Rates tally) {
        super(spec);
        this.tally = tally;
    }

    @Override
    Tally tally() {
        return tally;
    }

    @Override
    Estimate estimate() {
        return Estimate.between(existing(), candidate());
    }

    private Moments existing() {
        return moments(tally.table().existingUnits(), tally.table().existingSuccesses());
    }

    private Moments candidate() {
        return moments(tally.table().candidateUnits(), tally.table().candidateSuccesses());
    }

    /** The moments of {@code n} zeros and ones. */
    private static Moments moments(long n, long ones) {
        return Moments.constant(ones, 1).merge(Moments.constant(n - ones, 0));
    }

    @Override
    double varianceAtMargin(double margin, UnitCounts keys) {
        return varianceAtMargin(
                new MarginVariance.Arm(existingEstimate(), existingUnits()),
                new MarginVariance.Arm(candidateEstimate(), candidateUnits()),
                margin);
    }

    @Override
    Optional<Shortfall> shortfall(UnitCounts keys) {
        return untilNormal(Shortfall.Kind.UNITS_FOR_RATE, Math.min(existingUnits(), candidateUnits()));
    }

    @Override
    double orNegligible(double logE, UnitCounts keys) {
        TwoByTwoTable table = tally.table();
        return withNegligible(logE, table.candidateSuccesses(), table.candidateUnits());
    }
}
