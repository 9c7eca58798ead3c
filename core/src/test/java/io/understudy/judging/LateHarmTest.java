package io.understudy.judging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.evidence.WindowCounts;
import io.understudy.plan.EvidencePlan;
import io.understudy.schema.Arm;
import io.understudy.schema.StageEvidenceState;
import io.understudy.schema.Verdict;
import io.understudy.testing.Plans;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A candidate that is well at first and breaks late. */
class LateHarmTest {

    private static final int UNITS = 200;
    private static final int GOOD_WINDOWS = 300;

    /** How a fault is observed: each method of evidence has a kind. */
    private enum Method {
        ODDS(Plans.byRequest(Plans.AB, "kind: error-rate, role: guardrail, margin: 1.5")),
        RATE_DIFFERENCE(Plans.byRequest(Plans.AB, "kind: conversion, direction: lower, role: guardrail, margin: 0.01")),
        MEAN(Plans.byRequest(Plans.AB, "kind: value, direction: lower, role: guardrail, margin: 0.01")),
        BOUNDED(Plans.byRequest(
                Plans.AB, "kind: value, direction: lower, role: guardrail, margin: 0.02, bounds: [0, 1]")),
        RATE_BY_KEY(Plans.byKey(Plans.AB, "kind: error-rate, role: guardrail, margin: 1.5")),
        MEAN_BY_KEY(Plans.byKey(Plans.AB, "kind: value, direction: lower, role: guardrail, margin: 0.01")),
        PAIRS(Plans.byRequest(Plans.SHADOW, "kind: accuracy, role: guardrail, margin: 1.5")),
        PAIRS_BY_KEY(Plans.byKey(Plans.SHADOW, "kind: accuracy, role: guardrail, margin: 0.01")),
        AGREEMENT(Plans.byRequest(Plans.SHADOW, "kind: agreement, role: guardrail, margin: 0.02"));

        private final EvidencePlan plan;

        Method(EvidencePlan plan) {
            this.plan = plan;
        }

        /** Faults of one in a hundred and, once the candidate is broken, of ten in its arm. */
        WindowCounts window(Random random, boolean broken) {
            WindowCounts window = WindowCounts.empty(plan.stages().get(0), plan.isByKey());
            boolean paired = plan.stages().get(0).isShadow();
            for (int i = 0; i < UNITS; i++) {
                byte[] key = Integer.toString(random.nextInt()).getBytes(UTF_8);
                int bucket = WindowCounts.bucket(key);
                double existing = random.nextDouble() < 0.01 ? 1 : 0;
                double candidate = random.nextDouble() < (broken ? 0.1 : 0.01) ? 1 : 0;
                Arm arm = random.nextBoolean() ? Arm.CANDIDATE : Arm.EXISTING;
                if (paired) {
                    window.request(Arm.EXISTING, key);
                    window.request(Arm.CANDIDATE, key);
                    window.observePair(0, bucket, 1 - existing, 1 - candidate);
                } else {
                    window.request(arm, key);
                    window.observe(0, arm, bucket, arm == Arm.CANDIDATE ? candidate : existing);
                }
            }
            return window;
        }
    }

    /** Windows until ABORT, after so many good ones; restored from its record in between. */
    private static int windowsToAbort(Method method, int goodWindows) {
        Random random = new Random(17);
        JudgedStage stage = JudgedStage.empty(method.plan, 0);
        for (int window = 0; window < goodWindows + 200; window++) {
            if (window == goodWindows) {
                stage = JudgedStage.restore(stage.save(record()).build(), method.plan, 0);
            }
            Duration end = method.plan.window().multipliedBy(window + 1L);
            stage.absorb(method.window(random, window >= goodWindows), end);
            Ruling ruling = stage.rule(end);
            if (ruling.verdict() == Verdict.ABORT) {
                assertThat(window).as("a false abort: %s", ruling.reason()).isGreaterThanOrEqualTo(goodWindows);
                if (goodWindows > 0) {
                    assertThat(ruling.reason()).contains("after the beginning of the stage");
                }
                return window - goodWindows + 1;
            }
        }
        return Integer.MAX_VALUE;
    }

    private static StageEvidenceState.Builder record() {
        return StageEvidenceState.newBuilder()
                .setDeployment("d")
                .setRollout("r")
                .setStage(0)
                .setEpoch(1)
                .setStateVersion(1)
                .setJudgedTo(0);
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void aBreakThatComesLateIsFoundNearlyAsSoonAsOneThatIsThereAtOnce(Method method) {
        int atOnce = windowsToAbort(method, 0);
        int late = windowsToAbort(method, GOOD_WINDOWS);

        assertThat(atOnce).isLessThan(40);
        assertThat(late).as("at once: %s", atOnce).isLessThanOrEqualTo(8 * atOnce + 16);
    }

    @Test
    void aCandidateThatBreaksInTheLastOfTwentyHoursDoesNotPass() {
        EvidencePlan plan = Plans.byRequest(
                Plans.AB + ", minimum: {duration: 20h}", "kind: error-rate, role: guardrail, margin: 1.5");
        List<Verdict> verdicts = IntStream.range(0, 20)
                .mapToObj(run -> {
                    Random random = new Random(run);
                    JudgedStage stage = JudgedStage.empty(plan, 0);
                    Verdict verdict = Verdict.CONTINUE;
                    for (int hour = 1; hour <= 20; hour++) {
                        WindowCounts window = WindowCounts.empty(plan.stages().get(0), false);
                        for (int i = 0; i < 10_000; i++) {
                            Arm arm = random.nextBoolean() ? Arm.CANDIDATE : Arm.EXISTING;
                            boolean broken = hour == 20 && arm == Arm.CANDIDATE;
                            window.request(arm, null);
                            window.observe(0, arm, 0, random.nextDouble() < (broken ? 0.03 : 0.01) ? 1 : 0);
                        }
                        stage.absorb(window, Duration.ofHours(hour));
                        verdict = stage.rule(Duration.ofHours(hour)).verdict();
                    }
                    return verdict;
                })
                .toList();

        assertThat(verdicts).doesNotContain(Verdict.PASS);
    }

    @Test
    void whatIsWorseLatelyHoldsBackAPassAndSaysSince() {
        EvidencePlan plan = Plans.byRequest(Plans.AB, "kind: error-rate, role: guardrail, margin: 1.5");
        JudgedStage stage = JudgedStage.empty(plan, 0);
        Ruling ruling = null;
        for (int window = 0; window < 60; window++) {
            WindowCounts counts = WindowCounts.empty(plan.stages().get(0), false);
            for (int i = 0; i < 1000; i++) {
                Arm arm = i % 2 == 0 ? Arm.CANDIDATE : Arm.EXISTING;
                int rate = window >= 30 && arm == Arm.CANDIDATE ? 64 : 100;
                counts.request(arm, null);
                counts.observe(0, arm, 0, i / 2 % rate == 0 && !(window < 30 && arm == Arm.CANDIDATE) ? 1 : 0);
            }
            Duration end = plan.window().multipliedBy(window + 1L);
            stage.absorb(counts, end);
            ruling = stage.rule(end);
        }

        assertThat(ruling.code()).isEqualTo("RECENTLY_WORSE");
        assertThat(ruling.reason())
                .startsWith("shown since the beginning of the stage, but worse lately: m0 candidate ");
    }
}
