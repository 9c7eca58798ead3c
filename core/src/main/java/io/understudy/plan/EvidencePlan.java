package io.understudy.plan;

import io.understudy.schema.RandomisationUnit;
import java.time.Duration;
import java.util.List;

/**
 * How a rollout is judged.
 *
 * @param unit the independent unit: record keys or requests
 * @param metrics all metrics, in the author's order
 * @param stages all stages in order, never empty
 * @param window the length of a window; evidence is judged after each window
 * @param outcomeWindow how long after its request an outcome still counts
 * @param alpha the probability, over the whole rollout, of a false claim that leads to a promotion
 * @param alphaAbort the probability, over the whole rollout, of aborting a candidate that does no harm
 * @param policies what happens to a rollout that cannot be decided
 */
public record EvidencePlan(
        RandomisationUnit unit,
        List<MetricSpec> metrics,
        List<StagePlan> stages,
        Duration window,
        Duration outcomeWindow,
        double alpha,
        double alphaAbort,
        VerdictPolicies policies) {

    /** Whether the independent units are keys, not requests. */
    public boolean isByKey() {
        return unit == RandomisationUnit.KEY;
    }
}
