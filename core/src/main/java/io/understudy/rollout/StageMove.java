package io.understudy.rollout;

import io.understudy.reason.ReasonCode;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutVerb;
import java.util.Optional;

/** Which way a command moves a rollout through its stages. */
public enum StageMove {
    /** To a later stage. */
    ADVANCE(1),
    /** To an earlier stage. */
    BACK(-1);

    private final int direction;

    StageMove(int direction) {
        this.direction = direction;
    }

    /** Whether the command needs no look at the rollout: the controller knows which stage is next. */
    public boolean isPlain(Optional<Integer> to) {
        return this == ADVANCE && to.isEmpty();
    }

    /**
     * Makes {@code command} go to a stage that lies this way of the present one, and is of the rollout as it was seen: should it have
     * moved on, the command is to be thought over.
     *
     * @param state the deployment as its sender sees it
     * @param to the stage, from 0; empty: the neighbouring one
     * @throws RejectedCommandException when there is no rollout, or no such stage this way
     */
    public void aim(RolloutCommand.Builder command, Optional<RolloutState> state, Optional<Integer> to) {
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
                    "stage " + target + " is not " + (direction > 0 ? "after" : "before") + " the present one, "
                            + rollout.getStage());
        }
        command.setVerb(RolloutVerb.GO_TO_STAGE).setRollout(rollout.getId()).setStage(target);
        if (command.getExpectedVersion() == null) {
            command.setExpectedVersion(state.get().getVersion());
        }
    }
}
