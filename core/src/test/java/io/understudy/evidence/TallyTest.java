package io.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.plan.EvidencePlan;
import io.understudy.schema.Arm;
import io.understudy.statistics.Moments;
import io.understudy.statistics.PairCounts;
import io.understudy.statistics.TwoByTwoTable;
import io.understudy.testing.Plans;
import org.junit.jupiter.api.Test;

class TallyTest {

    private static Tally empty(EvidencePlan plan) {
        return Tallies.empty(plan.metrics().get(0), plan.stages().get(0), plan.isByKey());
    }

    @Test
    void ratesCountEachArmsSuccesses() {
        Tally.Rates rates = (Tally.Rates) empty(Plans.byRequest(Plans.AB, "kind: conversion, role: diagnostic"));

        rates.observe(Arm.EXISTING, 0, 1);
        rates.observe(Arm.EXISTING, 0, 0);
        rates.observe(Arm.EXISTING, 0, 0);
        rates.observe(Arm.CANDIDATE, 0, 1);

        assertThat(rates.table()).isEqualTo(new TwoByTwoTable(3, 1, 1, 1));
        assertThat(rates.existingUnits()).isEqualTo(3);
        assertThat(rates.candidateUnits()).isEqualTo(1);
    }

    @Test
    void agreementIsOneAnswerToAPair() {
        Tally.Rates rates = (Tally.Rates) empty(Plans.byKey(Plans.SHADOW, "kind: agreement, role: diagnostic"));

        rates.observePair(0, 1, 1);
        rates.observePair(0, 0, 0);
        rates.observePair(0, 0, 0);

        assertThat(rates.table()).isEqualTo(new TwoByTwoTable(0, 0, 3, 1));
    }

    @Test
    void pairsCountWhoWasRight() {
        Tally.Pairs pairs = (Tally.Pairs) empty(Plans.byRequest(Plans.SHADOW, "kind: accuracy, role: diagnostic"));

        pairs.observePair(0, 1, 1);
        pairs.observePair(0, 1, 0);
        pairs.observePair(0, 1, 0);
        pairs.observePair(0, 0, 1);
        pairs.observePair(0, 0, 0);

        assertThat(pairs.counts()).isEqualTo(new PairCounts(1, 2, 1, 1));
        assertThat(pairs.existingUnits()).isEqualTo(5);
        assertThat(pairs.candidateUnits()).isEqualTo(5);
        assertThatThrownBy(() -> pairs.observe(Arm.EXISTING, 0, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void meansKeepTheMomentsOfArmsAndOfDifferencesOnTheSameRequests() {
        Tally.Means arms = (Tally.Means) empty(Plans.byRequest(Plans.AB, "kind: value, role: diagnostic"));
        Tally.Means shadow = (Tally.Means) empty(Plans.byRequest(Plans.SHADOW, "kind: brier, role: diagnostic"));

        arms.observe(Arm.EXISTING, 0, 3);
        arms.observe(Arm.CANDIDATE, 0, 4);
        arms.observe(Arm.CANDIDATE, 0, 6);
        shadow.observePair(0, 0.25, 1);
        shadow.observePair(0, 0.5, 0.25);

        assertThat(arms.existing()).isEqualTo(Moments.of(3));
        assertThat(arms.candidate()).isEqualTo(Moments.of(4, 6));
        assertThat(arms.difference()).isEqualTo(Moments.NONE);
        assertThat(arms.existingUnits()).isEqualTo(1);
        assertThat(arms.candidateUnits()).isEqualTo(2);
        assertThat(arms.candidateEstimate()).isEqualTo(5);
        assertThat(shadow.existing()).isEqualTo(Moments.of(0.25, 0.5));
        assertThat(shadow.candidate()).isEqualTo(Moments.of(1, 0.25));
        assertThat(shadow.difference()).isEqualTo(Moments.of(0.75, -0.25));
    }

    @Test
    void keysAreSummedByBucket() {
        Tally.KeyGroups arms = (Tally.KeyGroups) empty(Plans.byKey(Plans.AB, "kind: value, role: diagnostic"));
        Tally.KeyGroups shadow = (Tally.KeyGroups) empty(Plans.byKey(Plans.SHADOW, "kind: brier, role: diagnostic"));

        arms.observe(Arm.EXISTING, 3, 2);
        arms.observe(Arm.EXISTING, 3, 4);
        arms.observe(Arm.CANDIDATE, 5, 7);
        shadow.observePair(9, 0.25, 1);

        assertThat(arms.existingUnits()).isEqualTo(2);
        assertThat(arms.existingEstimate()).isEqualTo(3);
        assertThat(arms.candidateUnits()).isEqualTo(1);
        assertThat(arms.candidateEstimate()).isEqualTo(7);
        assertThat(shadow.existingEstimate()).isEqualTo(0.25);
        assertThat(shadow.candidateEstimate()).isEqualTo(1);
        assertThat(shadow.difference().ratio()).isEqualTo(0.75);
        arms.existing().forEach((bucket, countAndSum) -> assertThat(bucket).isEqualTo(3));
    }

    @Test
    void scoresAreCountedByArm() {
        Tally.Scores scores = (Tally.Scores) empty(Plans.byKey(Plans.AB, "kind: score-drift, role: diagnostic"));

        scores.observe(Arm.EXISTING, 0, 1);
        scores.observePair(0, 2, 3);

        assertThat(scores.existingUnits()).isEqualTo(2);
        assertThat(scores.candidateUnits()).isEqualTo(1);
        assertThat(scores.candidate().lowest()).isGreaterThan(2.8);
        assertThat(scores.candidateEstimate()).isNaN();
    }

    @Test
    void anArmWithoutAnObservationHasNoEstimate() {
        for (EvidencePlan plan : new EvidencePlan[] {
            Plans.byRequest(Plans.AB, "kind: conversion, role: diagnostic"),
            Plans.byRequest(Plans.AB, "kind: value, role: diagnostic"),
            Plans.byRequest(Plans.SHADOW, "kind: accuracy, role: diagnostic"),
            Plans.byKey(Plans.AB, "kind: value, role: diagnostic")
        }) {
            assertThat(empty(plan).existingEstimate()).isNaN();
            assertThat(empty(plan).candidateEstimate()).isNaN();
        }
    }
}
