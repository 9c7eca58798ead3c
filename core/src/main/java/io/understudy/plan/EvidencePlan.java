package io.understudy.plan;

import io.understudy.schema.RandomisationUnit;
import java.time.Duration;
import java.util.List;

/**
 * How a rollout is judged.
 *
 * @param unit what is independent of what: record keys or requests
 * @param metrics all metrics, in the author's order
 * @param stages all stages, in order, never empty
 * @param window how often evidence is looked at
 * @param outcomeWindow how long after its request an outcome still counts
 * @param alpha chance of a false claim that leads to a promotion, over the whole rollout
 * @param alphaAbort chance of aborting a candidate that does no harm, over the whole rollout
 * @param policies what becomes of a rollout that cannot be decided
 */
public record EvidencePlan(
        RandomisationUnit unit,
        List<MetricSpec> metrics,
        List<StagePlan> stages,
        Duration window,
        Duration outcomeWindow,
        double alpha,
        double alphaAbort,
        Policies policies) {

    /** Choices of a policy; each kind of trouble allows some of them. */
    public enum Policy {
        /** Wait for an operator. */
        HOLD,
        /** End the rollout. */
        ABORT,
        /** End the rollout because data are missing. */
        FAIL,
        /** Go on as if nothing were. */
        IGNORE
    }

    /**
     * What becomes of a rollout that cannot be decided.
     *
     * @param inconclusive HOLD or ABORT when a stage ends without a decision
     * @param invalid HOLD or ABORT when the comparison itself is broken
     * @param noData HOLD, FAIL or IGNORE when an arm has no data
     * @param grace how long after a stage's beginning data may be missing
     */
    public record Policies(Policy inconclusive, Policy invalid, Policy noData, Duration grace) {}

    /** Whether keys, not requests, are independent. */
    public boolean isByKey() {
        return unit == RandomisationUnit.KEY;
    }
}
