package io.understudy.benchmarks.calibration;

import io.understudy.benchmarks.calibration.Section.Row;
import io.understudy.schema.Verdict;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Models that are equal, in data that are not: outcomes that are lost, units that are lost, clocks that are ahead. */
final class BrokenData {

    private static final int LOOKS = 200;
    private static final int LOOKS_OF_UNEVEN = 100;
    private static final String SUCCESS = "kind: conversion, role: success, mde: 1.5";
    private static final String EVEN = "kind: ab, share: 50%, require: superiority";
    private static final String CANARY = "kind: canary, share: 5%, require: superiority";
    private static final String EQUAL = "distribution: bernoulli, existing: 0.3, candidate: 0.3";
    private static final String ZEROS_LOST = EQUAL + ", lost: {candidate: {zeros: 20%}}";

    private BrokenData() {}

    static Section section() {
        String units = "units-per-window: 200";
        String manyUnits = "units-per-window: 4000";
        String late = units + "\nlabel-delay: {mean: 5}";
        return new Section(
                "broken data",
                "Broken data",
                String.format(Locale.ROOT, """
                The models are equal in all rows, with a rate of .3, but the data are not in the rows that say so. A
                rollout ends when it is INVALID, passes or is aborted. Units are 200 a window at 50/50, for %d windows;
                4,000 a window at 5 %%, for %d windows, which makes 400,000 units.
                """, LOOKS, LOOKS_OF_UNEVEN),
                List.of("runs", "INVALID", "windows", "passes", "aborts"),
                List.of(
                        equal("by request, nothing lost", new Setting("request", SUCCESS, EVEN, units), EQUAL, LOOKS),
                        broken(
                                "by request, a fifth of the candidate's zeros lost",
                                new Setting("request", SUCCESS, EVEN, units),
                                ZEROS_LOST,
                                LOOKS),
                        equal("by key, nothing lost", new Setting("key", SUCCESS, EVEN, units), EQUAL, LOOKS),
                        broken(
                                "by key, a fifth of the candidate's zeros lost",
                                new Setting("key", SUCCESS, EVEN, units),
                                ZEROS_LOST,
                                LOOKS),
                        equal(
                                "by key, labels late by 5 windows in the mean",
                                new Setting("key", SUCCESS, EVEN, late),
                                EQUAL,
                                LOOKS),
                        broken(
                                "the same, a fifth of the candidate's zeros lost",
                                new Setting("key", SUCCESS, EVEN, late),
                                ZEROS_LOST,
                                LOOKS),
                        broken(
                                "by request, 5 %, a tenth of the candidate's units lost",
                                new Setting("request", SUCCESS, CANARY, manyUnits + "\nlost-units: {candidate: 10%}"),
                                EQUAL,
                                LOOKS_OF_UNEVEN),
                        equal(
                                "by key, 5 %, nothing lost",
                                new Setting("key", SUCCESS, CANARY, manyUnits), EQUAL, LOOKS_OF_UNEVEN),
                        broken(
                                "by key, 5 %, a tenth of the candidate's units lost",
                                new Setting("key", SUCCESS, CANARY, manyUnits + "\nlost-units: {candidate: 10%}"),
                                EQUAL,
                                LOOKS_OF_UNEVEN),
                        equal(
                                "by key, 5,000 keys that return",
                                new Setting("key", SUCCESS, EVEN, units + "\nkeys: 5000\nintra-key-correlation: 0.2"),
                                EQUAL,
                                LOOKS),
                        equal(
                                "by request, a twentieth stamped 12 windows ahead",
                                new Setting("request", SUCCESS, EVEN, units + "\nahead: {requests: 5%, windows: 12}"),
                                EQUAL,
                                LOOKS)));
    }

    /** A row in which any verdict is an error, whose rate counts. */
    private static Row equal(String name, Setting setting, String truth, int looks) {
        return new Row(name, runs -> cells(setting, truth, looks, runs.rates()));
    }

    /** A row in which INVALID is right. */
    private static Row broken(String name, Setting setting, String truth, int looks) {
        return new Row(name, runs -> cells(setting, truth, looks, runs.medians()));
    }

    private static List<String> cells(Setting setting, String truth, int looks, int runs) {
        Set<Verdict> until = EnumSet.of(Verdict.PASS, Verdict.ABORT, Verdict.INVALID);
        List<Course> courses = Course.follow(setting.plan(), setting.truth(truth), 51, runs, looks, until);
        return List.of(
                Cells.count(runs),
                Cells.share(courses, course -> course.has(Verdict.INVALID)),
                Cells.median(Course.median(courses, Verdict.INVALID), looks),
                Cells.share(courses, course -> course.has(Verdict.PASS)),
                Cells.share(courses, course -> course.has(Verdict.ABORT)));
    }
}
