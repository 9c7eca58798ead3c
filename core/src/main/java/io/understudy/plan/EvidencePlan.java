package io.understudy.plan;

import io.understudy.schema.RandomisationUnit;
import io.understudy.statistics.SignBets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
        List<String> warnings = new ArrayList<>();
        for (int i = 0; i < stages.size(); i++) {
            StagePlan stage = stages.get(i);
            if (isWithoutEnd(stage)) {
                warnings.add(
                        "stages[" + i + "] has neither a cycle nor a maximum: it may pass on the first hours that suit"
                                + " the candidate, and it never ends without a decision; declare cycle: 24h or 7d beside the stages,"
                                + " or a maximum");
            }
            long needed = fewestCycles(stage);
            Optional<Long> available =
                    cycle.flatMap(length -> stage.maximum().duration().map(maximum -> maximum.dividedBy(length)));
            if (stage.isJudgedOverCycles()
                    && available.map(cycles -> cycles < needed).orElse(false)) {
                warnings.add("stages[" + i + "] ends after " + available.get() + " cycles, and fewer than " + needed
                        + " can show nothing at alpha " + alpha
                        + "; declare a longer maximum, or minimum: {cycles: 0} if the"
                        + " stage need not be judged over cycles");
            }
        }
        return warnings;
    }

    /** The fewest cycles that can show a claim of the stage, if all of them had the same effect. */
    private long fewestCycles(StagePlan stage) {
        long claims = stage.superiority() ? Math.max(1, stage.successMetrics()) : 1;
        SignBets bets = SignBets.NONE;
        while (bets.logEvidence() < Math.log(claims / alpha)) {
            bets = bets.plus(1);
        }
        return bets.observations();
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
