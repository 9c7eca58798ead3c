package io.understudy.plan;

import io.understudy.assignment.Share;
import io.understudy.schema.MetricRole;
import io.understudy.schema.StageKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What one stage compares and when it is over.
 *
 * @param kind shadow, canary or A/B
 * @param share share of the units the candidate serves
 * @param mirror share of the units that are mirrored
 * @param metrics the metrics that are measured in it, in the rollout's order
 * @param minimum what must be there before it passes
 * @param maximum when it ends without a decision
 * @param superiority whether some success metric must be better, not only none worse
 * @param fixed whether it is judged by one classical test at its end, rather than at every window
 */
public record StagePlan(
        StageKind kind,
        Share share,
        Share mirror,
        List<MetricSpec> metrics,
        Minimum minimum,
        Maximum maximum,
        boolean superiority,
        boolean fixed) {

    /**
     * What must be there before a stage passes.
     *
     * @param units units of each arm
     * @param duration time since the stage began
     * @param coverage part of each arm's requests whose outcome is known, 0 to 1
     */
    public record Minimum(long units, Duration duration, double coverage) {}

    /**
     * When a stage ends without a decision.
     *
     * @param units units of the smaller arm
     * @param duration time since the stage began
     */
    public record Maximum(Optional<Long> units, Optional<Duration> duration) {}

    /** Whether both models answer the same requests. */
    public boolean isShadow() {
        return kind == StageKind.SHADOW;
    }

    /** Whether the candidate serves everybody, and nobody is left to compare it with. */
    public boolean isFull() {
        return share.isAll();
    }

    /**
     * Whether the stage asks for nothing but that no harm shows. Without guardrails and superiority nothing would have to be shown at
     * all, so each success metric must then not be worse by its mde.
     */
    private boolean isUnguarded() {
        return !superiority && metrics.stream().noneMatch(metric -> metric.role() == MetricRole.GUARDRAIL);
    }

    /** Whether the stage passes only when {@code metric} is shown not to be worse. */
    public boolean mustHold(MetricSpec metric) {
        return metric.role() == MetricRole.GUARDRAIL || metric.role() == MetricRole.SUCCESS && isUnguarded();
    }

    /** Whether some metric reads outcomes. */
    public boolean needsOutcomes() {
        return metrics.stream().anyMatch(metric -> metric.kind().needsOutcome());
    }

    /** Whether some metric needs both models' answers to one request side by side. */
    public boolean needsPairs() {
        return isShadow() && metrics.stream().anyMatch(metric -> metric.kind().isPairedInShadow());
    }
}
