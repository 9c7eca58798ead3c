package io.understudy.notification;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.understudy.control.ControlJson;
import io.understudy.schema.RolloutEvent;
import io.understudy.spec.SpecNode;
import java.util.Locale;

/** How an event is told. */
public enum Format {
    /** The JSON of Slack's incoming webhooks, which Mattermost and others take as well. */
    SLACK("application/json") {
        @Override
        ObjectNode document(RolloutEvent event, String id) {
            String what = what(event);
            String why = event.getReason() == null ? "" : "\n" + event.getReason();
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("text", escaped(what));
            json.putArray("blocks")
                    .addObject()
                    .put("type", "section")
                    .putObject("text")
                    .put("type", "plain_text")
                    .put("emoji", false)
                    .put("text", shortened(quiet(what + why)));
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
    private static final int LONGEST = 2900;

    private final String contentType;

    Format(String contentType) {
        this.contentType = contentType;
    }

    /**
     * The event as a document.
     *
     * @param id the same whenever this event is told
     */
    abstract ObjectNode document(RolloutEvent event, String id);

    String contentType() {
        return contentType;
    }

    /** The name in meters and group ids. */
    String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static String what(RolloutEvent event) {
        return event.getDeployment() + ": " + event.getType()
                + (event.getRollout() == null ? "" : " rollout " + event.getRollout())
                + (event.getStage() == null ? "" : " in stage " + event.getStage()) + " by " + event.getActor();
    }

    /** In the line that notifications show, what would be markup, a mention or a link stays text. */
    private static String escaped(String text) {
        return quiet(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /** Nobody is called by what somebody wrote as a reason: programs like Slack read mentions in any text. */
    private static String quiet(String text) {
        return text.replace("@", "@\u200b");
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
