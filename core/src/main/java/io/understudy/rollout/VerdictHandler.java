package io.understudy.rollout;

import io.understudy.plan.Approval;
import io.understudy.plan.SpecReader;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.Verdict;
import io.understudy.spec.InvalidSpecException;
import java.time.Instant;

/**
 * Applies the evaluator's verdicts to a rollout. ABORT ends an active rollout in every status. All other verdicts
 * change the rollout only while it is RUNNING: a rollout that is paused, held or awaiting approval waits for an
 * operator.
 */
final class VerdictHandler {

    private VerdictHandler() {}

    /**
     * Whether a verdict still applies: the rollout is active and in the verdict's stage and epoch, and no verdict on
     * the same window or a later one has changed it in this epoch.
     */
    static boolean isCurrent(RolloutState state, RolloutEvaluation evaluation) {
        Rollout rollout = state.getRollout();
        return RolloutSteps.isActive(rollout)
                && rollout.getId().equals(evaluation.getRollout())
                && rollout.getStage() == evaluation.getStage()
                && rollout.getEpoch() == evaluation.getEpoch()
                && (rollout.getJudgedTo() == null || evaluation.getWindowEnd().isAfter(rollout.getJudgedTo()));
    }

    /** Applies a verdict that {@link #isCurrent}. */
    static Transition apply(RolloutState state, RolloutEvaluation evaluation, Instant now) {
        Rollout rollout = state.getRollout();
        Verdict verdict = evaluation.getVerdict();
        EventCause cause = EventCause.of(evaluation, now);
        if (verdict == Verdict.ABORT) {
            return aborted(state, evaluation, cause);
        }
        if (hasTurned(rollout, verdict)) {
            Rollout turned =
                    RolloutSteps.heldBy(rollout, null, "evidence has turned: " + verdict + ": " + cause.reason());
            return changed(
                    state, evaluation, turned, RolloutEventType.EVIDENCE_TURNED, cause.withReason(turned.getReason()));
        }
        boolean holdsAgain = rollout.getStatus() == RolloutStatus.HELD
                && rollout.getHeldBy() == null
                && (verdict == Verdict.INCONCLUSIVE || verdict == Verdict.INVALID || verdict == Verdict.NO_DATA);
        if (holdsAgain) {
            return held(state, evaluation, cause.withReason(verdict + ": " + cause.reason()));
        }
        if (rollout.getStatus() != RolloutStatus.RUNNING) {
            return Transition.NOTHING;
        }
        return switch (verdict) {
            case PASS -> passed(state, evaluation, cause);
            case INCONCLUSIVE, INVALID, NO_DATA ->
                isAborted(rollout, verdict)
                        ? aborted(state, evaluation, cause)
                        : held(state, evaluation, cause.withReason(verdict + ": " + cause.reason()));
            // ABORT is handled above. ERROR is a failure of the judge, not of a model.
            case ABORT, CONTINUE, HOLD, ERROR, UNKNOWN -> Transition.NOTHING;
        };
    }

    /** Whether a verdict held the rollout and {@code verdict} says that its reason has gone. */
    private static boolean hasTurned(Rollout rollout, Verdict verdict) {
        if (rollout.getStatus() != RolloutStatus.HELD || rollout.getHeldBy() == null) {
            return false;
        }
        return switch (verdict) {
            case PASS -> true;
            // An undecided stage stays undecided until it passes. Any other verdict on data means that they are valid
            // again.
            case CONTINUE, HOLD -> !rollout.getHeldBy().equals(Verdict.INCONCLUSIVE.name());
            case INCONCLUSIVE, INVALID, NO_DATA, ABORT, ERROR, UNKNOWN -> false;
        };
    }

    private static boolean isAborted(Rollout rollout, Verdict verdict) {
        try {
            return SpecReader.evidence(rollout.getSpec()).policies().isAbortedBy(verdict);
        } catch (InvalidSpecException e) {
            // The specification was accepted by another version of this program. An operator must look at it.
            return false;
        }
    }

    private static Approval approval(Rollout rollout) {
        try {
            return SpecReader.rollout(rollout.getSpec()).approval();
        } catch (InvalidSpecException e) {
            // As above: an operator must look at it.
            return Approval.STAGES;
        }
    }

    private static Transition passed(RolloutState state, RolloutEvaluation evaluation, EventCause cause) {
        Rollout rollout = state.getRollout();
        boolean lastStage = RolloutSteps.isInLastStage(rollout);
        if (approval(rollout).isRequired(lastStage)) {
            return changed(
                    state,
                    evaluation,
                    RolloutSteps.withStatus(rollout, RolloutStatus.AWAITING_APPROVAL, cause.reason()),
                    RolloutEventType.AWAITING_APPROVAL,
                    cause);
        }
        if (!lastStage) {
            Rollout advanced = RolloutSteps.enter(rollout, rollout.getStage() + 1, false, cause.at());
            return changed(state, evaluation, advanced, RolloutEventType.ADVANCED, cause);
        }
        return changed(
                state,
                evaluation,
                RolloutSteps.awaitPromotion(rollout, cause),
                RolloutEventType.AWAITING_READINESS,
                cause);
    }

    private static Transition aborted(RolloutState state, RolloutEvaluation evaluation, EventCause cause) {
        Rollout aborted = RolloutSteps.end(state.getRollout(), RolloutStatus.ABORTED, cause.reason(), cause.at());
        return changed(state, evaluation, aborted, RolloutEventType.ABORTED, cause);
    }

    private static Transition held(RolloutState state, RolloutEvaluation evaluation, EventCause cause) {
        Rollout held =
                RolloutSteps.heldBy(state.getRollout(), evaluation.getVerdict().name(), cause.reason());
        return changed(state, evaluation, held, RolloutEventType.HELD, cause);
    }

    private static Transition changed(
            RolloutState state,
            RolloutEvaluation evaluation,
            Rollout rollout,
            RolloutEventType type,
            EventCause cause) {
        return Transition.to(next(state, judged(rollout, evaluation), cause).build(), cause, type);
    }

    /** Records the window in a rollout that stays in its epoch, so that the same window cannot change it again. */
    private static Rollout judged(Rollout rollout, RolloutEvaluation evaluation) {
        return rollout.getEpoch() == evaluation.getEpoch()
                ? Rollout.newBuilder(rollout)
                        .setJudgedTo(evaluation.getWindowEnd())
                        .build()
                : rollout;
    }

    private static RolloutState.Builder next(RolloutState state, Rollout rollout, EventCause cause) {
        return RolloutState.newBuilder(state)
                .setVersion(state.getVersion() + 1)
                .setRollout(rollout)
                .setUpdatedAt(cause.at());
    }
}
