package io.understudy.control;

import io.understudy.readiness.ReadinessView;
import io.understudy.registry.Registry;
import io.understudy.rollout.ModelInspection;
import io.understudy.topics.Topics;

/**
 * The dependencies of the controller.
 *
 * @param topics topics of the installation
 * @param registry schemas of commands, states and events
 * @param meters meters of the role
 * @param inspection checks models before the controller accepts them
 * @param readiness who serves which model
 */
public record ControlContext(
        Topics topics, Registry registry, ControlMeters meters, ModelInspection inspection, ReadinessView readiness) {

    /** Name of the role in headers and meters. */
    public static final String ROLE = "controller";
}
