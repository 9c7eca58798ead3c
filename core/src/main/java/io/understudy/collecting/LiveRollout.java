package io.understudy.collecting;

import io.understudy.assignment.TrafficSplit;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.StagePlan;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutState;
import java.util.EnumSet;
import java.util.Set;

/**
 * A rollout that is under way and has metrics.
 *
 * @param state its deployment's state
 * @param plan how it is judged
 * @param split which requests are mirrored
 */
public record LiveRollout(RolloutState state, EvidencePlan plan, TrafficSplit split) {

    /** The rollout's record. */
    public Rollout rollout() {
        return state.getRollout();
    }

    /** The deployment's name. */
    public String deployment() {
        return state.getDeployment();
    }

    /** The plan of the current stage. */
    public StagePlan stage() {
        return plan.stages().get(rollout().getStage());
    }

    /** Whether this is epoch number {@code epoch} of the rollout {@code id}. */
    public boolean is(String id, int epoch) {
        return rollout().getId().equals(id) && rollout().getEpoch() == epoch;
    }

    /** The sources whose time must pass a window's end before the window closes. Where the candidate serves, both arms' answers count as well. */
    Set<Source> awaitedSources() {
        Set<Source> awaited = EnumSet.noneOf(Source.class);
        if (stage().isShadow()) {
            awaited.add(Source.PREDICTIONS);
            awaited.add(Source.CANDIDATE_PREDICTIONS);
        }
        if (stage().needsOutcomes()) {
            awaited.add(Source.OUTCOMES);
        }
        return awaited;
    }

    /** Whether an answer or outcome that is this old, by its request, comes too late to count. */
    public boolean isOutside(long ageMillis) {
        return ageMillis > plan.outcomeWindow().toMillis();
    }
}
