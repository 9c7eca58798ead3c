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
import io.understudy.schema.PredictionStatus;
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
