package io.understudy.evidence;

import io.understudy.plan.MetricKind;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.StagePlan;
import io.understudy.statistics.KeyGroupSums;

/** Chooses the form in which a metric's observations are added up. */
final class Tallies {

    private Tallies() {}

    /** No observations yet, in the form that the metric, the stage and the independent unit need. */
    static Tally empty(MetricSpec metric, StagePlan stage, boolean byKey) {
        return empty(metric, stage, byKey, KeyGroupSums.COUNT);
    }

    /**
     * No observations yet.
     *
     * @param buckets the number of buckets of units; observations of more buckets are added to these
     */
    static Tally empty(MetricSpec metric, StagePlan stage, boolean byKey, int buckets) {
        boolean paired = stage.isShadow() && metric.kind().isPairedInShadow();
        if (metric.kind() == MetricKind.SCORE_DRIFT) {
            return new Tally.Scores();
        }
        if (metric.kind() == MetricKind.AGREEMENT) {
            return new Tally.Rates();
        }
        if (metric.kind() == MetricKind.LATENCY_QUANTILE) {
            return new LatencyTally(metric, byKey, buckets);
        }
        if (metric.kind() == MetricKind.RATIO) {
            return new Tally.Ratios(buckets);
        }
        if (byKey) {
            return new Tally.KeyGroups(buckets);
        }
        if (!metric.kind().isBinary()) {
            return new Tally.Means();
        }
        return paired ? new Tally.Pairs() : new Tally.Rates();
    }
}
