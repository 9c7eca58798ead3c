package io.understudy.rollout;

import io.understudy.reason.ReasonCode;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutVerb;
import java.util.Optional;

/** The direction in which an operator moves a rollout through its stages, and how a command for it is built. */
public enum StageMove {
    /** To a later stage. */
    ADVANCE(1),
    /** To an earlier stage. */
    BACK(-1);

    private final int direction;

    StageMove(int direction) {
        this.direction = direction;
    }

    /**
     * Whether the controller can determine the target stage, so that the sender need not know the state: the next
     * stage.
     */
    public boolean isResolvedByController(Optional<Integer> to) {
        return this == ADVANCE && to.isEmpty();
    }

    /**
     * Turns {@code command} into GO_TO_STAGE with the target stage. It names the rollout and the version that the
     * sender saw, unless the sender gave a version. If the state has changed since, the controller rejects the command
     * and the sender must decide again.
     *
     * @param state the deployment's state as the sender sees it
     * @param to the target stage, from 0; empty for the neighbouring stage
     * @throws RejectedCommandException when there is no rollout, or no such stage in this direction
     */
    public void resolve(RolloutCommand.Builder command, Optional<RolloutState> state, Optional<Integer> to) {
        Rollout rollout = state.map(RolloutState::getRollout)
                .orElseThrow(() -> new RejectedCommandException(
                        ReasonCode.NO_ROLLOUT, "deployment '" + command.getDeployment() + "' has no rollout"));
        int target = to.orElse(rollout.getStage() + direction);
        if (target < 0 && to.isEmpty()) {
            throw new RejectedCommandException(
                    ReasonCode.STAGE_UNKNOWN, "rollout " + rollout.getId() + " is in its first stage");
        }
        if ((target - rollout.getStage()) * direction <= 0) {
            throw new RejectedCommandException(
                    ReasonCode.STAGE_UNKNOWN,
                    "stage " + target + " is not " + (direction > 0 ? "after" : "before") + " the current stage, "
                            + rollout.getStage());
        }
        command.setVerb(RolloutVerb.GO_TO_STAGE).setRollout(rollout.getId()).setStage(target);
        if (command.getExpectedVersion() == null) {
            command.setExpectedVersion(state.get().getVersion());
        }
    }
}
