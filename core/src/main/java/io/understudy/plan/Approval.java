package io.understudy.plan;

/** Which of a rollout's steps wait for a person, however good the evidence. */
public enum Approval {
    /** None does. */
    NONE,
    /** The last: the candidate becomes the existing model. */
    PROMOTION,
    /** Every one: from stage to stage, and the last. */
    STAGES;

    public boolean isNeeded(boolean last) {
        return this == STAGES || this == PROMOTION && last;
    }
}
