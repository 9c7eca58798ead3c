/**
 * The state machine of a deployment and its rollout: how commands and verdicts change its state.
 * {@link io.understudy.rollout.RolloutMachine} is the entry point. No Kafka.
 */
@NullMarked
package io.understudy.rollout;

import org.jspecify.annotations.NullMarked;
