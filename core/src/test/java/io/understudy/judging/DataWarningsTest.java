package io.understudy.judging;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.evidence.DataQuality;
import io.understudy.evidence.DataQuality.Answers;
import io.understudy.plan.EvidencePlan;
import io.understudy.testing.Plans;
import io.understudy.testing.Snapshots;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DataWarningsTest {

    private static final Answers GOOD = new Answers(List.of(), 0, true);
    private static final List<String> BOTH = List.of("0", "1");

    private static List<String> warnings(String metric, long units, DataQuality data) {
        EvidencePlan plan = Plans.byKey(Plans.AB, metric + ", role: success, mde: 0.1");
        return Warnings.of(
                Snapshots.of(plan)
                        .look(
                                0,
                                look -> look.existing(units, 0.5)
                                        .candidate(units, 0.5)
                                        .data(data))
                        .build(),
                Optional.empty());
    }

    @Test
    void ofOutcomesThatMakeNoObservation() {
        assertThat(warnings("kind: brier", 1000, new DataQuality(BOTH, 3, GOOD, GOOD)))
                .containsExactly("m0: 3 times an outcome was not 0 or 1, true or false, and made no observation");
        assertThat(warnings("kind: brier, classes: [a, b]", 1000, new DataQuality(BOTH, 3, GOOD, GOOD)))
                .containsExactly("m0: 3 times an outcome was not one of the classes a, b, and made no observation");
        assertThat(warnings("kind: value", 1000, new DataQuality(BOTH, 3, GOOD, GOOD)))
                .containsExactly("m0: 3 times an outcome was not a number, and made no observation");
    }

    @Test
    void ofAnswersThatMakeNoObservation() {
        DataQuality data = new DataQuality(BOTH, 0, new Answers(List.of(), 4, true), new Answers(List.of(), 5, true));

        assertThat(warnings("kind: log-loss", 1000, data))
                .containsExactly(
                        "m0: 4 answers of the existing model had no score from 0 to 1, and made no observation",
                        "m0: 5 answers of the candidate had no score from 0 to 1, and made no observation");
        assertThat(warnings("kind: log-loss, classes: [a, b, c]", 1000, data))
                .contains("m0: 5 answers of the candidate had no vector of 3 probabilities whose sum is 1,"
                        + " and made no observation");
        assertThat(warnings("kind: accuracy, classes: [a, b, c]", 1000, data))
                .contains("m0: 5 answers of the candidate had no vector of 3 numbers, nor the label of a class,"
                        + " and made no observation");
    }

    @Test
    void ofLabelsThatNoOutcomeEverEquals() {
        DataQuality data = new DataQuality(BOTH, 0, GOOD, new Answers(List.of("late", "on time"), 0, false));

        assertThat(warnings("kind: accuracy", 200, data))
                .containsExactly("m0: no label of the candidate is ever an outcome; its labels are late, on time,"
                        + " outcomes are 0, 1; until one is, the metric decides nothing");
        assertThat(warnings("kind: accuracy", 199, data)).as("too few to say").isEmpty();
    }

    @Test
    void ofOutcomesOfOneClass() {
        DataQuality data = new DataQuality(List.of("1"), 0, GOOD, GOOD);

        assertThat(warnings("kind: conversion", 200, data))
                .containsExactly("m0: every outcome is 1; outcomes of the other class may be missing");
        assertThat(warnings("kind: conversion", 199, data)).isEmpty();
        assertThat(warnings("kind: value", 200, data))
                .as("a number has no class")
                .isEmpty();
    }
}
