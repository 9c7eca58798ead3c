package io.understudy.judging;

import io.understudy.evidence.Claim;
import io.understudy.evidence.MetricLook;
import io.understudy.evidence.StageSnapshot;
import io.understudy.schema.MetricRole;
import java.util.Optional;

/** How long a decision will still take, if the evidence goes on as it has so far. */
final class Forecast {

    private Forecast() {}

    /** What a metric in this role is to show. */
    static Claim claim(MetricRole role) {
        return role == MetricRole.GUARDRAIL ? Claim.NON_INFERIOR : Claim.SUPERIOR;
    }

    /**
     * Units of the smaller arm that the slowest open claim still takes: log evidence grows in proportion to the units,
     * once it grows.
     *
     * @return empty when nothing is open, or some open claim has no evidence for it
     */
    static Optional<Long> remainingUnits(StageSnapshot snapshot, Thresholds thresholds) {
        double slowestGuardrail = 0;
        double fastestSuccess = Double.POSITIVE_INFINITY;
        for (MetricLook metric : snapshot.metrics()) {
            MetricRole role = metric.spec().role();
            double logE = metric.of(claim(role)).logEvidence();
            double times = logE > 0 ? thresholds.of(role) / logE - 1 : Double.POSITIVE_INFINITY;
            if (role == MetricRole.GUARDRAIL && !thresholds.isNotWorseShown(metric)) {
                slowestGuardrail = Math.max(slowestGuardrail, times);
            } else if (role == MetricRole.SUCCESS) {
                fastestSuccess = Math.min(fastestSuccess, times);
            }
        }
        double factor = snapshot.stage().superiority() ? Math.max(slowestGuardrail, fastestSuccess) : slowestGuardrail;
        return Double.isInfinite(factor) || factor <= 0
                ? Optional.empty()
                : Optional.of(Math.round(snapshot.smallerArm() * factor));
    }
}
