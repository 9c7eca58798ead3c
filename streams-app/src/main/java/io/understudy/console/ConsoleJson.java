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

/** The JSON documents of the API. */
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

    /** A deployment with a summary of the last evaluation of its rollout, and the identifiers of all its rollouts. */
    static ObjectNode deployment(RolloutState state, ControlView view) {
        ObjectNode json = ControlJson.of(state);
        json.set("rollouts", texts(view.rollouts(state.getDeployment())));
        json.set(
                "lastEvaluation",
                state.getRollout() == null
                        ? null
                        : view.lastEvaluation(state.getRollout().getId())
                                .map(ConsoleJson::summary)
                                .orElse(null));
        return json;
    }

    private static ObjectNode summary(RolloutEvaluation evaluation) {
        return object().put("verdict", evaluation.getVerdict().name())
                .put("code", ReasonCode.nameOf(evaluation.getCode()))
                .put("reason", evaluation.getReason())
                .put("windowEnd", evaluation.getWindowEnd().toString());
    }

    /** An evaluation, with its deployment and rollout. */
    static ObjectNode evaluation(RolloutEvaluation evaluation) {
        ObjectNode json = RulingJson.of(evaluation);
        json.put("deployment", evaluation.getDeployment());
        json.put("rollout", evaluation.getRollout());
        json.put("at", evaluation.getAt().toString());
        return json;
    }

    /** When the broker last answered, and whether the data may be out of date. */
    static ObjectNode freshness(ControlView view) {
        return object().put(
                        "asOf",
                        view.asOf().equals(Instant.MIN) ? null : view.asOf().toString())
                .put("stale", view.isStale());
    }
}
