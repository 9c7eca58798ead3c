package io.understudy.rollout;

import io.understudy.judging.RulingJson;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutVerb;
import java.time.Instant;

/**
 * What moves a deployment: an operator's command, or the evaluator's verdict.
 *
 * @param deployment the deployment concerned
 * @param commandId the command's identifier, or null
 * @param verb the command's verb, or null
 * @param actor who asks, or the role that judges
 * @param code why, as a code
 * @param reason why, in words, or null
 * @param evidence the evaluation as JSON, or null
 * @param at when
 */
record Cause(
        String deployment,
        String commandId,
        RolloutVerb verb,
        String actor,
        ReasonCode code,
        String reason,
        String evidence,
        Instant at) {

    private static final String EVALUATOR = "evaluator";
    private static final int LONGEST_NAME = 300;
    private static final int LONGEST_REASON = 4000;

    static Cause of(RolloutCommand command, Instant at) {
        return new Cause(
                command.getDeployment(),
                command.getId(),
                command.getVerb(),
                command.getActor(),
                command.getVerb() == RolloutVerb.OPEN_BREAKER ? ReasonCode.BREAKER_OPEN : ReasonCode.OPERATOR_COMMAND,
                command.getReason(),
                null,
                at);
    }

    static Cause of(RolloutEvaluation evaluation, Instant at) {
        return new Cause(
                evaluation.getDeployment(),
                null,
                null,
                EVALUATOR,
                ReasonCode.read(evaluation.getCode()),
                evaluation.getReason(),
                RulingJson.of(evaluation).toString(),
                at);
    }

    /** The same with other words for the reason. */
    Cause because(String why) {
        return because(code, why);
    }

    /** The same with another reason. */
    Cause because(ReasonCode otherCode, String why) {
        return new Cause(deployment, commandId, verb, actor, otherCode, why, evidence, at);
    }

    /** An event of this cause, without what it is. What is too long is cut: a command may have been rejected for that. */
    RolloutEvent.Builder event() {
        return RolloutEvent.newBuilder()
                .setDeployment(shortened(deployment, LONGEST_NAME))
                .setCommandId(shortened(commandId, LONGEST_NAME))
                .setVerb(verb)
                .setActor(shortened(actor, LONGEST_NAME))
                .setCode(code.name())
                .setReason(shortened(reason, LONGEST_REASON))
                .setEvidence(evidence)
                .setAt(at);
    }

    private static String shortened(String text, int longest) {
        return text == null || text.length() <= longest ? text : text.substring(0, longest);
    }
}
