package io.understudy.collecting;

import io.understudy.assignment.TrafficSplit;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.StagePlan;
import io.understudy.schema.PendingRequest;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutState;
import java.util.EnumSet;
import java.util.Set;

/**
 * A rollout that is in progress and has metrics.
 *
 * @param state state of its deployment
 * @param plan how the rollout is judged
 * @param split which requests are mirrored
 */
public record LiveRollout(RolloutState state, EvidencePlan plan, TrafficSplit split) {

    /** The rollout's record. */
    public Rollout rollout() {
        return state.getRollout();
    }

    /** The name of the deployment. */
    public String deployment() {
        return state.getDeployment();
    }

    /** The plan of the current stage. */
    public StagePlan stage() {
        return plan.stages().get(rollout().getStage());
    }

    /** Whether this is epoch number {@code epoch} of rollout {@code id}. */
    public boolean matches(String id, int epoch) {
        return rollout().getId().equals(id) && rollout().getEpoch() == epoch;
    }

    /**
     * The sources whose time must pass the end of a window before the window closes. If the candidate serves, the time
     * of both arms must pass it as well; see {@link ArmClock}.
     */
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

    /**
     * Whether the request has its answers, and a metric will count it at its maturity. Until then it must be kept, with
     * every outcome that arrives in time.
     */
    public boolean isMaturing(PendingRequest request) {
        return stage().needsMaturity() && new RequestJoin(stage()).isMaturing(request);
    }

    /**
     * Whether an answer or outcome is too late to count.
     *
     * @param ageMillis time since the first record of its request
     */
    public boolean isOutsideOutcomeWindow(long ageMillis) {
        return ageMillis > plan.outcomeWindow().toMillis();
    }
}
