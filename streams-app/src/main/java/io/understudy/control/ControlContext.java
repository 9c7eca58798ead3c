package io.understudy.control;

import io.understudy.registry.Registry;
import io.understudy.rollout.ModelInspection;
import io.understudy.topics.Topics;

/**
 * What the controller works with.
 *
 * @param topics where things go
 * @param registry schemas of commands, states and events
 * @param meters what is counted
 * @param inspection looks at models before they are let in
 */
public record ControlContext(Topics topics, Registry registry, ControlMeters meters, ModelInspection inspection) {

    /** The role's name in headers and meters. */
    public static final String ROLE = "controller";
}
