package io.understudy.evidence;

import io.understudy.assignment.Buckets;
import io.understudy.schema.StageKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What one stage compares and when it is over.
 *
 * @param kind shadow, canary or A/B
 * @param share part of the units the candidate serves, in 1/100 000
 * @param mirror part of the units that are mirrored, in 1/100 000
 * @param metrics the metrics that are measured in it, in the rollout's order
 * @param minimum what must be there before it passes
 * @param maximum when it ends without a decision
 * @param superiority whether some success metric must be better, not only none worse
 * @param fixed whether it is judged by one classical test at its end, rather than at every window
 */
public record StagePlan(
        StageKind kind,
        int share,
        int mirror,
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
        return share == Buckets.COUNT;
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
