package io.understudy.rollout;

import io.understudy.judging.RulingJson;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.AwaitedReadiness;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutVerb;
import java.time.Instant;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The cause of an event: a command or an evaluation.
 *
 * @param deployment the deployment
 * @param commandId the command's identifier; null for an evaluation
 * @param verb the command's verb; null for an evaluation
 * @param actor who sent the command; the evaluator for an evaluation
 * @param code the name of the reason's code, which another version may have given
 * @param reason the reason as text, or null
 * @param evidence the evaluation as JSON; null for a command
 * @param at the time of the command's or the evaluation's record
 */
record EventCause(
        String deployment,
        @Nullable String commandId,
        @Nullable RolloutVerb verb,
        String actor,
        String code,
        @Nullable String reason,
        @Nullable String evidence,
        Instant at) {

    private static final String EVALUATOR = "evaluator";
    private static final int MAX_NAME_LENGTH = 300;
    private static final int MAX_REASON_LENGTH = 4000;

    static EventCause of(RolloutCommand command, Instant at) {
        return new EventCause(
                command.getDeployment(),
                command.getId(),
                command.getVerb(),
                command.getActor(),
                code(command.getVerb()).name(),
                command.getReason(),
                null,
                at);
    }

    private static ReasonCode code(RolloutVerb verb) {
        return switch (verb) {
            case OPEN_BREAKER -> ReasonCode.BREAKER_OPEN;
            case READY -> ReasonCode.MODEL_READY;
            case NOT_READY -> ReasonCode.MODEL_NOT_READY;
            default -> ReasonCode.OPERATOR_COMMAND;
        };
    }

    static EventCause of(RolloutEvaluation evaluation, Instant at) {
        return new EventCause(
                evaluation.getDeployment(),
                null,
                null,
                EVALUATOR,
                ReasonCode.nameOf(evaluation.getCode()),
                evaluation.getReason(),
                RulingJson.of(evaluation).toString(),
                at);
    }

    /** The same cause with another text for the reason. */
    EventCause withReason(@Nullable String newReason) {
        return new EventCause(deployment, commandId, verb, actor, code, newReason, evidence, at);
    }

    /** The same cause with a text after the reason. */
    EventCause withAddedReason(String added) {
        return withReason(reason == null ? added : reason + "; " + added);
    }

    /** The cause of a step that was decided on before it waited: the reason is that of the decision, then this one. */
    EventCause after(AwaitedReadiness awaiting) {
        String both =
                Stream.of(awaiting.getReason(), reason).filter(Objects::nonNull).collect(Collectors.joining("; "));
        return new EventCause(
                deployment, commandId, verb, actor, ReasonCode.nameOf(awaiting.getCode()), both, evidence, at);
    }

    /** The same cause with another reason. */
    EventCause withReason(ReasonCode newCode, @Nullable String newReason) {
        return new EventCause(deployment, commandId, verb, actor, newCode.name(), newReason, evidence, at);
    }

    /**
     * An event with this cause, still without its type. Long fields are shortened, because a command may be rejected
     * for a field that is too long.
     */
    RolloutEvent.Builder event() {
        return RolloutEvent.newBuilder()
                .setDeployment(shortened(deployment, MAX_NAME_LENGTH))
                .setCommandId(shortened(commandId, MAX_NAME_LENGTH))
                .setVerb(verb)
                .setActor(shortened(actor, MAX_NAME_LENGTH))
                .setCode(code)
                .setReason(shortened(reason, MAX_REASON_LENGTH))
                .setEvidence(evidence)
                .setAt(at);
    }

    private static @Nullable String shortened(@Nullable String text, int maxLength) {
        return text == null || text.length() <= maxLength ? text : text.substring(0, maxLength);
    }
}
