package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.Estimate;
import io.understudy.statistics.RatioSums;
import java.util.Optional;

/** Ratios of two sums of outcomes, such as revenue per session, with the variance between groups of units. */
final class RatioEvidence extends EstimateEvidence {

    private static final long MIN_UNITS = 200;

    private final Tally.Ratios tally;
    private final boolean byKey;

    RatioEvidence(MetricSpec spec, Tally.Ratios tally, boolean byKey) {
        super(spec);
        this.tally = tally;
        this.byKey = byKey;
    }

    @Override
    Tally tally() {
        return tally;
    }

    @Override
    Estimate estimate() {
        return RatioSums.difference(tally.existing(), tally.candidate());
    }

    /** A ratio of sums is not a rate. */
    @Override
    double varianceAtMargin(double margin, UnitCounts keys) {
        return 0;
    }

    @Override
    Optional<Shortfall> shortfall(UnitCounts keys) {
        long units = byKey ? keys.smaller() : Math.min(existingUnits(), candidateUnits());
        if (units < MIN_UNITS) {
            return Optional.of(new Shortfall(
                    byKey ? Shortfall.Kind.KEYS : Shortfall.Kind.REQUESTS_WITH_OUTCOME, units, MIN_UNITS));
        }
        return estimate().isNormal()
                        && tally.existing().isLinear()
                        && tally.candidate().isLinear()
                ? Optional.empty()
                : Optional.of(new Shortfall(Shortfall.Kind.KEYS_OR_EVENTS, 0, 0));
    }
}
