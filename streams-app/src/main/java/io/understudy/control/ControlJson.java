package io.understudy.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.understudy.assignment.Share;
import io.understudy.schema.AwaitedReadiness;
import io.understudy.schema.Model;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutState;
import io.understudy.schema.Stage;
import org.jspecify.annotations.Nullable;

/** States and events as JSON. Times are ISO 8601, shares are percentages of the units, undefined values are null. */
public final class ControlJson {

    private static final JsonMapper MAPPER = new JsonMapper();

    private ControlJson() {}

    /** The state of a deployment. */
    public static ObjectNode of(RolloutState state) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("deployment", state.getDeployment());
        json.put("version", state.getVersion());
        json.set("existing", of(state.getExisting()));
        json.set("rollout", state.getRollout() == null ? null : of(state.getRollout()));
        json.put("updatedAt", state.getUpdatedAt().toString());
        return json;
    }

    /** An event, with the evidence that caused it and the state after it. */
    public static ObjectNode of(RolloutEvent event) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("deployment", event.getDeployment());
        json.put("type", event.getType().name());
        json.put("at", event.getAt().toString());
        json.put("actor", event.getActor());
        json.put("code", event.getCode());
        json.put("reason", event.getReason());
        json.put("commandId", event.getCommandId());
        json.put("verb", event.getVerb() == null ? null : event.getVerb().name());
        json.put("rollout", event.getRollout());
        json.put("stage", event.getStage());
        json.put("stateVersion", event.getStateVersion());
        if (event.getEvidence() != null) {
            try {
                json.set("evidence", MAPPER.readTree(event.getEvidence()));
            } catch (JsonProcessingException e) {
                json.set("evidence", TextNode.valueOf(event.getEvidence()));
            }
        }
        if (event.getState() != null) {
            json.set("state", of(event.getState()));
        }
        return json;
    }

    private static ObjectNode of(Rollout rollout) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", rollout.getId());
        json.put("status", rollout.getStatus().name());
        json.put("reason", rollout.getReason());
        json.set("awaiting", of(rollout.getAwaiting()));
        json.set("candidate", of(rollout.getCandidate()));
        json.put("unit", rollout.getUnit().name());
        json.put("salt", rollout.getSalt());
        json.put("stage", rollout.getStage());
        json.put("epoch", rollout.getEpoch());
        json.put("share", percent(rollout.getShare()));
        json.put("mirror", percent(rollout.getMirror()));
        ArrayNode stages = json.putArray("stages");
        for (Stage stage : rollout.getStages()) {
            stages.addObject()
                    .put("kind", stage.getKind().name())
                    .put("share", percent(stage.getShare()))
                    .put("mirror", percent(stage.getMirror()));
        }
        json.put("deadlineMillis", rollout.getDeadlineMs());
        json.put("startedAt", rollout.getStartedAt().toString());
        json.put("stageStartedAt", rollout.getStageStartedAt().toString());
        json.put(
                "endedAt",
                rollout.getEndedAt() == null ? null : rollout.getEndedAt().toString());
        return json;
    }

    private static @Nullable ObjectNode of(@Nullable AwaitedReadiness awaiting) {
        return awaiting == null
                ? null
                : JsonNodeFactory.instance
                        .objectNode()
                        .put("step", awaiting.getStep().name())
                        .put("since", awaiting.getSince().toString());
    }

    private static ObjectNode of(Model model) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("version", model.getVersion())
                .put("scorer", model.getScorer().name())
                .put("location", model.getLocation())
                .put("sha256", model.getSha256())
                .put("lane", model.getLane());
    }

    private static double percent(int share) {
        return new Share(share).percent();
    }
}
