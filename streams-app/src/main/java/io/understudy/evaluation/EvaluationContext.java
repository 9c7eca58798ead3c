package io.understudy.evaluation;

import io.understudy.registry.Registry;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.util.function.IntSupplier;

/**
 * The dependencies and settings of the evaluator.
 *
 * @param topics topics that it reads and writes
 * @param registry schemas of answers, outcomes, states and evaluations
 * @param meters meters of the evaluator
 * @param partitions number of partitions of the data topics; called once per task
 * @param silence how long a topic may be silent before windows stop waiting for it
 * @param startup how long after a start a topic does not count as silent, so that records that are already on the
 * topics can be read first
 * @param stateTimeout how long to wait for a state that an answer refers to and that has not arrived yet
 * @param maxAhead how far ahead of the router's clock the time of a request may be before the evaluation warns of it
 */
public record EvaluationContext(
        Topics topics,
        Registry registry,
        EvaluationMeters meters,
        IntSupplier partitions,
        Duration silence,
        Duration startup,
        Duration stateTimeout,
        Duration maxAhead) {

    /** The role's name in headers and meters. */
    public static final String ROLE = "evaluator";
}
