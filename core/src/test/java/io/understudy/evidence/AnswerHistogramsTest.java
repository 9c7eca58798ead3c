package io.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.judging.JudgedStage;
import io.understudy.judging.Ruling;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;
import io.understudy.schema.Arm;
import io.understudy.schema.ArmTotals;
import java.time.Duration;
import java.time.Instant;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class AnswerHistogramsTest {

    private static final Duration END = Duration.ofSeconds(5);

    private static final EvidencePlan PLAN = SpecReader.evidence("""
            deployment: d
            candidate: {version: v2, scorer: {kind: external}}
            unit: request
            metrics: [{name: errors, kind: error-rate, role: guardrail, margin: 2}]
            stages: [{kind: ab, share: 50%}]
            """);

    /**
     * Scores of 0 to 1 evenly, and latencies of 1 to 1000 ms; the candidate's scores are halved, its latencies doubled.
     */
    private static WindowCounts window(double slower) {
        WindowCounts window = WindowCounts.empty(PLAN.stages().get(0), false);
        for (int i = 1; i <= 1000; i++) {
            window.answer(Arm.EXISTING, i / 1000.0, i * slower);
            window.answer(Arm.CANDIDATE, i / 2000.0, 2.0 * i * slower);
        }
        window.answer(Arm.CANDIDATE, Double.NaN, Double.NaN);
        window.request(Arm.EXISTING, null);
        return window;
    }

    @Test
    void reportsBothArmsScoresInTheSameBinsAndTheirLatencyQuantiles() {
        JudgedStage evidence = JudgedStage.empty(PLAN, 0);
        evidence.absorb(window(1), END);
        Ruling ruling = evidence.rule(Duration.ofSeconds(10));

        assertThat(ruling.scoreEdges()).hasSize(21).isSorted();
        assertThat(ruling.scoreEdges().get(20)).isCloseTo(1, Percentage.withPercentage(5));
        assertThat(sum(ruling.existing())).isCloseTo(1, within(1e-9));
        assertThat(sum(ruling.candidate())).isCloseTo(1, within(1e-9));
        assertThat(ruling.existing().getScores().get(15)).isCloseTo(0.05, within(0.01));
        assertThat(ruling.candidate().getScores().get(3)).isCloseTo(0.1, within(0.02));
        assertThat(ruling.candidate().getScores().get(15)).isZero();

        assertThat(ruling.existing().getLatencyP50()).isCloseTo(500, Percentage.withPercentage(5));
        assertThat(ruling.existing().getLatencyP99()).isCloseTo(990, Percentage.withPercentage(5));
        assertThat(ruling.candidate().getLatencyP95()).isCloseTo(1900, Percentage.withPercentage(5));
    }

    @Test
    void latencyIsThatOfTheLastWindowAndScoresAreThoseOfTheStage() {
        JudgedStage evidence = JudgedStage.empty(PLAN, 0);
        evidence.absorb(window(1), END);
        WindowCounts later = WindowCounts.empty(PLAN.stages().get(0), false);
        later.answer(Arm.EXISTING, 1, 40);
        evidence.absorb(later, END);
        Ruling ruling = evidence.rule(Duration.ofSeconds(20));
        assertThat(ruling.existing().getLatencyP50()).isCloseTo(40, Percentage.withPercentage(5));
        assertThat(ruling.candidate().getLatencyP50()).isNull();
        assertThat(sum(ruling.candidate())).isCloseTo(1, within(1e-9));
    }

    @Test
    void survivesEncodingAndMergesByAdding() {
        WindowCounts restored = WindowCountsCodec.decode(
                WindowCountsCodec.encode(window(1), Instant.EPOCH),
                PLAN.stages().get(0),
                false);
        WindowCounts twice = window(1);
        twice.addAll(restored);
        assertThat(twice.existingAnswers().scores().total()).isEqualTo(2000);
        assertThat(twice.candidateAnswers().latencies().quantile(0.5)).isCloseTo(1000, Percentage.withPercentage(5));
    }

    @Test
    void withoutScoresThereAreNoBins() {
        JudgedStage evidence = JudgedStage.empty(PLAN, 0);
        evidence.absorb(WindowCounts.empty(PLAN.stages().get(0), false), END);
        Ruling ruling = evidence.rule(Duration.ofSeconds(10));
        assertThat(ruling.scoreEdges()).isEmpty();
        assertThat(ruling.existing().getScores()).isEmpty();
        assertThat(ruling.existing().getLatencyP50()).isNull();
    }

    private static double sum(ArmTotals arm) {
        return arm.getScores().stream().mapToDouble(Double::doubleValue).sum();
    }
}
