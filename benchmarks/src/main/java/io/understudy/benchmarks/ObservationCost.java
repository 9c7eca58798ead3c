package io.understudy.benchmarks;

import io.understudy.evidence.WindowCounts;
import io.understudy.judging.JudgedStage;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;
import io.understudy.schema.Arm;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Measures the cost of one observation with each method and of one evaluation: the median of several rounds in a warm
 * process.
 */
final class ObservationCost {

    private static final int ROUNDS = 7;
    private static final int OBSERVATIONS = 2_000_000;
    private static final int EVALUATIONS = 2000;

    private ObservationCost() {}

    /** The repeated step of a measurement. */
    @FunctionalInterface
    private interface Step {
        void run(int i);
    }

    static Map<String, Double> measure() {
        Map<String, Double> costs = new LinkedHashMap<>();
        observe(costs, "rate, independent requests", "request", "ab, share: 50%", "kind: conversion", 1.2);
        observe(costs, "mean, independent requests", "request", "ab, share: 50%", "kind: value", 1.2);
        observe(costs, "rate or mean, repeated keys", "key", "ab, share: 50%", "kind: conversion", 1.2);
        observe(costs, "right or wrong, pairs", "request", "shadow", "kind: accuracy", 1.2);
        observe(costs, "mean of differences, pairs", "request", "shadow", "kind: brier", 0.1);
        WindowCounts block = WindowCounts.empty(
                plan("key", "ab, share: 50%", "kind: conversion", 1.2).stages().get(0), true);
        costs.put("a request and its key", nanos(OBSERVATIONS, i -> block.request(Arm.EXISTING, key(i % 50_000))));
        evaluate(costs, "an evaluation of a rate, window of 1,000", "request", "kind: conversion");
        evaluate(costs, "an evaluation by key, window of 1,000", "key", "kind: conversion");
        return costs;
    }

    private static EvidencePlan plan(String unit, String stage, String metric, double mde) {
        return SpecReader.evidence("""
                unit: %s
                metrics: [{name: m, %s, role: success, mde: %s}]
                stages: [{kind: %s}]
                """.formatted(unit, metric, mde, stage));
    }

    private static void observe(
            Map<String, Double> costs, String name, String unit, String stage, String metric, double mde) {
        EvidencePlan plan = plan(unit, stage, metric, mde);
        WindowCounts block = WindowCounts.empty(plan.stages().get(0), plan.isByKey());
        boolean pairs = stage.equals("shadow");
        costs.put(name, nanos(OBSERVATIONS, i -> {
            double value = (i & 7) == 0 ? 1 : 0;
            if (pairs) {
                block.observePair(0, i & 511, value, (i & 3) == 0 ? 1 : 0);
            } else {
                block.observe(0, (i & 1) == 0 ? Arm.EXISTING : Arm.CANDIDATE, i & 511, value);
            }
        }));
    }

    private static void evaluate(Map<String, Double> costs, String name, String unit, String metric) {
        EvidencePlan plan = plan(unit, "ab, share: 50%", metric, 1.2);
        WindowCounts window = WindowCounts.empty(plan.stages().get(0), plan.isByKey());
        for (int i = 0; i < 1000; i++) {
            Arm arm = (i & 1) == 0 ? Arm.EXISTING : Arm.CANDIDATE;
            window.request(arm, key(i));
            window.observe(0, arm, i & 511, i % 10 == 0 ? 1 : 0);
        }
        JudgedStage evidence = JudgedStage.empty(plan, 0);
        costs.put(name, nanos(EVALUATIONS, i -> {
            evidence.absorb(window, Duration.ofSeconds(5));
            evidence.rule(Duration.ofSeconds(5));
        }));
    }

    private static byte[] key(int i) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(i).array();
    }

    private static double nanos(int times, Step step) {
        double[] rounds = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < times; i++) {
                step.run(i);
            }
            rounds[round] = (double) (System.nanoTime() - start) / times;
        }
        Arrays.sort(rounds);
        return rounds[ROUNDS / 2];
    }
}
