package io.understudy.benchmarks.calibration;

import io.understudy.benchmarks.calibration.Section.Row;
import io.understudy.schema.Verdict;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Candidates that are worse by exactly the margin, when keys are the units; and two arms without any fault. */
final class Margins {

    private static final int LOOKS = 60;
    private static final double ODDS = 1.5;

    private static final String EVEN = "kind: ab, share: 50%";
    private static final String CANARY = "kind: canary, share: 5%";
    private static final String NARROW = "kind: canary, share: 1%";
    private static final String RATE = "kind: conversion, direction: lower, role: guardrail, margin: ";

    private Margins() {}

    static Section atTheMargin() {
        List<Row> rows = new ArrayList<>();
        for (double p : new double[] {0.001, 0.01, 0.05, 0.2}) {
            rows.addAll(rates(p, "50/50", EVEN, p < 0.01 ? 1000 : 200));
            rows.addAll(rates(p, "canary 95/5", CANARY, 1000));
            rows.addAll(rates(p, "canary 99/1", NARROW, 2000));
            rows.addAll(pairs(p));
        }
        return new Section(
                "margin",
                "At the margin, by key",
                String.format(Locale.ROOT, """
                The candidate is worse by exactly the margin, so that neither claim of the judge is true: *false passes*
                are rollouts that pass at any of %d looks, and *false aborts* those that are aborted. Each must be at
                most .05. The margin is an odds ratio of 1.5, or a difference of half the rate.
                """, LOOKS),
                List.of("runs", "false passes", "false aborts"),
                rows);
    }

    private static List<Row> rates(double p, String share, String stage, int units) {
        String world = "units-per-window: " + units;
        return List.of(
                row(name(p, share, "odds 1.5"), new Setting("key", RATE + ODDS, stage, world), p, afterOdds(p, ODDS)),
                row(name(p, share, "half of it"), new Setting("key", RATE + p / 2, stage, world), p, p * ODDS));
    }

    private static List<Row> pairs(double errors) {
        String metric = "kind: accuracy, role: guardrail, margin: ";
        String world = "units-per-window: " + (errors < 0.01 ? 1000 : 200) + "\npair-correlation: 0.6";
        double right = 1 - errors;
        return List.of(
                row(
                        name(errors, "both models, shadow", "odds 1.5"),
                        new Setting("key", metric + ODDS, "kind: shadow", world),
                        right,
                        afterOdds(right, 1 / ODDS)),
                row(
                        name(errors, "both models, shadow", "half of it"),
                        new Setting("key", metric + errors / 2, "kind: shadow", world),
                        right,
                        right - errors / 2));
    }

    private static String name(double p, String share, String margin) {
        return String.format(Locale.ROOT, "rate %s, %s, margin %s", p, share, margin);
    }

    private static Row row(String name, Setting setting, double existing, double candidate) {
        return new Row(name, runs -> {
            List<Course> courses = Course.follow(
                    setting.plan(),
                    setting.truth(bernoulli(existing, candidate)),
                    31,
                    runs.rates(),
                    LOOKS,
                    EnumSet.of(Verdict.ABORT, Verdict.INVALID));
            return List.of(
                    Cells.count(runs.rates()),
                    Cells.share(courses, course -> course.has(Verdict.PASS)),
                    Cells.share(courses, course -> course.has(Verdict.ABORT)));
        });
    }

    static Section faultless() {
        List<Row> rows = new ArrayList<>();
        String byDifference = "kind: conversion, direction: lower, role: guardrail, margin: 0.01";
        rows.add(faultless("by key, margin .01, 50/50, 200 units a window", "key", byDifference, EVEN, 200));
        rows.add(faultless("by key, margin .01, canary 95/5, 1,000 units a window", "key", byDifference, CANARY, 1000));
        String errors = "kind: error-rate, role: guardrail, margin: 1.5";
        rows.add(faultless("by key, odds 1.5 or negligible, 50/50, 200 units a window", "key", errors, EVEN, 200));
        rows.add(faultless(
                "by request, odds 1.5 or negligible, 50/50, 200 units a window", "request", errors, EVEN, 200));
        return new Section(
                "faultless", "Two faultless arms", """
                Neither model ever fails. The candidate must pass in the end, and a small arm must not pass because it
                has seen nothing yet.
                """, List.of("runs", "pass within 400 windows", "windows"), rows);
    }

    private static Row faultless(String name, String unit, String metric, String stage, int units) {
        Setting setting = new Setting(unit, metric, stage, "units-per-window: " + units);
        int looks = 400;
        return new Row(name, runs -> {
            // Without faults nothing is random but the split.
            int count = runs.mediansOfLong(4);
            List<Course> courses = Course.follow(
                    setting.plan(), setting.truth(bernoulli(0, 0)), 32, count, looks, Set.of(Verdict.PASS));
            return List.of(
                    Cells.count(count),
                    Cells.share(courses, course -> course.has(Verdict.PASS)),
                    Cells.median(Course.median(courses, Verdict.PASS), looks));
        });
    }

    static double afterOdds(double p, double odds) {
        return p * odds / (1 - p + p * odds);
    }

    static String bernoulli(double existing, double candidate) {
        return String.format(
                Locale.ROOT, "distribution: bernoulli, existing: %.10f, candidate: %.10f", existing, candidate);
    }
}
