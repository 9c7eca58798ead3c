package io.understudy.collecting;

import static io.understudy.collecting.CollectingFixture.CANARY;
import static io.understudy.collecting.CollectingFixture.SHADOW;
import static io.understudy.collecting.CollectingFixture.START;
import static io.understudy.collecting.CollectingFixture.live;
import static io.understudy.collecting.CollectingFixture.prediction;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.evidence.WindowCounts;
import io.understudy.evidence.WindowCountsCodec;
import io.understudy.schema.Arm;
import io.understudy.schema.EvidenceBlock;
import io.understudy.schema.Outcome;
import io.understudy.schema.PendingRequest;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RatioBucket;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestJoinTest {

    private static final String BY_NAME = """
            deployment: d
            candidate: {version: v2, scorer: {kind: external}}
            unit: request
            metrics:
              - {name: clicks, kind: conversion, role: success, mde: 1.2, outcome: click}
              - {name: buys, kind: conversion, role: guardrail, margin: 1.5, outcome: buy}
            stages: [{kind: ab, share: 50%}]
            """;

    private final LiveRollout shadow = live(SHADOW);
    private final RequestJoin join = new RequestJoin(shadow.stage());
    private final WindowCounts window = WindowCounts.empty(shadow.stage(), false);

    @Test
    void isNotNeededWhereEveryMetricIsMeasuredOnAnswers() {
        assertThat(join.isNeeded()).isTrue();
        assertThat(new RequestJoin(live(CANARY).stage()).isNeeded()).isFalse();
    }

    @Test
    void readsOnlyOutcomesThatSomeMetricNames() {
        RequestJoin byName = new RequestJoin(live(BY_NAME).stage());
        assertThat(byName.readsOutcome("click")).isTrue();
        assertThat(byName.readsOutcome("refund")).isFalse();
        assertThat(join.readsOutcome("anything"))
                .as("a metric without a name reads any")
                .isTrue();
    }

    @Test
    void countsAgreementBeforeTheOutcomeComesAndTheRestWithIt() {
        PendingRequest answered = answers(0.6, 0.65);
        PendingRequest first = join.count(answered, "r", 0, window, (metric, arm) -> {});
        assertThat(join.isDone(first)).isFalse();
        assertThat(first.getExisting()).as("still needed").isNotNull();
        PendingRequest done = join.count(
                join.withOutcome(Optional.of(first), outcome("label", true), 3).orElseThrow(),
                "r",
                0,
                window,
                (metric, arm) -> {});
        assertThat(join.isDone(done)).isTrue();
        assertThat(done.getExisting()).as("only a marker stays").isNull();
        assertThat(done.getOutcomes()).isEmpty();

        EvidenceBlock counted = WindowCountsCodec.encode(window, START);
        assertThat(counted.getMetrics().get(2).getCounts())
                .as("agreement, once")
                .containsExactly(0L, 0L, 1L, 1L);
        assertThat(counted.getExistingLabelled()).isEqualTo(1);
        assertThat(counted.getDisagreements()).hasSize(1);
    }

    @Test
    void waitsForBothAnswersInAShadow() {
        PendingRequest alone = join.withAnswer(
                        Optional.empty(),
                        prediction(shadow, "r", Arm.EXISTING, 0.6).build(),
                        Arm.EXISTING,
                        1)
                .orElseThrow();
        PendingRequest labelled =
                join.withOutcome(Optional.of(alone), outcome("label", true), 2).orElseThrow();
        assertThat(join.count(labelled, "r", 0, window, (metric, arm) -> {})).isEqualTo(labelled);
        assertThat(window.isEmpty()).isTrue();
    }

    @Test
    void keepsOutcomesThatCameBeforeTheFirstAnswer() {
        PendingRequest early =
                join.withOutcome(Optional.empty(), outcome("label", true), 5).orElseThrow();
        PendingRequest answered = join.withAnswer(
                        Optional.of(early),
                        prediction(shadow, "r", Arm.EXISTING, 0.6).build(),
                        Arm.EXISTING,
                        9)
                .orElseThrow();
        assertThat(answered.getOutcomes()).hasSize(1);
        assertThat(answered.getSince()).isEqualTo(5);
        assertThat(answered.getLatest()).isEqualTo(9);
    }

    @Test
    void startsAgainWithTheAnswerOfAnotherEpochButKeepsTheOutcomes() {
        PendingRequest before = join.withOutcome(Optional.of(answers(0.6, 0.9)), outcome("label", true), 3)
                .orElseThrow();
        PendingRequest counted = join.count(before, "r", 0, window, (metric, arm) -> {});
        PendingRequest next = join.withAnswer(
                        Optional.of(counted),
                        prediction(shadow, "r", Arm.EXISTING, 0.7).setEpoch(2).build(),
                        Arm.EXISTING,
                        10)
                .orElseThrow();
        assertThat(next.getEpoch()).isEqualTo(2);
        assertThat(next.getCounted()).isZero();
        assertThat(next.getCandidate()).isNull();
    }

    @Test
    void takesOneOutcomeOfEachName() {
        RequestJoin byName = new RequestJoin(live(BY_NAME).stage());
        PendingRequest click =
                byName.withOutcome(Optional.empty(), outcome("click", true), 1).orElseThrow();
        assertThat(byName.withOutcome(Optional.of(click), outcome("click", false), 2))
                .isEmpty();
        assertThat(byName.withOutcome(Optional.of(click), outcome("buy", true), 2))
                .isPresent();
    }

    @Test
    void keepsNoScoreOfAnAnswerThatFailed() {
        PendingRequest failed = join.withAnswer(
                        Optional.empty(),
                        prediction(shadow, "r", Arm.CANDIDATE, 0.6)
                                .setStatus(PredictionStatus.ERROR)
                                .build(),
                        Arm.CANDIDATE,
                        1)
                .orElseThrow();
        assertThat(failed.getCandidate().getScore()).isNull();
    }

    @Test
    void keepsAVectorUntilItsOutcomeComesButNoMoreOfItThanItNeeds() {
        LiveRollout classes = live(SHADOW.replace("kind: brier,", "kind: brier, classes: [a, b, c],"));
        RequestJoin byClass = new RequestJoin(classes.stage());
        WindowCounts counts = WindowCounts.empty(classes.stage(), false);
        PendingRequest one = byClass.withAnswer(
                        Optional.empty(), vector(classes, Arm.EXISTING, 0.5, 0.25, 0.25), Arm.EXISTING, 1)
                .orElseThrow();
        PendingRequest both = byClass.withAnswer(
                        Optional.of(one), vector(classes, Arm.CANDIDATE, 0.25, 0.75, 0), Arm.CANDIDATE, 2)
                .orElseThrow();
        assertThat(both.getExisting().getVector()).containsExactly(0.5, 0.25, 0.25);
        PendingRequest labelled = byClass.withOutcome(
                        Optional.of(byClass.count(both, "r", 0, counts, (metric, arm) -> {})), outcome("label", "b"), 3)
                .orElseThrow();
        assertThat(byClass.isDone(byClass.count(labelled, "r", 0, counts, (metric, arm) -> {})))
                .isTrue();

        EvidenceBlock counted = WindowCountsCodec.encode(counts, START);
        assertThat(counted.getMetrics().get(0).getMoments())
                .extracting("mean")
                .containsExactly(0.25 + 0.5625 + 0.0625, 0.125, 0.125 - 0.875);

        PendingRequest tooLong = byClass.withAnswer(
                        Optional.empty(), vector(classes, Arm.EXISTING, 1, 2, 3, 4, 5, 6), Arm.EXISTING, 1)
                .orElseThrow();
        assertThat(tooLong.getExisting().getVector()).as("one too many").hasSize(4);
        PendingRequest withoutClasses = join.withAnswer(
                        Optional.empty(), vector(shadow, Arm.EXISTING, 0.5, 0.5), Arm.EXISTING, 1)
                .orElseThrow();
        assertThat(withoutClasses.getExisting().getVector()).isEmpty();
    }

    @Test
    void aRatioWaitsForBothOfItsOutcomes() {
        LiveRollout live = live("""
                deployment: d
                candidate: {version: v2, scorer: {kind: external}}
                unit: request
                metrics: [{name: rps, kind: ratio, role: success, mde: 1, numerator: revenue, denominator: sessions, cap: 50}]
                stages: [{kind: ab, share: 50%}]
                """);
        RequestJoin ratio = new RequestJoin(live.stage());
        WindowCounts counts = WindowCounts.empty(live.stage(), false);
        assertThat(ratio.readsOutcome("revenue")).isTrue();
        assertThat(ratio.readsOutcome("sessions")).isTrue();
        assertThat(ratio.readsOutcome("label")).isFalse();

        PendingRequest answered = ratio.withAnswer(
                        Optional.empty(),
                        prediction(live, "r", Arm.CANDIDATE, 0.6).build(),
                        Arm.CANDIDATE,
                        1)
                .orElseThrow();
        PendingRequest half = ratio.count(
                ratio.withOutcome(Optional.of(answered), outcome("sessions", 4.0), 2)
                        .orElseThrow(),
                "r",
                7,
                counts,
                (metric, arm) -> {});
        assertThat(ratio.isDone(half)).isFalse();
        assertThat(counts.isEmpty()).isTrue();

        PendingRequest both = ratio.count(
                ratio.withOutcome(Optional.of(half), outcome("revenue", 80.0), 3)
                        .orElseThrow(),
                "r",
                7,
                counts,
                (metric, arm) -> {});
        assertThat(ratio.isDone(both)).isTrue();
        EvidenceBlock counted = WindowCountsCodec.encode(counts, START);
        assertThat(counted.getMetrics().get(0).getRatios().get(0)).isEmpty();
        assertThat(counted.getMetrics().get(0).getRatios().get(1)).containsExactly(new RatioBucket(7, 1L, 50.0, 4.0));
        assertThat(counted.getCandidateLabelled()).isEqualTo(1);
    }

    private static Prediction vector(LiveRollout live, Arm arm, double... numbers) {
        return prediction(live, "r", arm, 0)
                .setScore(null)
                .setVector(Arrays.stream(numbers).boxed().toList())
                .build();
    }

    private PendingRequest answers(double existing, double candidate) {
        PendingRequest one = join.withAnswer(
                        Optional.empty(),
                        prediction(shadow, "r", Arm.EXISTING, existing).build(),
                        Arm.EXISTING,
                        1)
                .orElseThrow();
        return join.withAnswer(
                        Optional.of(one),
                        prediction(shadow, "r", Arm.CANDIDATE, candidate).build(),
                        Arm.CANDIDATE,
                        2)
                .orElseThrow();
    }

    private static Outcome outcome(String name, Object value) {
        return Outcome.newBuilder()
                .setRequestId("r")
                .setDeployment("d")
                .setName(name)
                .setValue(value)
                .setObservedAt(START)
                .build();
    }
}
