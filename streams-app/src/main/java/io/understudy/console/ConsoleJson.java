package io.understudy.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.understudy.control.ControlJson;
import io.understudy.judging.RulingJson;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutState;
import java.time.Instant;
import java.util.List;

/** What the API tells, as JSON. */
final class ConsoleJson {

    private ConsoleJson() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ArrayNode texts(List<String> texts) {
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        texts.forEach(json::add);
        return json;
    }

    /** A deployment with the last evaluation of its rollout in brief, and the identifiers of all its rollouts. */
    static ObjectNode deployment(RolloutState state, ControlView view) {
        ObjectNode json = ControlJson.of(state);
        json.set("rollouts", texts(view.rollouts(state.getDeployment())));
        json.set(
                "lastEvaluation",
                state.getRollout() == null
                        ? null
                        : view.lastEvaluation(state.getRollout().getId())
                                .map(ConsoleJson::brief)
                                .orElse(null));
        return json;
    }

    private static ObjectNode brief(RolloutEvaluation evaluation) {
        return object().put("verdict", evaluation.getVerdict().name())
                .put("code", ReasonCode.read(evaluation.getCode()).name())
                .put("reason", evaluation.getReason())
                .put("windowEnd", evaluation.getWindowEnd().toString());
    }

    /** An evaluation, and which rollout it is of. */
    static ObjectNode evaluation(RolloutEvaluation evaluation) {
        ObjectNode json = RulingJson.of(evaluation);
        json.put("deployment", evaluation.getDeployment());
        json.put("rollout", evaluation.getRollout());
        json.put("at", evaluation.getAt().toString());
        return json;
    }

    /** How old what is shown may be. */
    static ObjectNode freshness(ControlView view) {
        return object().put(
                        "asOf",
                        view.asOf().equals(Instant.MIN) ? null : view.asOf().toString())
                .put("stale", view.isStale());
    }
}
