package io.understudy.plan;

import io.understudy.assignment.Share;
import io.understudy.schema.MetricRole;
import io.understudy.schema.StageKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What one stage compares, and when it ends.
 *
 * @param kind shadow, canary or A/B
 * @param share the share of the units that the candidate serves
 * @param mirror the share of the units whose requests are mirrored to the candidate
 * @param metrics the metrics that the stage measures, in the rollout's order
 * @param minimum what the stage needs before it can pass
 * @param maximum when the stage ends without a decision
 * @param superiority whether at least one success metric must be better; otherwise it is enough that none is worse
 * @param fixed whether the stage is judged once, by a classical test at its end, and not after every window
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
     * What a stage needs before it can pass.
     *
     * @param units units in each arm
     * @param duration time since the stage began
     * @param cycles whole cycles since the stage began; 0 if it is not judged over cycles
     * @param coverage the fraction of each arm's requests with a known outcome, 0 to 1
     */
    public record Minimum(long units, Duration duration, long cycles, double coverage) {}

    /**
     * When a stage ends without a decision.
     *
     * @param units units in the smaller arm; empty for no such limit
     * @param duration time since the stage began; empty for no such limit
     */
    public record Maximum(Optional<Long> units, Optional<Duration> duration) {}

    /** Whether the stage passes and gives up only at the end of whole cycles. */
    public boolean isJudgedOverCycles() {
        return minimum.cycles() > 0;
    }

    /** Whether the stage has a declared end. */
    public boolean hasMaximum() {
        return maximum.units().isPresent() || maximum.duration().isPresent();
    }

    /** Whether both models answer the same requests. */
    public boolean isShadow() {
        return kind == StageKind.SHADOW;
    }

    /** Whether the candidate serves every unit, so that no existing arm is left to compare it with. */
    public boolean isFull() {
        return share.isAll();
    }

    /**
     * Whether the stage has neither guardrails nor a superiority requirement. Such a stage would have nothing to show,
     * so each of its success metrics must be shown not to be worse by its mde.
     */
    private boolean isUnguarded() {
        return !superiority && metrics.stream().noneMatch(metric -> metric.role() == MetricRole.GUARDRAIL);
    }

    /** Whether the stage passes only when {@code metric} is shown not to be worse. */
    public boolean mustHold(MetricSpec metric) {
        return metric.role() == MetricRole.GUARDRAIL || metric.role() == MetricRole.SUCCESS && isUnguarded();
    }

    /** The number of success metrics, one of which is enough to pass. */
    public long successMetrics() {
        return metrics.stream()
                .filter(metric -> metric.role() == MetricRole.SUCCESS)
                .count();
    }

    /** Whether at least one metric reads outcomes. */
    public boolean needsOutcomes() {
        return metrics.stream().anyMatch(metric -> metric.kind().needsOutcome());
    }

    /** Whether at least one metric counts a request at its maturity and not when its outcome arrives. */
    public boolean needsMaturity() {
        return metrics.stream().anyMatch(metric -> metric.maturity().isPresent());
    }

    /** Whether at least one metric compares both models' answers to the same request. */
    public boolean needsPairs() {
        return isShadow() && metrics.stream().anyMatch(metric -> metric.kind().isPairedInShadow());
    }
}
