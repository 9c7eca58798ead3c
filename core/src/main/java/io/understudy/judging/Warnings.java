package io.understudy.judging;

import static io.understudy.judging.Numbers.number;
import static io.understudy.judging.Numbers.percent;

import io.understudy.evidence.ArmSnapshot;
import io.understudy.evidence.CoverageLook;
import io.understudy.evidence.StageSnapshot;
import io.understudy.plan.MetricKind;
import io.understudy.plan.StagePlan;
import io.understudy.reason.ReasonCode;
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

    /** @param over the code of an INVALID verdict whose cause is over */
    static List<String> of(StageSnapshot snapshot, Optional<ReasonCode> over) {
        List<String> warnings = new ArrayList<>();
        over.ifPresent(code -> warnings.add("the comparison was invalid before (" + code.name()
                + "), and is no longer: its cause weighs little in all requests so far"));
        sampleRatio(snapshot).ifPresent(warnings::add);
        requestRatio(snapshot).ifPresent(warnings::add);
        untestedSplit(snapshot).ifPresent(warnings::add);
        keysInBothArms(snapshot).ifPresent(warnings::add);
        incompleteMirror(snapshot).ifPresent(warnings::add);
        everythingRejected(snapshot).ifPresent(warnings::add);
        dependentRequests(snapshot).ifPresent(warnings::add);
        coverage(snapshot).ifPresent(warnings::add);
        snapshot.coverage().stream()
                .map(Warnings::unevenWithinTolerance)
                .forEach(warning -> warning.ifPresent(warnings::add));
        unevenLanes(snapshot).ifPresent(warnings::add);
        snapshot.metrics().forEach(metric -> warnings.addAll(DataWarnings.of(metric)));
        return warnings;
    }

    private static Optional<String> sampleRatio(StageSnapshot snapshot) {
        return snapshot.sampleRatio() > Thresholds.RATIO_WARNING
                ? Optional.of("units may not arrive as the shares say: log evidence " + number(snapshot.sampleRatio()))
                : Optional.empty();
    }

    /** Of keys that arrive as their shares say, those of one arm may come back more often: an effect, or lost requests. */
    private static Optional<String> requestRatio(StageSnapshot snapshot) {
        return snapshot.requestRatio() > Thresholds.RATIO_MISMATCH && snapshot.sampleRatio() <= Thresholds.RATIO_WARNING
                ? Optional.of(
                        "keys arrive as the shares say, but their requests do not: those of one arm come back more "
                                + "often, or requests of the other are lost; log evidence "
                                + number(snapshot.requestRatio()))
                : Optional.empty();
    }

    /** Answers without a routing time cannot be put in order, so nobody can tell whose are still to come. */
    private static Optional<String> untestedSplit(StageSnapshot snapshot) {
        boolean compared = !snapshot.stage().isShadow() && !snapshot.stage().isFull();
        return compared && !snapshot.sampleRatioTested() && snapshot.existing().requests() >= FEWEST_REQUESTS
                ? Optional.of(
                        "the split is not tested yet: the existing model has given no answer whose routed_at says "
                                + "that the candidate's earlier ones have arrived")
                : Optional.empty();
    }

    private static Optional<String> unevenWithinTolerance(CoverageLook look) {
        return look.mature().logEvidence() >= Thresholds.RATIO_WARNING
                ? Optional.of("outcomes of " + look.spec().name() + " arrive unevenly: existing "
                        + percent(look.mature().existing().fraction()) + ", candidate "
                        + percent(look.mature().candidate().fraction())
                        + "; that alone can make an effect of a similar size")
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
        if (!snapshot.stage().needsOutcomes()
                || snapshot.existing().coverage() >= 1 && snapshot.candidate().coverage() >= 1) {
            return Optional.empty();
        }
        ArmSnapshot existing = snapshot.existing();
        ArmSnapshot candidate = snapshot.candidate();
        return Optional.of("outcomes known: existing " + percent(existing.coverage()) + ", candidate "
                + percent(candidate.coverage())
                + (Math.abs(existing.coverage() - candidate.coverage()) > UNEVEN_COVERAGE ? "; uneven" : ""));
    }
}
