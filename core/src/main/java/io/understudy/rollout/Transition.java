package io.understudy.rollout;

import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import java.util.Optional;

/**
 * The result of a command or a verdict.
 *
 * @param state the new state; empty when the old one stays
 * @param event the event to publish; empty when the command was handled before or when nothing changes
 */
public record Transition(Optional<RolloutState> state, Optional<RolloutEvent> event) {

    static final Transition NOTHING = new Transition(Optional.empty(), Optional.empty());

    /** A change of the state to {@code after}, with an event of type {@code type}. */
    static Transition to(RolloutState after, EventCause cause, RolloutEventType type) {
        RolloutEvent event =
                event(Optional.of(after), cause).setType(type).setState(after).build();
        return new Transition(Optional.of(after), Optional.of(event));
    }

    /**
     * A rejection, with an event of type REJECTED.
     *
     * @param before the state before the command; empty when the deployment does not exist
     * @param after the same state with the command's identifier added; empty when the identifier is not stored
     */
    static Transition rejection(Optional<RolloutState> before, Optional<RolloutState> after, EventCause cause) {
        return new Transition(
                after,
                Optional.of(
                        event(before, cause).setType(RolloutEventType.REJECTED).build()));
    }

    private static RolloutEvent.Builder event(Optional<RolloutState> state, EventCause cause) {
        Optional<Rollout> rollout = state.map(RolloutState::getRollout);
        return cause.event()
                .setRollout(rollout.map(Rollout::getId).orElse(null))
                .setStage(rollout.map(Rollout::getStage).orElse(null))
                .setStateVersion(state.map(RolloutState::getVersion).orElse(0L));
    }
}
