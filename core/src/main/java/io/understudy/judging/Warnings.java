package io.understudy.judging;

import static io.understudy.judging.Numbers.number;
import static io.understudy.judging.Numbers.percent;

import io.understudy.evidence.ArmSnapshot;
import io.understudy.evidence.StageSnapshot;
import io.understudy.plan.MetricKind;
import io.understudy.plan.StagePlan;
import io.understudy.schema.RandomisationUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a reader should know before believing a ruling. A warning decides nothing. */
final class Warnings {

    private static final double HALF = 0.5;
    private static final double REPEATED = 1.05;
    private static final long FEWEST_REQUESTS = 100;
    private static final double UNEVEN_COVERAGE = 0.05;

    /** The fraction of the mirrored requests that must have come back. */
    private static final double COMPLETE = 0.95;

    private Warnings() {}

    static List<String> of(StageSnapshot snapshot) {
        List<String> warnings = new ArrayList<>();
        sampleRatio(snapshot).ifPresent(warnings::add);
        keysInBothArms(snapshot).ifPresent(warnings::add);
        incompleteMirror(snapshot).ifPresent(warnings::add);
        everythingRejected(snapshot).ifPresent(warnings::add);
        dependentRequests(snapshot).ifPresent(warnings::add);
        coverage(snapshot).ifPresent(warnings::add);
        unevenLanes(snapshot).ifPresent(warnings::add);
        snapshot.metrics().forEach(metric -> warnings.addAll(DataWarnings.of(metric)));
        return warnings;
    }

    private static Optional<String> sampleRatio(StageSnapshot snapshot) {
        return snapshot.sampleRatio() > Thresholds.RATIO_WARNING
                ? Optional.of("units may not arrive as the shares say: log evidence " + number(snapshot.sampleRatio()))
                : Optional.empty();
    }

    private static Optional<String> keysInBothArms(StageSnapshot snapshot) {
        return snapshot.keys().inBoth() > 0
                ? Optional.of(snapshot.keys().inBoth() + " sampled keys are in both arms")
                : Optional.empty();
    }

    private static Optional<String> incompleteMirror(StageSnapshot snapshot) {
        long answered = snapshot.candidate().requests();
        long mirrored = snapshot.existing().requests();
        return snapshot.stage().isShadow() && answered < COMPLETE * mirrored
                ? Optional.of("the candidate has answered " + answered + " of " + mirrored
                        + " mirrored requests; the rest are under way, or were too old to be scored")
                : Optional.empty();
    }

    private static Optional<String> everythingRejected(StageSnapshot snapshot) {
        return snapshot.isUnobserved(MetricKind.ERROR_RATE)
                        && snapshot.candidate().requests() >= FEWEST_REQUESTS
                ? Optional.of("the candidate has rejected all of "
                        + snapshot.candidate().requests()
                        + " requests: see the error in candidate-predictions; its features may be named differently")
                : Optional.empty();
    }

    private static Optional<String> dependentRequests(StageSnapshot snapshot) {
        boolean comparesArms = snapshot.stage().metrics().stream()
                .anyMatch(
                        metric -> !(snapshot.stage().isShadow() && metric.kind().isPairedInShadow()));
        long requests = snapshot.existing().requests() + snapshot.candidate().requests();
        long keys = snapshot.existing().keys() + snapshot.candidate().keys();
        return snapshot.plan().unit() == RandomisationUnit.REQUEST
                        && comparesArms
                        && requests >= FEWEST_REQUESTS
                        && keys > 0
                        && requests > REPEATED * keys
                ? Optional.of("keys come back (" + requests + " requests, about " + keys
                        + " keys in the arms), so requests may not be independent; consider unit: key")
                : Optional.empty();
    }

    /** A lane with less load has smaller batches and shorter queues; no control arm shows by how much. */
    private static Optional<String> unevenLanes(StageSnapshot snapshot) {
        StagePlan stage = snapshot.stage();
        boolean even = stage.isShadow()
                ? stage.mirror().isAll()
                : stage.isFull() || stage.share().fraction() == HALF;
        return !even
                        && stage.metrics().stream()
                                .anyMatch(metric -> metric.kind().isLatency())
                ? Optional.of("latencies are compared between lanes of different load, because the candidate gets "
                        + (stage.isShadow() ? stage.mirror() : stage.share())
                        + " of the units: they may differ although the models do not")
                : Optional.empty();
    }

    private static Optional<String> coverage(StageSnapshot snapshot) {
        if (!snapshot.stage().needsOutcomes() || snapshot.coverage() >= 1) {
            return Optional.empty();
        }
        ArmSnapshot existing = snapshot.existing();
        ArmSnapshot candidate = snapshot.candidate();
        return Optional.of("outcomes known: existing " + percent(existing.coverage()) + ", candidate "
                + percent(candidate.coverage())
                + (Math.abs(existing.coverage() - candidate.coverage()) > UNEVEN_COVERAGE ? "; uneven" : ""));
    }
}
