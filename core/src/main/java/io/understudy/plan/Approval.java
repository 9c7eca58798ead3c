package io.understudy.plan;

/** Which steps of a rollout wait for a person's approval, even when their stage has passed. */
public enum Approval {
    /** No step. */
    NONE,
    /** The last step, which makes the candidate the existing model. */
    PROMOTION,
    /** Every step: from each stage to the next, and the last step. */
    STAGES;

    /**
     * Whether the step out of a stage needs approval; {@code lastStage} says whether that stage is the rollout's last.
     */
    public boolean isRequired(boolean lastStage) {
        return this == STAGES || this == PROMOTION && lastStage;
    }
}
