package io.understudy.evaluation;

import io.understudy.registry.Registry;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.util.function.IntSupplier;

/**
 * What the evaluator works with.
 *
 * @param topics where things come from and go
 * @param registry schemas of answers, outcomes, states and evaluations
 * @param meters what is counted
 * @param partitions how many partitions the data topics have; asked once a task
 * @param silence how long a topic may bring nothing before windows no longer wait for it
 * @param startup how long after a start nothing counts as silence: what waits on the topics must come first
 * @param patience how long to wait for a state that an answer names and that is not here yet
 */
public record EvaluationContext(
        Topics topics,
        Registry registry,
        EvaluationMeters meters,
        IntSupplier partitions,
        Duration silence,
        Duration startup,
        Duration patience) {

    /** The role's name in headers and meters. */
    public static final String ROLE = "evaluator";
}
