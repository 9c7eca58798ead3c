package io.understudy.rollout;

import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.SchemaClasses;
import io.understudy.schema.Stage;
import java.time.Instant;

/** The steps a rollout can make, each a function of the rollout before it. Which one is allowed when is not their affair. */
final class Steps {

    static {
        // Each step is a copy of the rollout before it.
        SchemaClasses.trust();
    }

    private Steps() {}

    /** The rollout at the beginning of {@code stage}: with new evidence, whether it has been there before or not. */
    static Rollout enter(Rollout rollout, int stage, Instant now) {
        Stage entered = rollout.getStages().get(stage);
        return Rollout.newBuilder(rollout)
                .setStatus(RolloutStatus.RUNNING)
                .setStage(stage)
                .setEpoch(rollout.getEpoch() + 1)
                .setShare(entered.getShare())
                .setMirror(entered.getMirror())
                .setStageStartedAt(now)
                .setReason(null)
                .setJudgedTo(null)
                .build();
    }

    /** The rollout where it is, in another status: traffic and evidence stay as they are. */
    static Rollout withStatus(Rollout rollout, RolloutStatus status, String reason) {
        return Rollout.newBuilder(rollout).setStatus(status).setReason(reason).build();
    }

    /** The rollout with its candidate out of the traffic, waiting for an operator. */
    static Rollout cutOff(Rollout rollout, String reason) {
        return withoutTraffic(rollout, RolloutStatus.HELD, reason).build();
    }

    /** The rollout at its end. */
    static Rollout end(Rollout rollout, RolloutStatus status, String reason, Instant now) {
        return withoutTraffic(rollout, status, reason).setEndedAt(now).build();
    }

    private static Rollout.Builder withoutTraffic(Rollout rollout, RolloutStatus status, String reason) {
        return Rollout.newBuilder(rollout)
                .setStatus(status)
                .setEpoch(rollout.getEpoch() + 1)
                .setShare(0)
                .setMirror(0)
                .setReason(reason);
    }

    static boolean isActive(Rollout rollout) {
        return rollout != null && rollout.getEndedAt() == null;
    }

    static boolean isLast(Rollout rollout, int stage) {
        return stage == rollout.getStages().size() - 1;
    }

    /** Whether a breaker has taken the candidate out of the traffic its stage would give it. */
    static boolean isCutOff(Rollout rollout) {
        Stage stage = rollout.getStages().get(rollout.getStage());
        return rollout.getShare() != stage.getShare() || rollout.getMirror() != stage.getMirror();
    }
}
