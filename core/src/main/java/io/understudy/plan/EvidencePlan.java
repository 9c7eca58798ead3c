package io.understudy.plan;

import io.understudy.schema.RandomisationUnit;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How a rollout is judged.
 *
 * @param unit the independent unit: record keys or requests
 * @param metrics all metrics, in the author's order
 * @param stages all stages in order, never empty
 * @param window the length of a window; evidence is judged after each window
 * @param outcomeWindow how long after its request an outcome still counts
 * @param cycle the time after which traffic repeats itself, such as a day or a week; empty if none is declared
 * @param coverage how evenly the outcomes of both arms must arrive
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
        Optional<Duration> cycle,
        CoverageRules coverage,
        double alpha,
        double alphaAbort,
        VerdictPolicies policies) {

    /** The age at which a request that has no outcome is taken to get none. */
    public Duration outcomesAfter() {
        return coverage.after().orElse(outcomeWindow);
    }

    /** What a reader of the plan should know before it is followed; empty when there is nothing. */
    public List<String> warnings() {
        return IntStream.range(0, stages.size())
                .filter(i -> isWithoutEnd(stages.get(i)))
                .mapToObj(i ->
                        "stages[" + i + "] has neither a cycle nor a maximum: it may pass on the first hours that suit"
                                + " the candidate, and it never ends without a decision; declare cycle: 24h or 7d beside the stages,"
                                + " or a maximum")
                .toList();
    }

    private static boolean isWithoutEnd(StagePlan stage) {
        return !stage.isJudgedOverCycles()
                && !stage.isFull()
                && !stage.hasMaximum()
                && stage.metrics().stream().anyMatch(MetricSpec::decides);
    }

    /** Whether the independent units are keys, not requests. */
    public boolean isByKey() {
        return unit == RandomisationUnit.KEY;
    }
}
