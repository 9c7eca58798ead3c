package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.Estimate;
import io.understudy.statistics.Moments;
import io.understudy.statistics.SampleSizeGate;
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
        if (n == 0) {
            return Moments.NONE;
        }
        double p = (double) ones / n;
        return new Moments(n, p, n * p * (1 - p), n * p * (1 - p) * (1 - 2 * p));
    }

    @Override
    Optional<Shortfall> shortfall(UnitCounts keys) {
        long needed = Math.max(
                SampleSizeGate.units(existing().skewness()),
                SampleSizeGate.units(candidate().skewness()));
        long units = Math.min(existingUnits(), candidateUnits());
        return units >= needed
                ? Optional.empty()
                : Optional.of(new Shortfall(Shortfall.Kind.UNITS_FOR_RATE, units, needed));
    }

    @Override
    double orNegligible(double logE, UnitCounts keys) {
        TwoByTwoTable table = tally.table();
        return withNegligible(logE, table.candidateSuccesses(), table.candidateUnits());
    }
}
