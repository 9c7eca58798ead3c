package io.understudy.notification;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.understudy.control.ControlJson;
import io.understudy.schema.RolloutEvent;
import io.understudy.spec.SpecNode;
import java.util.Locale;

/** The document format in which a webhook receives events. */
public enum Format {
    /** The JSON of Slack's incoming webhooks, which Mattermost and other programs accept as well. */
    SLACK("application/json") {
        @Override
        ObjectNode document(RolloutEvent event, String id) {
            String summary = summary(event);
            String reason = event.getReason() == null ? "" : "\n" + event.getReason();
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("text", escaped(summary));
            json.putArray("blocks")
                    .addObject()
                    .put("type", "section")
                    .putObject("text")
                    .put("type", "plain_text")
                    .put("emoji", false)
                    .put("text", shortened(withoutMentions(summary + reason)));
            return json;
        }
    },
    /** CloudEvents 1.0, structured JSON. */
    CLOUDEVENTS("application/cloudevents+json") {
        @Override
        ObjectNode document(RolloutEvent event, String id) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("specversion", "1.0");
            json.put("id", id);
            json.put("source", "/understudy/deployments/" + event.getDeployment());
            json.put("type", "io.understudy.rollout." + SpecNode.name(event.getType()));
            if (event.getRollout() != null) {
                json.put("subject", event.getRollout());
            }
            json.put("time", event.getAt().toString());
            json.put("datacontenttype", "application/json");
            json.set("data", ControlJson.of(event));
            return json;
        }
    };

    /** Slack refuses longer texts. */
    private static final int MAX_LENGTH = 2900;

    private final String contentType;

    Format(String contentType) {
        this.contentType = contentType;
    }

    /**
     * The event as a document.
     *
     * @param id identifier of the event; the same for every delivery of this event
     */
    abstract ObjectNode document(RolloutEvent event, String id);

    String contentType() {
        return contentType;
    }

    /** The name of the format in meters and consumer group ids. */
    String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static String summary(RolloutEvent event) {
        return event.getDeployment() + ": " + event.getType()
                + (event.getRollout() == null ? "" : " rollout " + event.getRollout())
                + (event.getStage() == null ? "" : " in stage " + event.getStage()) + " by " + event.getActor()
                + (event.getCode() == null ? "" : " (" + event.getCode() + ")");
    }

    /** Escapes the line that a notification shows, so that it contains no markup, mentions or links. */
    private static String escaped(String text) {
        return withoutMentions(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /** Disables mentions: programs like Slack look for mentions in any text, and a reason must not notify anyone. */
    private static String withoutMentions(String text) {
        return text.replace("@", "@\u200b");
    }

    private static String shortened(String text) {
        return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "…";
    }
}
