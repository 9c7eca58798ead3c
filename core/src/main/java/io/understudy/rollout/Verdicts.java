package io.understudy.rollout;

import io.understudy.plan.Approval;
import io.understudy.plan.EvidencePlan.Policies;
import io.understudy.plan.EvidencePlan.Policy;
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
 * What the evaluator's verdicts do to a rollout. Harm ends it, whatever it waits for; everything else moves it only while it runs,
 * for one that is paused, held or awaiting approval is in a person's hands.
 */
final class Verdicts {

    private Verdicts() {}

    /** Whether a verdict is of the rollout as it is now: of its stage and epoch, and of a window that has moved nothing yet. */
    static boolean concerns(RolloutState state, RolloutEvaluation evaluation) {
        Rollout rollout = state.getRollout();
        return Steps.isActive(rollout)
                && rollout.getId().equals(evaluation.getRollout())
                && rollout.getStage() == evaluation.getStage()
                && rollout.getEpoch() == evaluation.getEpoch()
                && (rollout.getJudgedTo() == null || evaluation.getWindowEnd().isAfter(rollout.getJudgedTo()));
    }

    static Transition apply(RolloutState state, RolloutEvaluation evaluation, Instant now) {
        Rollout rollout = state.getRollout();
        Verdict verdict = evaluation.getVerdict();
        Cause cause = Cause.of(evaluation, now);
        if (verdict == Verdict.ABORT) {
            return aborted(state, evaluation, cause);
        }
        if (rollout.getStatus() != RolloutStatus.RUNNING) {
            return Transition.NOTHING;
        }
        return switch (verdict) {
            case PASS -> passed(state, evaluation, cause);
            case INCONCLUSIVE, INVALID, NO_DATA ->
                policy(rollout, verdict) == Policy.ABORT
                        ? aborted(state, evaluation, cause)
                        : held(state, evaluation, cause.because(verdict + ": " + cause.reason()));
            // ABORT was seen to; of ERROR the judge is to blame, and neither model.
            case ABORT, CONTINUE, HOLD, ERROR, UNKNOWN -> Transition.NOTHING;
        };
    }

    private static Policy policy(Rollout rollout, Verdict verdict) {
        Policies policies;
        try {
            policies = SpecReader.evidence(rollout.getSpec()).policies();
        } catch (InvalidSpecException e) {
            // Written for another version of this program: a person is to look at it.
            return Policy.HOLD;
        }
        return switch (verdict) {
            case INCONCLUSIVE -> policies.inconclusive();
            case INVALID -> policies.invalid();
            default -> Policy.HOLD;
        };
    }

    private static Approval approval(Rollout rollout) {
        try {
            return SpecReader.rollout(rollout.getSpec()).approval();
        } catch (InvalidSpecException e) {
            return Approval.STAGES;
        }
    }

    private static Transition passed(RolloutState state, RolloutEvaluation evaluation, Cause cause) {
        Rollout rollout = state.getRollout();
        boolean last = Steps.isLast(rollout, rollout.getStage());
        if (approval(rollout).isRequired(last)) {
            return moved(
                    state,
                    evaluation,
                    Steps.withStatus(rollout, RolloutStatus.AWAITING_APPROVAL, cause.reason()),
                    RolloutEventType.AWAITING_APPROVAL,
                    cause);
        }
        if (!last) {
            Rollout next = Steps.enter(rollout, rollout.getStage() + 1, cause.at());
            return moved(state, evaluation, next, RolloutEventType.ADVANCED, cause);
        }
        Rollout promoted = Steps.end(rollout, RolloutStatus.PROMOTED, cause.reason(), cause.at());
        RolloutState after = next(state, judged(promoted, evaluation), cause)
                .setExisting(rollout.getCandidate())
                .build();
        return Transition.to(after, cause, RolloutEventType.PROMOTED);
    }

    private static Transition aborted(RolloutState state, RolloutEvaluation evaluation, Cause cause) {
        Rollout aborted = Steps.end(state.getRollout(), RolloutStatus.ABORTED, cause.reason(), cause.at());
        return moved(state, evaluation, aborted, RolloutEventType.ABORTED, cause);
    }

    private static Transition held(RolloutState state, RolloutEvaluation evaluation, Cause cause) {
        Rollout held = Steps.withStatus(state.getRollout(), RolloutStatus.HELD, cause.reason());
        return moved(state, evaluation, held, RolloutEventType.HELD, cause);
    }

    private static Transition moved(
            RolloutState state, RolloutEvaluation evaluation, Rollout rollout, RolloutEventType type, Cause cause) {
        return Transition.to(next(state, judged(rollout, evaluation), cause).build(), cause, type);
    }

    /** A rollout that goes on in the same epoch must not be moved again by the same window. */
    private static Rollout judged(Rollout rollout, RolloutEvaluation evaluation) {
        return rollout.getEpoch() == evaluation.getEpoch()
                ? Rollout.newBuilder(rollout)
                        .setJudgedTo(evaluation.getWindowEnd())
                        .build()
                : rollout;
    }

    private static RolloutState.Builder next(RolloutState state, Rollout rollout, Cause cause) {
        return RolloutState.newBuilder(state)
                .setVersion(state.getVersion() + 1)
                .setRollout(rollout)
                .setUpdatedAt(cause.at());
    }
}
