package io.understudy.evidence;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.plan.EvidencePlan;
import io.understudy.schema.Arm;
import io.understudy.schema.Disagreement;
import io.understudy.statistics.BinomialMixture;
import io.understudy.statistics.SampleRatio;
import io.understudy.statistics.Side;
import io.understudy.testing.Plans;
import io.understudy.testing.Windows;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StageEvidenceTest {

    private static final Duration END = Duration.ofSeconds(5);

    private static final String LIMITED = "kind: error-rate, role: guardrail, margin: 2, limit: 0.1";
    /** ln of the weight of the evidence since the beginning. */
    private static final double HALF = Math.log(0.5);

    private static final double[] EVEN = {0.5, 0.5};

    private static StageSnapshot look(EvidencePlan plan, WindowCounts... windows) {
        StageEvidence evidence = StageEvidence.empty(plan, 0);
        for (WindowCounts window : windows) {
            evidence.absorb(window, END);
        }
        return evidence.snapshot(Duration.ofMinutes(1));
    }

    /** Requests of an arm, each observed by the first metric: the first {@code ones} of them as 1. */
    private static void requests(WindowCounts window, Arm arm, int requests, int keys, int ones) {
        for (int i = 0; i < requests; i++) {
            byte[] key = (arm + "-" + i % keys).getBytes(UTF_8);
            window.request(arm, key);
            window.observe(0, arm, WindowCounts.bucket(key), i < ones ? 1 : 0);
        }
    }

    private static WindowCounts window(EvidencePlan plan, int requests, int keys, int existingOnes, int candidateOnes) {
        WindowCounts window = Windows.empty(plan);
        requests(window, Arm.EXISTING, requests, keys, existingOnes);
        requests(window, Arm.CANDIDATE, requests, keys, candidateOnes);
        return window;
    }

    @Test
    void evidenceThatFallsIsGone() {
        EvidencePlan plan = Plans.byRequest(Plans.AB, "kind: conversion, role: success, mde: 1.5");

        ClaimLook before =
                look(plan, window(plan, 500, 500, 100, 160)).metrics().get(0).superior();
        ClaimLook after = look(plan, window(plan, 500, 500, 100, 160), window(plan, 500, 500, 160, 100))
                .metrics()
                .get(0)
                .superior();

        assertThat(before.logEvidence()).isGreaterThan(3);
        assertThat(after.logEvidence()).isLessThan(1);
    }

    @Test
    void aRateOverItsLimitIsJudgedByRequestsWhereTheyAreIndependent() {
        EvidencePlan plan = Plans.byRequest(Plans.AB, LIMITED);

        MetricLook metric = look(plan, window(plan, 200, 20, 0, 50)).metrics().get(0);

        assertThat(metric.overLimit())
                .isCloseTo(HALF + BinomialMixture.logEvidence(50, 150, 0.1, 10, Side.GREATER), within(1e-12))
                .isGreaterThan(10);
    }

    @Test
    void aRateOverItsLimitCountsAKeyAsOneTrialHoweverOftenItRepeats() {
        EvidencePlan plan = Plans.byKey(Plans.AB, LIMITED);

        MetricLook metric = look(plan, window(plan, 200, 20, 0, 50)).metrics().get(0);

        assertThat(metric.overLimit())
                .isCloseTo(HALF + BinomialMixture.logEvidence(5, 15, 0.1, 10, Side.GREATER), within(1e-12));
    }

    @Test
    void keysThatAreNotObservedAreNotTrialsOfALimit() {
        EvidencePlan plan = Plans.byKey(Plans.AB, LIMITED);
        WindowCounts window = window(plan, 40, 40, 0, 10);
        for (int i = 0; i < 500; i++) {
            window.request(Arm.CANDIDATE, ("unobserved-" + i).getBytes(UTF_8));
        }

        MetricLook metric = look(plan, window).metrics().get(0);

        assertThat(metric.overLimit())
                .isCloseTo(HALF + BinomialMixture.logEvidence(10, 30, 0.1, 10, Side.GREATER), within(1e-12));
    }

    @Test
    void withoutALimitNothingIsOverIt() {
        EvidencePlan plan = Plans.byRequest(Plans.AB, "kind: error-rate, role: guardrail, margin: 2");

        assertThat(look(plan, window(plan, 200, 200, 0, 200)).metrics().get(0).overLimit())
                .isZero();
    }

    @Test
    void comparesRequestsWithTheShares() {
        EvidencePlan plan = Plans.byRequest(Plans.AB, LIMITED);
        WindowCounts window = Windows.empty(plan);
        requests(window, Arm.EXISTING, 300, 300, 0);
        requests(window, Arm.CANDIDATE, 200, 200, 0);

        StageSnapshot snapshot = look(plan, window);

        assertThat(snapshot.sampleRatio()).isEqualTo(SampleRatio.logEvidence(new long[] {300, 200}, EVEN));
        assertThat(snapshot.units()).isEqualTo(new UnitCounts(300, 200));
    }

    @Test
    void comparesKeysWithTheSharesWhereKeysAreTheUnits() {
        EvidencePlan plan = Plans.byKey("kind: canary, share: 20%", LIMITED);
        WindowCounts window = Windows.empty(plan);
        requests(window, Arm.EXISTING, 3000, 300, 0);
        requests(window, Arm.CANDIDATE, 200, 200, 0);

        StageSnapshot snapshot = look(plan, window);

        assertThat(snapshot.sampleRatio())
                .isEqualTo(SampleRatio.logEvidence(new long[] {300, 200}, new double[] {0.8, 0.2}));
        assertThat(snapshot.units()).isEqualTo(new UnitCounts(300, 200));
        assertThat(snapshot.keys()).isEqualTo(new KeySample(300, 200, 0));
        assertThat(snapshot.existing().requests()).isEqualTo(3000);
    }

    @Test
    void anAlarmAboutTheSharesEndsWhenTheyComeRight() {
        EvidencePlan plan = Plans.byRequest(Plans.AB, LIMITED);
        WindowCounts uneven = Windows.empty(plan);
        requests(uneven, Arm.EXISTING, 300, 300, 0);
        WindowCounts other = Windows.empty(plan);
        requests(other, Arm.CANDIDATE, 300, 300, 0);

        assertThat(look(plan, uneven).sampleRatio()).isGreaterThan(Math.log(1000));
        assertThat(look(plan, uneven, other).sampleRatio()).isNegative();
    }

    @Test
    void thereIsNoShareToCompareWithInAShadowOrWhereTheCandidateServesAll() {
        EvidencePlan shadow = Plans.byKey(Plans.SHADOW, LIMITED);
        EvidencePlan full = Plans.byRequest("kind: canary, share: 100%, minimum: {units: 1}", LIMITED);
        WindowCounts mirrored = window(shadow, 500, 500, 0, 0);
        requests(mirrored, Arm.EXISTING, 500, 100, 0);
        WindowCounts all = Windows.empty(full);
        requests(all, Arm.CANDIDATE, 500, 500, 0);

        assertThat(look(shadow, mirrored).sampleRatio()).isZero();
        assertThat(look(shadow, mirrored).keys()).isEqualTo(KeySample.NONE);
        assertThat(look(full, all).sampleRatio()).isZero();
    }

    @Test
    void thereAreClassicalPValuesOnlyInAFixedStage() {
        EvidencePlan sequential = Plans.byRequest(Plans.AB, LIMITED);
        EvidencePlan fixed = Plans.byRequest(Plans.AB + ", test: fixed, maximum: {units: 10}", LIMITED);

        assertThat(look(sequential, window(sequential, 200, 200, 20, 30))
                        .metrics()
                        .get(0)
                        .harm()
                        .p())
                .isNaN();
        assertThat(look(fixed, window(fixed, 200, 200, 20, 30))
                        .metrics()
                        .get(0)
                        .harm()
                        .p())
                .isBetween(0.0, 1.0);
    }

    @Test
    void showsTheLastWindowsDisagreementsAndLatenciesAndTheStagesScores() {
        EvidencePlan plan = Plans.byRequest(Plans.SHADOW, LIMITED);
        WindowCounts first = Windows.empty(plan);
        first.disagreement("early", 0, 1);
        first.answer(Arm.EXISTING, 10, 100);
        WindowCounts second = Windows.empty(plan);
        second.disagreement("late", 0, 1);
        second.answer(Arm.EXISTING, 20, 300);

        StageSnapshot snapshot = look(plan, first, second);

        assertThat(snapshot.disagreements())
                .extracting(Disagreement::getRequestId)
                .containsExactly("late");
        assertThat(snapshot.existing().latency().p50()).isCloseTo(300, within(15.0));
        assertThat(snapshot.candidate().latency().p50()).isNaN();
        assertThat(snapshot.existing().scores().get(0)).isGreaterThan(0.2);
        assertThat(snapshot.existing().scores().get(19)).isGreaterThan(0.2);
        assertThat(snapshot.candidate().scores()).isEqualTo(List.of());
    }

    @Test
    void everyMetricIsLookedAtInThePlansOrder() {
        EvidencePlan plan = Windows.SHADOW_OF_REQUESTS;

        StageSnapshot snapshot = look(plan, Windows.of(plan, 0, 300));

        assertThat(snapshot.metrics()).extracting(MetricLook::spec).isEqualTo(plan.metrics());
        assertThat(snapshot.metrics().get(2).existing().units()).isEqualTo(300);
        assertThat(snapshot.metrics().get(2).existing().estimate()).isBetween(0.4, 0.6);
        assertThat(snapshot.metrics().get(2).worthwhile()).isEqualTo(0.1);
        assertThat(snapshot.metrics().get(0).allowance()).isEqualTo(Math.log(2));
        assertThat(snapshot.elapsed()).isEqualTo(Duration.ofMinutes(1));
    }
}
