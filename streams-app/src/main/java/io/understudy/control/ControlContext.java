package io.understudy.control;

import io.understudy.registry.Registry;
import io.understudy.topics.Topics;

/**
 * The dependencies of the controller.
 *
 * @param topics topics of the installation
 * @param registry schemas of commands, states and events
 * @param meters meters of the role
 * @param inspections inspects models before the controller accepts them
 */
public record ControlContext(Topics topics, Registry registry, ControlMeters meters, Inspections inspections) {

    /** Name of the role in headers and meters. */
    public static final String ROLE = "controller";
}
