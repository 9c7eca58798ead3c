package io.understudy.evidence;

import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricKind;
import io.understudy.plan.StagePlan;
import io.understudy.schema.Disagreement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The evidence of a stage at one look: everything that the judge and the report need. Immutable.
 *
 * @param plan how the rollout is judged
 * @param stage the plan of this stage
 * @param elapsed the time from the start of the stage to the end of the last window
 * @param cycles the progress in cycles; empty if the stage is not judged over cycles
 * @param existing traffic of the existing model's arm
 * @param candidate traffic of the candidate's arm
 * @param scoreEdges the edges of the bins in which both arms' scores are counted, ascending; empty without scores
 * @param keys a sample of the keys of both arms
 * @param sampleRatio ln E for a sample ratio mismatch of the units
 * @param requestRatio ln E that the candidate's keys have more or fewer requests than their share
 * @param sampleRatioTested whether there are requests whose sample ratio can be tested
 * @param coverage for each deciding metric that needs an outcome, how evenly the outcomes have arrived
 * @param metrics one look at each of the stage's metrics, in the plan's order
 * @param disagreements in a shadow stage, the largest disagreements of the last window
 */
public record StageSnapshot(
        EvidencePlan plan,
        StagePlan stage,
        Duration elapsed,
        Optional<CycleProgress> cycles,
        ArmSnapshot existing,
        ArmSnapshot candidate,
        List<Double> scoreEdges,
        KeySample keys,
        double sampleRatio,
        double requestRatio,
        boolean sampleRatioTested,
        List<CoverageLook> coverage,
        List<MetricLook> metrics,
        List<Disagreement> disagreements) {

    /** The number of independent units in each arm. */
    public UnitCounts units() {
        return new UnitCounts(existing.units(), candidate.units());
    }

    /** The number of units in the smaller arm; if the candidate serves all units, the number in its arm. */
    public long smallerArm() {
        return stage.isFull() ? candidate.units() : units().smaller();
    }

    /**
     * The fraction of requests with a known outcome, in the arm where it is lower. If the author says how old a request
     * must be to have its outcome, of the requests that are so old, and in the metric where it is lowest.
     */
    public double knownOutcomes() {
        return plan.coverage().after().isEmpty() || coverage.isEmpty()
                ? Math.min(existing.coverage(), candidate.coverage())
                : coverage.stream()
                        .mapToDouble(look -> look.mature().lower())
                        .min()
                        .orElse(0);
    }

    /** Whether the stage has reached its declared maximum. */
    public boolean isOver() {
        StagePlan.Maximum maximum = stage.maximum();
        return maximum.units().map(units -> smallerArm() >= units).orElse(false)
                || maximum.duration()
                        .map(duration -> elapsed.compareTo(duration) >= 0)
                        .orElse(false);
    }

    /** Whether a metric of kind {@code kind} has no observation of the candidate. */
    public boolean isUnobserved(MetricKind kind) {
        return metrics.stream()
                .anyMatch(metric ->
                        metric.spec().kind() == kind && metric.candidate().units() == 0);
    }
}
