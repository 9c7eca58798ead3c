package io.understudy.rollout;

import io.understudy.schema.AwaitedReadiness;
import io.understudy.schema.AwaitingStep;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.SchemaClasses;
import io.understudy.schema.Stage;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The steps that a rollout can take. Each is a function of the rollout before the step. {@link CommandHandler} and
 * {@link VerdictHandler} decide which step is allowed when.
 */
final class RolloutSteps {

    static {
        // Each step copies the rollout before it.
        SchemaClasses.trust();
    }

    private RolloutSteps() {}

    /**
     * The rollout at the start of {@code stage}. A candidate without traffic may have nobody who serves it, so the stage
     * then waits for readiness first.
     *
     * @param force whether it does not wait
     */
    static Rollout enter(Rollout rollout, int stage, boolean force, Instant now) {
        return force || rollout.getShare() > 0 || rollout.getMirror() > 0
                ? begin(rollout, stage, now)
                : Rollout.newBuilder(rollout)
                        .setStatus(RolloutStatus.AWAITING_READINESS)
                        .setAwaiting(AwaitedReadiness.newBuilder()
                                .setStep(AwaitingStep.STAGE)
                                .setSince(now)
                                .build())
                        .setStage(stage)
                        .setStageStartedAt(now)
                        .setReason("waits for a program that serves "
                                + rollout.getCandidate().getVersion() + " as the candidate")
                        .setHeldBy(null)
                        .setJudgedTo(null)
                        .build();
    }

    /**
     * The rollout whose candidate gets the traffic of {@code stage}, in a new epoch: evidence starts again, even if the
     * rollout was in the stage before.
     */
    static Rollout begin(Rollout rollout, int stage, Instant now) {
        Stage entered = rollout.getStages().get(stage);
        return Rollout.newBuilder(rollout)
                .setStatus(RolloutStatus.RUNNING)
                .setStage(stage)
                .setEpoch(rollout.getEpoch() + 1)
                .setShare(entered.getShare())
                .setMirror(entered.getMirror())
                .setStageStartedAt(now)
                .setAwaiting(null)
                .setReason(null)
                .setHeldBy(null)
                .setJudgedTo(null)
                .build();
    }

    /**
     * The rollout that is promoted as soon as a program serves the candidate as the existing model. Its traffic and its
     * evidence stay.
     *
     * @param cause why it is promoted
     */
    static Rollout awaitPromotion(Rollout rollout, EventCause cause) {
        String waits = "waits for a program that serves "
                + rollout.getCandidate().getVersion() + " as the existing model, to be promoted";
        return Rollout.newBuilder(rollout)
                .setStatus(RolloutStatus.AWAITING_READINESS)
                .setAwaiting(AwaitedReadiness.newBuilder()
                        .setStep(AwaitingStep.PROMOTION)
                        .setSince(cause.at())
                        .setCode(cause.code())
                        .setReason(cause.reason())
                        .build())
                .setReason(cause.reason() == null ? waits : waits + ": " + cause.reason())
                .setHeldBy(null)
                .build();
    }

    /** The rollout in another status, with unchanged stage, traffic and evidence. */
    static Rollout withStatus(Rollout rollout, RolloutStatus status, @Nullable String reason) {
        return Rollout.newBuilder(rollout)
                .setStatus(status)
                .setAwaiting(null)
                .setReason(reason)
                .setHeldBy(null)
                .build();
    }

    /**
     * The rollout in status HELD.
     *
     * @param verdict the verdict that holds it; null when its reason has gone
     */
    static Rollout heldBy(Rollout rollout, @Nullable String verdict, @Nullable String reason) {
        return Rollout.newBuilder(withStatus(rollout, RolloutStatus.HELD, reason))
                .setHeldBy(verdict)
                .build();
    }

    /** The rollout after a breaker opened: the candidate gets no traffic, and the rollout waits for an operator. */
    static Rollout cutOffTraffic(Rollout rollout, @Nullable String reason) {
        return withoutTraffic(rollout, RolloutStatus.HELD, reason).build();
    }

    /** The rollout at its end, in the final status {@code status}. */
    static Rollout end(Rollout rollout, RolloutStatus status, @Nullable String reason, Instant now) {
        return withoutTraffic(rollout, status, reason).setEndedAt(now).build();
    }

    private static Rollout.Builder withoutTraffic(Rollout rollout, RolloutStatus status, @Nullable String reason) {
        return Rollout.newBuilder(rollout)
                .setStatus(status)
                .setEpoch(rollout.getEpoch() + 1)
                .setShare(0)
                .setMirror(0)
                .setAwaiting(null)
                .setReason(reason)
                .setHeldBy(null);
    }

    /** Whether there is a rollout and it has not ended. */
    static boolean isActive(@Nullable Rollout rollout) {
        return rollout != null && rollout.getEndedAt() == null;
    }

    /** Whether the rollout waits for readiness before it takes {@code step}. */
    static boolean isAwaiting(Rollout rollout, AwaitingStep step) {
        return rollout.getStatus() == RolloutStatus.AWAITING_READINESS
                && rollout.getAwaiting() != null
                && rollout.getAwaiting().getStep() == step;
    }

    /** Whether the rollout is in its last stage. */
    static boolean isInLastStage(Rollout rollout) {
        return rollout.getStage() == rollout.getStages().size() - 1;
    }

    /** Whether the candidate gets less traffic than its stage provides: a breaker opened, or nobody was ready. */
    static boolean isTrafficCutOff(Rollout rollout) {
        Stage stage = rollout.getStages().get(rollout.getStage());
        return rollout.getShare() != stage.getShare() || rollout.getMirror() != stage.getMirror();
    }
}
