package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.Estimate;
import io.understudy.statistics.KeyGroupSums;
import java.util.Optional;

/**
 * A quantile of the latencies when keys are the independent units: the rate of a candidate's answers above a threshold
 * times the margin minus the rate of the existing model's answers above the threshold, which is known from the windows
 * before. At the margin the rates are equal, so both claims are tested against no difference.
 */
final class KeyLatencyEvidence extends EstimateEvidence {

    private static final long MIN_KEYS = 200;
    private static final double ANSWERS_ABOVE = 20;

    private final LatencyTally tally;
    private final double quantile;

    KeyLatencyEvidence(MetricSpec spec, LatencyTally tally) {
        super(spec);
        this.tally = tally;
        this.quantile = spec.quantile().orElseThrow();
    }

    @Override
    LatencyTally tally() {
        return tally;
    }

    @Override
    void prepare(Tally window) {
        LatencyTally latencies = (LatencyTally) window;
        LatencyThreshold.after(tally, quantile)
                .ifPresentOrElse(threshold -> latencies.countAbove(threshold.bin()), latencies::forgetCells);
    }

    private KeyGroupSums existing() {
        return tally.existing().above();
    }

    private KeyGroupSums candidate() {
        return tally.candidate().above();
    }

    @Override
    Estimate estimate() {
        Estimate difference = KeyGroupSums.difference(existing(), candidate());
        double inflation = LatencyThreshold.after(tally, quantile)
                .map(LatencyThreshold::inflation)
                .orElse(1.0);
        double se = existing().estimate().standardError();
        double variance = difference.standardError() * difference.standardError() + (inflation - 1) * se * se;
        return difference.with(difference.difference(), Math.sqrt(variance));
    }

    /** The answers of both arms above the threshold. */
    private double answersAbove() {
        return rate(existing()) * existing().requests()
                + rate(candidate()) * candidate().requests();
    }

    private static double rate(KeyGroupSums sums) {
        return sums.requests() == 0 ? 0 : sums.ratio();
    }

    @Override
    Optional<Shortfall> shortfall(UnitCounts keys) {
        if (keys.smaller() < MIN_KEYS) {
            return Optional.of(new Shortfall(Shortfall.Kind.KEYS, keys.smaller(), MIN_KEYS));
        }
        if (existing().requests() == 0) {
            return LatencyEvidence.answersMissing(tally, quantile);
        }
        return answersAbove() < ANSWERS_ABOVE
                ? Optional.of(new Shortfall(Shortfall.Kind.KEYS_OR_EVENTS, 0, 0))
                : Optional.empty();
    }

    /** By how much a candidate without any difference is below the rate at the margin. */
    @Override
    double tau() {
        double rate = answersAbove() / (existing().requests() + candidate().requests());
        return rate * (1 - Math.pow(LatencyTally.margin(spec()), -LatencyEvidence.TAIL_INDEX));
    }

    /** Undefined: a fixed test of a quantile is refused where the rollout is read. */
    @Override
    double p(Claim claim, UnitCounts keys) {
        return Double.NaN;
    }

    @Override
    double worthwhile() {
        return Double.NaN;
    }

    @Override
    double allowance() {
        return 0;
    }

    /** In milliseconds, as the quantiles are. */
    @Override
    double allowedDifference() {
        return existingEstimate() * (LatencyTally.margin(spec()) - 1);
    }

    /** Both claims are tested where the rates are equal, which the pooled variance covers. */
    @Override
    double varianceAtMargin(double margin, UnitCounts keys) {
        return 0;
    }
}
