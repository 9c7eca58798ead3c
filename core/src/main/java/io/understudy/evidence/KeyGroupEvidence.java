package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.Estimate;
import io.understudy.statistics.KeyGroupSums;
import java.util.Optional;

/**
 * Means over requests when keys are the independent units: the ratio of sums, with its variance from the differences
 * between groups of keys. The means are those of the arms or, if both models answer the same requests, of the
 * differences.
 */
final class KeyGroupEvidence extends EstimateEvidence {

    private static final long MIN_KEYS = 200;

    private final Tally.KeyGroups tally;
    private final boolean paired;

    KeyGroupEvidence(MetricSpec spec, Tally.KeyGroups tally, boolean paired) {
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
        if (keys.smaller() < MIN_KEYS) {
            return Optional.of(new Shortfall(Shortfall.Kind.KEYS, keys.smaller(), MIN_KEYS));
        }
        if (spec().kind().isBinary()) {
            // The pooled variance covers a small arm with few events.
            return Optional.empty();
        }
        boolean normal = paired
                ? tally.difference().isNormal()
                : tally.existing().isNormal() && tally.candidate().isNormal();
        return normal ? Optional.empty() : Optional.of(new Shortfall(Shortfall.Kind.KEYS_OR_EVENTS, 0, 0));
    }

    /** A key is one trial, however often it returns. Each fault counts as one of another key. */
    @Override
    double orNegligible(double logE, UnitCounts keys) {
        long trials = Math.min(keys.candidate(), candidateUnits());
        long faults = Math.min(trials, Math.round(candidateEstimate() * candidateUnits()));
        return withNegligible(logE, faults, trials);
    }
}
