package io.understudy.collecting;

import static io.understudy.collecting.CollectingFixture.START;
import static io.understudy.collecting.CollectingFixture.at;
import static io.understudy.collecting.CollectingFixture.live;
import static io.understudy.collecting.CollectingFixture.prediction;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.reason.ReasonCode;
import io.understudy.schema.Arm;
import io.understudy.schema.Outcome;
import io.understudy.schema.PartialEvidence;
import io.understudy.schema.Prediction;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Metrics from the records of answers and outcomes to the evaluations. */
class MetricsFromRecordsTest {

    private final CollectingFixture fixture = CollectingFixture.empty();
    private final WindowCollector collector = fixture.collector();
    private final List<RolloutEvaluation> evaluations = new ArrayList<>();
    private final Random random = new Random(4);

    private static String rollout(String stage, String metric) {
        return """
                deployment: d
                candidate: {version: v2, scorer: {kind: external}}
                unit: %s
                metrics: [{name: m, %s}]
                stages: [{%s}]
                """.formatted(metric.contains("by key") ? "key" : "request", metric.replace("by key, ", ""), stage);
    }

    /** What happens in one request: its answers and outcomes. */
    private interface Request {
        void happen(LiveRollout live, int number);
    }

    /** The last of the evaluations after {@code requests} requests, one a hundredth of a second. */
    private RolloutEvaluation after(LiveRollout live, int requests, Request request) {
        MergedEvidence merged = MergedEvidence.empty(live);
        for (int i = 0; i < requests; i++) {
            request.happen(live, i);
            for (PartialEvidence partial : collector.closeComplete(Optional.of(live), at(10L * i))) {
                evaluations.addAll(merged.add(partial, START));
            }
        }
        return evaluations.get(evaluations.size() - 1);
    }

    private void answer(LiveRollout live, int number, Prediction.Builder prediction) {
        Source source = prediction.getMirrored() ? Source.CANDIDATE_PREDICTIONS : Source.PREDICTIONS;
        Arrival arrival = collector.recordArrival(source, at(10L * number), at(10L * number));
        collector.collectAnswer(arrival, live, prediction.build(), key(number));
    }

    private void outcome(LiveRollout live, int number, String name, Object value) {
        Arrival arrival = collector.recordArrival(Source.OUTCOMES, at(10L * number), at(10L * number));
        Outcome outcome = Outcome.newBuilder()
                .setRequestId("r" + number)
                .setDeployment("d")
                .setName(name)
                .setValue(value)
                .setObservedAt(START)
                .build();
        collector.collectOutcome(arrival, live, outcome, key(number));
    }

    private static byte[] key(int number) {
        return ("k" + number % 3000).getBytes(UTF_8);
    }

    private static Prediction.Builder label(LiveRollout live, int number, Arm arm, String label) {
        return prediction(live, "r" + number, arm, 0).setScore(null).setLabel(label);
    }

    @Test
    void aBetterModelMayNameItsClassesByNumbers() {
        LiveRollout live =
                live(rollout("kind: shadow, require: superiority", "kind: accuracy, role: success, mde: 1.5"));

        RolloutEvaluation last = after(live, 4000, (rollout, i) -> {
            boolean late = random.nextInt(5) == 0;
            boolean existingRight = random.nextInt(100) < 80;
            boolean candidateRight = random.nextInt(100) < 93;
            answer(rollout, i, label(rollout, i, Arm.EXISTING, String.valueOf(late == existingRight)));
            answer(rollout, i, label(rollout, i, Arm.CANDIDATE, late == candidateRight ? "1" : "0"));
            outcome(rollout, i, "late", late ? 1.0 : 0.0);
        });

        assertThat(last.getMetrics().get(0).getCandidate().getEstimate()).isBetween(0.9, 0.96);
        assertThat(last.getCode()).isEqualTo(ReasonCode.STAGE_PASSED.name());
        assertThat(last.getWarnings()).isEmpty();
    }

    @Test
    void otherNamesForTheSameClassesAreNoHarmButAWarning() {
        LiveRollout live =
                live(rollout("kind: shadow, require: superiority", "kind: accuracy, role: success, mde: 1.5"));

        RolloutEvaluation last = after(live, 4000, (rollout, i) -> {
            boolean late = random.nextBoolean();
            answer(rollout, i, label(rollout, i, Arm.EXISTING, late ? "1" : "0"));
            answer(rollout, i, label(rollout, i, Arm.CANDIDATE, late ? "late" : "on time"));
            outcome(rollout, i, "late", late ? 1.0 : 0.0);
        });

        assertThat(evaluations).extracting(RolloutEvaluation::getVerdict).containsOnly(Verdict.CONTINUE);
        assertThat(last.getWarnings())
                .containsExactly("m: no label of the candidate is ever an outcome; its labels are late, on time,"
                        + " outcomes are 0, 1; until one is, the metric decides nothing");
        assertThat(last.getMetrics().get(0).getMissing()).contains("named differently");
    }

    @ParameterizedTest
    @ValueSource(strings = {"log-loss", "brier"})
    void aVectorOfProbabilitiesIsJudgedByTheClassThatHappens(String kind) {
        LiveRollout live = live(rollout(
                "kind: shadow, require: superiority",
                "kind: " + kind + ", role: success, mde: 0.05, classes: [weather, carrier, airport]"));
        List<String> classes = List.of("weather", "carrier", "airport", "unknown");

        RolloutEvaluation last = after(live, 2000, (rollout, i) -> {
            int actual = i % 50 == 0 ? 3 : random.nextInt(3);
            answer(rollout, i, vector(rollout, i, Arm.EXISTING, actual, 0.4));
            answer(rollout, i, vector(rollout, i, Arm.CANDIDATE, actual, 0.5));
            outcome(rollout, i, "cause", classes.get(actual));
        });

        assertThat(last.getVerdict()).isEqualTo(Verdict.PASS);
        assertThat(last.getWarnings())
                .singleElement()
                .asString()
                .contains("was not one of the classes weather, carrier, airport");
    }

    /** Gives the actual class a probability around {@code mean}. */
    private Prediction.Builder vector(LiveRollout live, int number, Arm arm, int actual, double mean) {
        double probability = mean + 0.3 * (random.nextDouble() - 0.5);
        List<Double> vector = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            vector.add(i == actual % 3 ? probability : (1 - probability) / 2);
        }
        return prediction(live, "r" + number, arm, 0).setScore(null).setVector(vector);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "by key, "})
    void aRatioIsOfAllRequestsOfAnArm(String unit) {
        LiveRollout live = live(rollout(
                "kind: ab, share: 50%, require: superiority",
                unit + "kind: ratio, role: success, mde: 0.4, numerator: revenue, denominator: sessions"));

        RolloutEvaluation last = after(live, 6000, (rollout, i) -> {
            Arm arm = key(i)[key(i).length - 1] % 2 == 0 ? Arm.CANDIDATE : Arm.EXISTING;
            double sessions = 1 + random.nextInt(4);
            answer(rollout, i, prediction(rollout, "r" + i, arm, 0.5));
            outcome(rollout, i, "revenue", sessions * (arm == Arm.CANDIDATE ? 2.5 : 2) + random.nextGaussian());
            outcome(rollout, i, "sessions", sessions);
        });

        assertThat(last.getVerdict()).isEqualTo(Verdict.PASS);
        assertThat(last.getMetrics().get(0).getCandidate().getEstimate()).isBetween(2.4, 2.6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "by key, "})
    void aSlowerTailAbortsAndTheSameTailPasses(String unit) {
        String metric = unit + "kind: latency-quantile, role: guardrail, margin: 1.1x, quantile: 0.9";

        assertThat(latencies(live(rollout("kind: ab, share: 50%", metric)), 1.5).getCode())
                .isEqualTo(ReasonCode.GUARDRAIL_WORSE.name());
        assertThat(latencies(live(rollout("kind: canary, share: 50%", metric)), 1)
                        .getCode())
                .isEqualTo(ReasonCode.STAGE_PASSED.name());
    }

    private RolloutEvaluation latencies(LiveRollout live, double factor) {
        WindowCollector own = CollectingFixture.empty().collector();
        MergedEvidence merged = MergedEvidence.empty(live);
        List<RolloutEvaluation> found = new ArrayList<>();
        for (int i = 0; i < 12_000; i++) {
            Arm arm = key(i)[key(i).length - 1] % 2 == 0 ? Arm.CANDIDATE : Arm.EXISTING;
            long latency =
                    Math.round(200 * Math.exp(0.4 * random.nextGaussian()) * (arm == Arm.CANDIDATE ? factor : 1));
            Prediction answer = prediction(live, "r" + i, arm, 0.5)
                    .setRoutedAt(START)
                    .setScoredAt(START.plusMillis(latency))
                    .build();
            own.collectAnswer(own.recordArrival(Source.PREDICTIONS, at(10L * i), at(10L * i)), live, answer, key(i));
            for (PartialEvidence partial : own.closeComplete(Optional.of(live), at(10L * i))) {
                found.addAll(merged.add(partial, START));
            }
        }
        return found.get(found.size() - 1);
    }
}
