package io.understudy.benchmarks.calibration;

import io.understudy.benchmarks.calibration.Section.Row;
import io.understudy.schema.Verdict;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;

/** Candidates whose effect differs from one day to the next. */
final class Cycles {

    private static final int WINDOWS_A_DAY = 8;
    private static final int DAYS = 28;
    private static final int LOOKS = DAYS * WINDOWS_A_DAY;
    private static final String MORE = "window: 3h\ncycle: 24h";
    private static final String END = "kind: ab, share: 50%, require: superiority, minimum: {cycles: 7}";

    private Cycles() {}

    static Section section() {
        Setting rates =
                new Setting("request", "kind: conversion, role: success, mde: 1.2", END, "units-per-window: 500", MORE);
        Setting byKey =
                new Setting("key", "kind: conversion, role: success, mde: 1.2", END, "units-per-window: 500", MORE);
        Setting means =
                new Setting("request", "kind: value, role: success, mde: 0.1", END, "units-per-window: 500", MORE);
        Setting pairs = new Setting(
                "request",
                "kind: squared-error, role: success, mde: 0.1",
                END.replace("kind: ab, share: 50%", "kind: shadow"),
                "units-per-window: 200\npair-correlation: 0.7",
                MORE);
        return new Section(
                "cycles",
                "Effects that differ by day",
                String.format(Locale.ROOT, """
                Each day has its own random effect of the candidate, with the mean and the standard deviation in the name
                of the row, in sd of an observation or in percentage points of a rate of 50 %%. The rollout declares
                `cycle: 24h` and `minimum: {cycles: 7}`. A stage has %d days of
                %d windows. *False promotions* are rollouts in which the candidate whose mean is 0 passes at any look;
                *promoted* are those in which the better candidate passes.
                """, DAYS, WINDOWS_A_DAY),
                List.of("runs", "false promotions", "false aborts", "runs, better", "promoted", "windows"),
                List.of(
                        rates("rates, mean 0 or 4 points, sd 0", rates, 0),
                        rates("rates, mean 0 or 4 points, sd 2", rates, 0.02),
                        rates("rates, mean 0 or 4 points, sd 4", rates, 0.04),
                        rates("rates by key, mean 0 or 4 points, sd 4", byKey, 0.04),
                        means("means, mean 0 or .1, sd .1", means, "0", "0.1", 0.1),
                        means("squared errors of both models, mean 0 or -.1, sd .1", pairs, "1", "0.9", 0.1)));
    }

    private static Row rates(String name, Setting setting, double sd) {
        return row(
                name,
                setting,
                "distribution: bernoulli, existing: 0.5, candidate: 0.5",
                "distribution: bernoulli, existing: 0.5, candidate: 0.54",
                sd);
    }

    private static Row means(String name, Setting setting, String equal, String better, double sd) {
        String truth = "distribution: normal, existing: {mean: " + equal + ", sd: 1}, candidate: {mean: %s, sd: 1}";
        return row(name, setting, truth.formatted(equal), truth.formatted(better), sd);
    }

    private static Row row(String name, Setting setting, String equal, String better, double sd) {
        String byDay = ", effect-by-cycle: {windows: " + WINDOWS_A_DAY + ", sd: " + sd + "}";
        return new Row(name, runs -> {
            List<Course> without = follow(setting, equal + byDay, 41, runs.rates());
            List<Course> with = follow(setting, better + byDay, 42, runs.medians());
            return List.of(
                    Cells.count(runs.rates()),
                    Cells.share(without, course -> course.has(Verdict.PASS)),
                    Cells.share(without, course -> course.has(Verdict.ABORT)),
                    Cells.count(runs.medians()),
                    Cells.share(with, course -> course.has(Verdict.PASS)),
                    Cells.median(Course.median(with, Verdict.PASS), LOOKS));
        });
    }

    private static List<Course> follow(Setting setting, String truth, long seed, int runs) {
        return Course.follow(
                setting.plan(),
                setting.truth(truth),
                seed,
                runs,
                LOOKS,
                EnumSet.of(Verdict.PASS, Verdict.ABORT, Verdict.INVALID));
    }
}
