package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.Estimate;
import io.understudy.statistics.KeyGroupSums;
import io.understudy.statistics.MarginVariance;
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
    double varianceOfImprovement(double ofDifference, double slope) {
        double ofExisting = variance(tally.existing());
        if (!paired) {
            return ofDifference + (slope * slope - 1) * ofExisting;
        }
        // The arms answer the same requests: their covariance follows from the three variances.
        return slope * ofDifference + slope * (slope - 1) * ofExisting + (1 - slope) * variance(tally.candidate());
    }

    private static double variance(KeyGroupSums arm) {
        double se = arm.estimate().standardError();
        return se * se;
    }

    @Override
    double varianceAtMargin(double margin, UnitCounts keys) {
        MarginVariance.Arm existing = arm(tally.existing(), keys.existing());
        MarginVariance.Arm candidate = arm(tally.candidate(), keys.candidate());
        if (!paired) {
            return varianceAtMargin(existing, candidate, margin);
        }
        double pairs = Math.min(existing.size(), candidate.size());
        double difference = tally.difference().ratio();
        double se = tally.difference().estimate().standardError();
        // Only the sums of the differences are known. Their spread says how many requests the models disagree on.
        double disagreeing = Math.min(1, Math.max(Math.abs(difference), se * se * pairs + difference * difference));
        double improvement = spec().sign() * difference;
        return MarginVariance.ofPairs(
                pairs, (disagreeing + improvement) / 2, (disagreeing - improvement) / 2, Math.min(1, margin));
    }

    /**
     * The rate of one arm and the number of independent requests that its own are worth: their variance says so or, if
     * all are equal, each key is worth one.
     */
    private static MarginVariance.Arm arm(KeyGroupSums arm, long keys) {
        double rate = arm.ratio();
        double se = arm.estimate().standardError();
        double requests = arm.requests();
        double size = se > 0 ? Math.min(requests, rate * (1 - rate) / (se * se)) : Math.min(requests, (double) keys);
        return new MarginVariance.Arm(rate, Math.max(1, size));
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
        return estimate().isNormal()
                ? Optional.empty()
                : Optional.of(new Shortfall(Shortfall.Kind.KEYS_OR_EVENTS, 0, 0));
    }

    /** A key is one trial, however often it returns. Each fault counts as one of another key. */
    @Override
    double orNegligible(double logE, UnitCounts keys) {
        long trials = Math.min(keys.candidate(), candidateUnits());
        long faults = Math.min(trials, Math.round(candidateEstimate() * candidateUnits()));
        return withNegligible(logE, faults, trials);
    }
}
