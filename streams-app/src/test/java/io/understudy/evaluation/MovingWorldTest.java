package io.understudy.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.reason.ReasonCode;
import io.understudy.schema.Arm;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whole rollouts through the topologies, in a world that changes and loses things. */
class MovingWorldTest {

    private static final String AB = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: external}}
            salt: salt
            unit: %s
            outcome-window: 10s
            metrics:
              - {name: brier, kind: brier, role: success, mde: 0.05}
            stages:
              - {kind: ab, share: 50%%, require: superiority%s}
            policies: {grace: 10s}
            """;

    private static List<RolloutEvaluation> play(WholeRollout rollout, int requests) {
        try (rollout) {
            return rollout.play(requests);
        }
    }

    private static double noBetter(int request, boolean happened, double noise) {
        return (happened ? 0.6 : 0.3) + noise;
    }

    private static double better(int request, boolean happened, double noise) {
        return (happened ? 0.9 : 0) + noise;
    }

    private static double worse(int request, boolean happened, double noise) {
        return (happened ? 0.2 : 0.7) + noise;
    }

    private static long windows(List<RolloutEvaluation> evaluations, Verdict until) {
        return evaluations.stream()
                .takeWhile(evaluation -> evaluation.getVerdict() != until)
                .count();
    }

    @Test
    void aBreakThatComesLateIsFoundNearlyAsSoonAsOneThatIsThereAtOnce() {
        int before = 4000;
        String plan = AB.formatted("request", ", minimum: {units: 100000}");

        List<RolloutEvaluation> atOnce = play(
                new WholeRollout(plan).existing(MovingWorldTest::noBetter).candidate(MovingWorldTest::worse), 1000);
        List<RolloutEvaluation> late = play(
                new WholeRollout(plan)
                        .existing(MovingWorldTest::noBetter)
                        .candidate((request, happened, noise) -> request < before
                                ? noBetter(request, happened, noise)
                                : worse(request, happened, noise)),
                before + 1000);

        assertThat(atOnce).anyMatch(evaluation -> evaluation.getVerdict() == Verdict.ABORT);
        assertThat(late).anyMatch(evaluation -> evaluation.getVerdict() == Verdict.ABORT);
        long goodWindows = before / 50;
        assertThat(windows(late, Verdict.ABORT))
                .isBetween(goodWindows, goodWindows + 3 * windows(atOnce, Verdict.ABORT) + 2);
        assertThat(late)
                .filteredOn(evaluation -> evaluation.getVerdict() == Verdict.ABORT)
                .first()
                .satisfies(evaluation -> {
                    assertThat(evaluation.getCode()).isEqualTo(ReasonCode.SUCCESS_METRIC_WORSE.name());
                    assertThat(evaluation.getReason()).contains("after the beginning of the stage");
                });
    }

    @Test
    void aGainThatComesLateIsShown() {
        int before = 3000;

        List<RolloutEvaluation> evaluations = play(
                new WholeRollout(AB.formatted("request", ""))
                        .existing(MovingWorldTest::noBetter)
                        .candidate((request, happened, noise) -> request < before
                                ? noBetter(request, happened, noise)
                                : better(request, happened, noise)),
                3 * before);

        assertThat(evaluations)
                .filteredOn(evaluation -> evaluation.getVerdict() != Verdict.PASS)
                .noneMatch(evaluation -> evaluation.getVerdict() == Verdict.INCONCLUSIVE)
                .anyMatch(evaluation -> ReasonCode.NOT_WORTH_DETECTING.name().equals(evaluation.getCode()));
        assertThat(evaluations).anyMatch(evaluation -> evaluation.getVerdict() == Verdict.PASS);
    }

    @Test
    void whereTheCandidatesBadOutcomesNeverArriveTheComparisonIsInvalid() {
        List<RolloutEvaluation> evaluations = play(
                new WholeRollout(AB.formatted("request", ""))
                        .existing(MovingWorldTest::noBetter)
                        .candidate(MovingWorldTest::better)
                        .outcomes((arm, happened) -> arm == Arm.EXISTING || happened),
                2000);

        assertThat(evaluations).noneMatch(evaluation -> evaluation.getVerdict() == Verdict.PASS);
        assertThat(evaluations).anyMatch(evaluation -> evaluation.getVerdict() == Verdict.INVALID);
    }
}
