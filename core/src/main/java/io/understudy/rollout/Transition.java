package io.understudy.rollout;

import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import java.util.Optional;

/**
 * What a command or a verdict did.
 *
 * @param state the state to keep from now on; empty when it is the old one
 * @param event what is to be told; empty for what was answered already, or changes nothing
 */
public record Transition(Optional<RolloutState> state, Optional<RolloutEvent> event) {

    static final Transition NOTHING = new Transition(Optional.empty(), Optional.empty());

    /** A change to {@code after}. */
    static Transition to(RolloutState after, Cause cause, RolloutEventType type) {
        RolloutEvent event =
                about(Optional.of(after), cause).setType(type).setState(after).build();
        return new Transition(Optional.of(after), Optional.of(event));
    }

    /** No change but that the command is remembered, in {@code remembering}. */
    static Transition rejection(Optional<RolloutState> remembering, Optional<RolloutState> state, Cause cause) {
        return new Transition(
                remembering,
                Optional.of(
                        about(state, cause).setType(RolloutEventType.REJECTED).build()));
    }

    private static RolloutEvent.Builder about(Optional<RolloutState> state, Cause cause) {
        Optional<Rollout> rollout = state.map(RolloutState::getRollout);
        return cause.event()
                .setRollout(rollout.map(Rollout::getId).orElse(null))
                .setStage(rollout.map(Rollout::getStage).orElse(null))
                .setStateVersion(state.map(RolloutState::getVersion).orElse(0L));
    }
}
