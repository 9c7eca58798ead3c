package io.understudy.evidence;

import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricKind;
import io.understudy.plan.StagePlan;
import io.understudy.schema.Disagreement;
import java.time.Duration;
import java.util.List;

/**
 * Everything a stage's evidence says at one look. Immutable: whoever holds it may judge and report at leisure.
 *
 * @param plan how the rollout is judged
 * @param stage the stage in question
 * @param elapsed from the stage's beginning to the end of the last window
 * @param existing traffic of the existing model's arm
 * @param candidate traffic of the candidate's arm
 * @param scoreEdges edges of the bins that both arms' scores are counted in, ascending; empty without a score
 * @param keys keys of both arms, sampled alike
 * @param sampleRatio the highest ln E at any look that units do not arrive as the shares say
 * @param labelledRatio the same for the units whose outcome is known
 * @param metrics one look for each of the stage's metrics, in their order
 * @param disagreements in a shadow, the last window's largest disagreements
 */
public record StageSnapshot(
        EvidencePlan plan,
        StagePlan stage,
        Duration elapsed,
        ArmSnapshot existing,
        ArmSnapshot candidate,
        List<Double> scoreEdges,
        KeySample keys,
        double sampleRatio,
        double labelledRatio,
        List<MetricLook> metrics,
        List<Disagreement> disagreements) {

    /** Independent units of both arms. */
    public UnitCounts units() {
        return new UnitCounts(existing.units(), candidate.units());
    }

    /** Units of the smaller arm; of the candidate's where it serves everybody. */
    public long smallerArm() {
        return stage.isFull() ? candidate.units() : units().smaller();
    }

    /** The fraction of the requests whose outcome is known, in the arm where fewer are. */
    public double coverage() {
        return Math.min(existing.coverage(), candidate.coverage());
    }

    /** Whether the stage has reached the maximum it declares. */
    public boolean isOver() {
        StagePlan.Maximum maximum = stage.maximum();
        return maximum.units().map(most -> smallerArm() >= most).orElse(false)
                || maximum.duration().map(most -> elapsed.compareTo(most) >= 0).orElse(false);
    }

    /** Whether a metric of {@code kind} has had no observation of the candidate. */
    public boolean isUnobserved(MetricKind kind) {
        return metrics.stream()
                .anyMatch(metric ->
                        metric.spec().kind() == kind && metric.candidate().units() == 0);
    }
}
