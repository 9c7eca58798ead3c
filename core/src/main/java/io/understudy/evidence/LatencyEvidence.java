package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.OddsRatioLikelihood;
import io.understudy.statistics.TwoByTwoTable;
import java.util.Optional;

/**
 * A quantile of the latencies of independent requests: in each window, the odds of a candidate's answer above a
 * threshold times the margin against those of an existing model's answer above the threshold, which is known from the
 * windows before. At the margin the odds are equal, so both claims are tested against no difference. The effect is the
 * log odds ratio; below 0, the candidate's quantile is within the margin.
 */
final class LatencyEvidence extends OddsEvidence {

    /** ln of the odds ratio for each unit of ln of latency, in a tail between a lognormal and a heavy one. */
    static final double TAIL_INDEX = 3;

    private final LatencyTally tally;
    private final double quantile;
    private Optional<LatencyThreshold> threshold = Optional.empty();

    LatencyEvidence(MetricSpec spec, LatencyTally tally) {
        super(spec, TAIL_INDEX * Math.log(LatencyTally.margin(spec)));
        this.tally = tally;
        this.quantile = spec.quantile().orElseThrow();
    }

    @Override
    LatencyTally tally() {
        return tally;
    }

    @Override
    void prepare(Tally window) {
        threshold = LatencyThreshold.after(tally, quantile);
    }

    @Override
    OddsRatioLikelihood plus(Tally window, OddsRatioLikelihood before) {
        return threshold
                .map(known -> {
                    TwoByTwoTable table = ((LatencyTally) window).tableAt(known.bin());
                    return before.plus(table, known.weight(table));
                })
                .orElse(before);
    }

    @Override
    Optional<Shortfall> shortfall(UnitCounts keys) {
        return Double.isNaN(effect()) ? answersMissing(tally, quantile) : Optional.empty();
    }

    static Optional<Shortfall> answersMissing(LatencyTally tally, double quantile) {
        long needed = LatencyThreshold.answersNeeded(quantile);
        return tally.existingUnits() >= needed
                ? Optional.empty()
                : Optional.of(new Shortfall(Shortfall.Kind.ANSWERS_FOR_QUANTILE, tally.existingUnits(), needed));
    }

    @Override
    boolean isAtMargin(Claim claim) {
        return false;
    }

    @Override
    double effect() {
        return likelihood().mostLikely();
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
}
