package io.understudy.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/**
 * Whole rollouts through the topologies of controller, router and evaluator, whose senders have wrong clocks. The clocks
 * of the roles are right. A wrong clock may add a warning, and must change nothing else.
 */
class SkewedClocksTest {

    private static final int REQUESTS = 800;

    private static final String ROLLOUT = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: external}}
            salt: salt
            unit: request
            outcome-window: 1h
            metrics:
              - {name: brier, kind: brier, role: success, mde: 0.05}
              - {name: errors, kind: error-rate, role: guardrail, margin: 2.5, negligible: 0.05}
            stages:
              - {kind: ab, share: 50%, require: superiority, minimum: {units: 300, duration: 30s}}
            policies: {grace: 10s}
            """;

    @Test
    void oneRequestFromAClockThatIs55MinutesAheadChangesNothing() {
        List<RolloutEvaluation> asEver = play(Duration.ZERO, SkewedClocksTest::right);
        assertThat(asEver).hasSizeGreaterThan(10);
        assertThat(asEver).anyMatch(evaluation -> evaluation.getVerdict() == Verdict.PASS);
        assertThat(asEver).noneMatch(SkewedClocksTest::warnsOfClocks);

        List<RolloutEvaluation> skewed = play(Duration.ZERO, request -> Duration.ofMinutes(request == 300 ? 55 : 0));
        assertThat(withoutWarnings(skewed)).isEqualTo(withoutWarnings(asEver));
        assertThat(skewed).filteredOn(SkewedClocksTest::warnsOfClocks).hasSize(1);
    }

    @Test
    void requestsFromClocksThatAreAnHourAheadOrBehindChangeNothing() {
        List<RolloutEvaluation> asEver = play(Duration.ZERO, SkewedClocksTest::right);
        List<RolloutEvaluation> ahead = play(Duration.ZERO, request -> Duration.ofMinutes(request % 20 == 7 ? 60 : 0));
        assertThat(withoutWarnings(ahead)).isEqualTo(withoutWarnings(asEver));
        assertThat(ahead)
                .first()
                .satisfies(evaluation ->
                        assertThat(evaluation.getWarnings()).anyMatch(warning -> warning.startsWith("the times of ")));

        List<RolloutEvaluation> behind = play(Duration.ZERO, request -> Duration.ofMinutes(-60));
        assertThat(behind).isEqualTo(asEver);
    }

    @Test
    void aStartFromALaptopWhoseClockIs40MinutesAheadOrBehindChangesNothing() {
        List<RolloutEvaluation> asEver = play(Duration.ZERO, SkewedClocksTest::right);
        assertThat(play(Duration.ofMinutes(40), SkewedClocksTest::right)).isEqualTo(asEver);
        assertThat(play(Duration.ofMinutes(-40), SkewedClocksTest::right)).isEqualTo(asEver);
    }

    /** The senders of all requests have the right time. */
    private static Duration right(int request) {
        return Duration.ZERO;
    }

    private static boolean warnsOfClocks(RolloutEvaluation evaluation) {
        return evaluation.getWarnings().stream().anyMatch(warning -> warning.contains("ahead of the router's clock"));
    }

    private static List<RolloutEvaluation> withoutWarnings(List<RolloutEvaluation> evaluations) {
        return evaluations.stream()
                .map(evaluation -> RolloutEvaluation.newBuilder(evaluation)
                        .setWarnings(List.of())
                        .build())
                .toList();
    }

    /** The evaluations of a rollout whose candidate is better. */
    private static List<RolloutEvaluation> play(Duration laptop, IntFunction<Duration> senders) {
        try (WholeRollout rollout = new WholeRollout(ROLLOUT)) {
            return rollout.laptop(laptop).senders(senders).play(REQUESTS);
        }
    }
}
