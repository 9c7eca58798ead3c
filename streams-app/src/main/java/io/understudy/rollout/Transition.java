package io.understudy.rollout;

import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutState;
import java.util.Optional;

/**
 * What a command did.
 *
 * @param state the state to keep from now on; empty when it is the old one
 * @param event what is to be told; empty for a command that was already answered
 */
public record Transition(Optional<RolloutState> state, Optional<RolloutEvent> event) {

    static final Transition NOTHING = new Transition(Optional.empty(), Optional.empty());
}
