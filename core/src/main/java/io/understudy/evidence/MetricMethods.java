package io.understudy.evidence;

import io.understudy.plan.MetricKind;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.StagePlan;

/** Chooses the method by which a metric is judged. */
final class MetricMethods {

    private MetricMethods() {}

    /**
     * No evidence yet, with the method that fits the metric, the stage and the independent unit.
     *
     * @param tally no observations, in the form that these need
     */
    static MetricEvidence choose(MetricSpec spec, StagePlan stage, Tally tally, boolean byKey) {
        boolean paired = stage.isShadow() && spec.kind().isPairedInShadow();
        boolean odds = spec.scale().map(MetricSpec::isOddsRatio).orElse(true);
        if (tally instanceof Tally.Scores scores) {
            return new DriftEvidence(spec, scores);
        }
        if (spec.kind() == MetricKind.AGREEMENT) {
            return new AgreementEvidence(spec, (Tally.Rates) tally, byKey);
        }
        if (tally instanceof LatencyTally latencies) {
            return byKey ? new KeyLatencyEvidence(spec, latencies) : new LatencyEvidence(spec, latencies);
        }
        if (tally instanceof Tally.Ratios ratios) {
            return new RatioEvidence(spec, ratios, byKey);
        }
        if (tally instanceof Tally.KeyGroups groups) {
            return new KeyGroupEvidence(spec, groups, paired);
        }
        if (tally instanceof Tally.Pairs pairs) {
            return odds ? new PairEvidence(spec, pairs) : new PairDifferenceEvidence(spec, pairs);
        }
        if (tally instanceof Tally.Rates rates) {
            return odds ? new RateEvidence(spec, rates) : new RateDifferenceEvidence(spec, rates);
        }
        return spec.bounds().isPresent()
                ? new BoundedEvidence(spec, (Tally.Means) tally, paired)
                : new MeanEvidence(spec, (Tally.Means) tally, paired);
    }
}
