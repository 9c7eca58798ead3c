package io.understudy.testing;

import io.understudy.schema.Breaker;
import io.understudy.schema.Model;
import io.understudy.schema.RandomisationUnit;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.SchemaClasses;
import io.understudy.schema.ScorerKind;
import io.understudy.schema.Stage;
import io.understudy.schema.StageKind;
import java.time.Instant;
import java.util.List;

/** States of the deployment {@code sums}. */
public final class States {

    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

    static {
        SchemaClasses.trust();
    }

    private States() {}

    public static RolloutState withoutRollout() {
        return RolloutState.newBuilder()
                .setDeployment("sums")
                .setVersion(1)
                .setExisting(onnx("v1", "sum.onnx"))
                .setUpdatedAt(NOW)
                .build();
    }

    public static RolloutState mirroring(int mirror) {
        return mirroring(mirror, RandomisationUnit.KEY);
    }

    public static RolloutState mirroring(int mirror, RandomisationUnit unit) {
        return RolloutState.newBuilder(withoutRollout())
                .setVersion(2)
                .setRollout(Rollout.newBuilder()
                        .setId("sums-v2-2")
                        .setStatus(RolloutStatus.RUNNING)
                        .setCandidate(onnx("v2", "difference.onnx"))
                        .setUnit(unit)
                        .setSalt("salt")
                        .setStages(List.of(Stage.newBuilder()
                                .setKind(StageKind.SHADOW)
                                .setShare(0)
                                .setMirror(mirror)
                                .build()))
                        .setStage(0)
                        .setEpoch(1)
                        .setShare(0)
                        .setMirror(mirror)
                        .setSpec("")
                        .setStartedAt(NOW)
                        .setStageStartedAt(NOW)
                        .build())
                .build();
    }

    /**
     * A canary that serves {@code share}, with a deadline of 250 ms and a breaker of half within 10 s from 20 answers
     * on.
     */
    public static RolloutState serving(int share) {
        RolloutState shadow = mirroring(0);
        return RolloutState.newBuilder(shadow)
                .setRollout(Rollout.newBuilder(shadow.getRollout())
                        .setStages(List.of(Stage.newBuilder()
                                .setKind(StageKind.CANARY)
                                .setShare(share)
                                .setMirror(0)
                                .build()))
                        .setShare(share)
                        .setDeadlineMs(250)
                        .setBreaker(Breaker.newBuilder()
                                .setErrors(50_000)
                                .setTimeouts(50_000)
                                .setWindowMs(10_000)
                                .setMinimum(20)
                                .build())
                        .build())
                .build();
    }

    public static Model onnx(String version, String file) {
        return Model.newBuilder()
                .setVersion(version)
                .setScorer(ScorerKind.ONNX)
                .setLocation(file)
                .build();
    }
}
