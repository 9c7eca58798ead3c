package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.Estimate;
import io.understudy.statistics.KeyGroupSums;
import java.util.Optional;

/**
 * Means over requests of keys that come back: the ratio of sums, its variance from the spread between buckets of keys. Of the arms, or
 * of the differences where both models answer the same requests.
 */
final class KeyGroupEvidence extends EstimateEvidence {

    private static final long FEWEST_KEYS = 200;

    private final Tally.Buckets tally;
    private final boolean paired;

    KeyGroupEvidence(MetricSpec spec, Tally.Buckets tally, boolean paired) {
        super(spec);
        this.tally = tally;
        this.paired = paired;
    }

    @Override
    Tally tally() {
        return tally;
    }

    @Override
    Estimate estimate() {
        return paired ? tally.difference().estimate() : KeyGroupSums.difference(tally.existing(), tally.candidate());
    }

    @Override
    double existingVariance() {
        double se = tally.existing().estimate().standardError();
        return paired ? 0 : se * se;
    }

    @Override
    Optional<Shortfall> shortfall(UnitCounts keys) {
        if (keys.smaller() < FEWEST_KEYS) {
            return Optional.of(new Shortfall(Shortfall.Kind.KEYS, keys.smaller(), FEWEST_KEYS));
        }
        if (spec().kind().isBinary()) {
            // The pooled variance guards against the few events of a small arm.
            return Optional.empty();
        }
        boolean normal = paired
                ? tally.difference().isNormal()
                : tally.existing().isNormal() && tally.candidate().isNormal();
        return normal ? Optional.empty() : Optional.of(new Shortfall(Shortfall.Kind.KEYS_OR_EVENTS, 0, 0));
    }

    /** A key counts as one trial, however often it comes back, and each fault as if it were another key's. */
    @Override
    double negligible(double logE, UnitCounts keys) {
        long trials = Math.min(keys.candidate(), candidateUnits());
        long faults = Math.min(trials, Math.round(candidateEstimate() * candidateUnits()));
        return withNegligible(logE, faults, trials);
    }
}
