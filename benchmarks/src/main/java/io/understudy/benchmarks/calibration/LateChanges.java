package io.understudy.benchmarks.calibration;

import io.understudy.benchmarks.calibration.Section.Row;
import io.understudy.schema.Verdict;
import io.understudy.simulation.Truth;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;

/** How long it takes to see that a candidate has become worse or better, when it has been as good before. */
final class LateChanges {

    private static final int LOOKS_AFTER = 1500;
    private static final int EARLY = 600;
    private static final int LATE = 2000;
    /** How much longer than others a rollout is that breaks late. */
    private static final int LONG = 2;

    private static final String ERRORS = "kind: error-rate, role: guardrail, margin: 1.5";
    private static final String ERRORS_RISE = "distribution: bernoulli, existing: 0.01, candidate: %s";
    private static final String EVEN = "kind: ab, share: 50%";
    private static final String CANARY = "kind: canary, share: 5%";
    private static final String SHADOW = "kind: shadow";

    private LateChanges() {}

    static Section breaks() {
        Setting evenByRequest = new Setting("request", ERRORS, EVEN, "units-per-window: 200");
        Setting canaryByRequest = new Setting("request", ERRORS, CANARY, "units-per-window: 1000");
        Setting evenByKey = new Setting("key", ERRORS, EVEN, "units-per-window: 200");
        Setting canaryByKey = new Setting("key", ERRORS, CANARY, "units-per-window: 1000");
        Setting pairs = new Setting(
                "request",
                "kind: accuracy, role: guardrail, margin: 1.5",
                SHADOW,
                "units-per-window: 50\npair-correlation: 0.6");
        String accuracyFalls = "distribution: bernoulli, existing: 0.9, candidate: %s";
        Setting means =
                new Setting("request", "kind: value, role: guardrail, margin: 0.1", EVEN, "units-per-window: 50");
        String meanFalls = "distribution: normal, existing: {mean: 0, sd: 1}, candidate: {mean: %s, sd: 1}";
        Setting meansByKey =
                new Setting("key", "kind: value, role: guardrail, margin: 0.1", EVEN, "units-per-window: 50");
        Setting bounded = new Setting(
                "request", "kind: value, role: guardrail, margin: 0.05, bounds: [0, 1]", EVEN, "units-per-window: 200");
        String boundedFalls = "distribution: bernoulli, existing: 0.5, candidate: %s";
        return new Section(
                "late break",
                "Harm that comes late",
                String.format(Locale.ROOT, """
                The candidate is as good as the existing model until it breaks, after 600 or 2,000 windows without a
                difference. The columns with *windows* have the median number of windows from the break to ABORT, those
                with *before* the fraction of rollouts aborted before it, and those with *ratio* compare the median with
                that of a candidate that is broken when the stage begins. Undecided is a rollout without ABORT %,d
                windows after the break.
                """, LOOKS_AFTER),
                columns("begins broken: windows", "before"),
                List.of(
                        row(
                                "errors 1 % to 3 %, margin 1.5, 50/50, 200 units a window",
                                evenByRequest, ERRORS_RISE, "0.01", "0.03", Verdict.ABORT),
                        row(
                                "the same, canary 95/5, 1,000 units a window",
                                canaryByRequest,
                                ERRORS_RISE,
                                "0.01",
                                "0.03",
                                Verdict.ABORT),
                        row(
                                "the same by key, 50/50, 200 units a window",
                                evenByKey,
                                ERRORS_RISE,
                                "0.01",
                                "0.03",
                                Verdict.ABORT),
                        row(
                                "the same by key, canary 95/5, 1,000 units a window",
                                canaryByKey,
                                ERRORS_RISE,
                                "0.01",
                                "0.03",
                                Verdict.ABORT),
                        row(
                                "accuracy 90 % to 80 %, both models, margin 1.5, shadow, 50 units a window",
                                pairs, accuracyFalls, "0.9", "0.8", Verdict.ABORT),
                        row(
                                "mean falls by .3 sd, margin .1, 50/50, 50 units a window",
                                means,
                                meanFalls,
                                "0",
                                "-0.3",
                                Verdict.ABORT),
                        row("the same by key", meansByKey, meanFalls, "0", "-0.3", Verdict.ABORT),
                        row(
                                "bounded mean falls from .5 to .35, margin .05, 50/50, 200 units a window",
                                bounded,
                                boundedFalls,
                                "0.5",
                                "0.35",
                                Verdict.ABORT)));
    }

    static Section gains() {
        Setting odds = new Setting(
                "request",
                "kind: conversion, role: success, mde: 1.5",
                EVEN + ", require: superiority",
                "units-per-window: 200");
        String bought = "distribution: bernoulli, existing: 0.1, candidate: %s";
        Setting oddsByKey = new Setting(
                "key",
                "kind: conversion, role: success, mde: 1.5",
                EVEN + ", require: superiority",
                "units-per-window: 200");
        return new Section(
                "late gain",
                "Gains that come late",
                """
                The same for a candidate that becomes better, to PASS: here *before* is the fraction of rollouts that
                pass before there is anything to gain. Evidence for a promotion counts from the beginning of the stage,
                because the gain that is claimed is that of the whole stage.
                """,
                columns("begins better: windows", "before"),
                List.of(
                        row(
                                "rate 10 % to 14.3 %, odds 1.5, 50/50, 200 units a window",
                                odds, bought, "0.1", "0.142857", Verdict.PASS),
                        row("the same by key", oddsByKey, bought, "0.1", "0.142857", Verdict.PASS)));
    }

    private static List<String> columns(String atOnce, String before) {
        List<String> columns = new ArrayList<>(List.of("runs", atOnce));
        for (String from : List.of(Cells.count(EARLY), Cells.count(LATE))) {
            columns.add(from + ": " + before);
            columns.add(from + ": windows");
            columns.add(from + ": ratio");
        }
        return columns;
    }

    private static Row row(String name, Setting setting, String truth, String before, String after, Verdict verdict) {
        return new Row(name, runs -> {
            int count = runs.mediansOfLong(LONG);
            double atOnce = Course.median(
                    follow(setting, setting.truth(truth.formatted(after)), count, LOOKS_AFTER, verdict), verdict);
            List<String> cells = new ArrayList<>(List.of(Cells.count(count), Cells.median(atOnce, LOOKS_AFTER)));
            for (int from : new int[] {EARLY, LATE}) {
                String changes = ", changes: [{from: " + from + ", candidate: " + candidate(truth, after) + "}]";
                List<Course> courses = follow(
                        setting, setting.truth(truth.formatted(before) + changes), count, from + LOOKS_AFTER, verdict);
                List<Course> seen = courses.stream()
                        .filter(course -> !(course.window(verdict) <= from))
                        .toList();
                double windows = Course.median(seen, verdict) - from;
                cells.add(Cells.share(courses, course -> course.window(verdict) <= from));
                cells.add(Cells.median(windows, LOOKS_AFTER));
                cells.add(Cells.ratio(windows, atOnce));
            }
            return cells;
        });
    }

    /** What the truth says about the candidate. */
    private static String candidate(String truth, String value) {
        return truth.substring(truth.indexOf("candidate: ") + "candidate: ".length())
                .formatted(value);
    }

    private static List<Course> follow(Setting setting, Truth truth, int runs, int looks, Verdict until) {
        return Course.follow(setting.plan(), truth, 21, runs, looks, EnumSet.of(until, Verdict.ABORT, Verdict.INVALID));
    }
}
