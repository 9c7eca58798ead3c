package io.understudy.benchmarks.calibration;

import io.understudy.benchmarks.calibration.Section.Row;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;
import io.understudy.simulation.Simulation;
import io.understudy.simulation.Simulation.End;
import io.understudy.simulation.Simulation.Run;
import io.understudy.simulation.TruthReader;
import java.util.List;
import java.util.Locale;

/** Rollouts of several stages, from the first to their end. */
final class WholeRollouts {

    private static final int LOOKS = 1000;

    private static final String ROLLOUT = """
            unit: %s
            metrics:
              - {name: bought, kind: conversion, role: success, mde: 1.5}
              - {name: errors, kind: error-rate, role: guardrail, margin: 2}
            stages:
              - {kind: canary, share: 5%%, minimum: {units: 500}}
              - {kind: canary, share: 20%%, minimum: {units: 500}}
              - {kind: ab, share: 50%%, require: superiority}
            """;

    private static final String TRUTH = """
            units-per-window: 1000
            metrics:
              bought: {distribution: bernoulli, existing: 0.1, candidate: %s}
              errors: {distribution: bernoulli, existing: 0.01, candidate: %s}
            """;

    private WholeRollouts() {}

    static Section section() {
        String equal = TRUTH.formatted("0.1", "0.01");
        String better = TRUTH.formatted("0.142857", "0.01");
        String failsLater = TRUTH.formatted("0.142857", "0.01, changes: [{stage: 1, from: 3, candidate: 0.04}]");
        return new Section(
                "whole rollouts",
                "Whole rollouts",
                String.format(Locale.ROOT, """
                Three stages: canaries of 5 %% and 20 %%, and an A/B test at 50 %% that asks for a better rate, 10 %% for
                the existing model; errors are a guardrail. A rollout ends after %,d windows of 1,000 units at the
                latest. Alpha holds for the rollout, not for each stage.
                """, LOOKS),
                List.of("runs", "promoted", "aborted", "inconclusive", "undecided", "windows"),
                List.of(
                        row("by request, no difference", "request", equal, true),
                        row("by key, no difference", "key", equal, true),
                        row("by request, better, odds 1.5", "request", better, false),
                        row("by key, better, odds 1.5", "key", better, false),
                        row(
                                "by request, better, but errors rise to 4 % in the second stage",
                                "request", failsLater, false),
                        row("by key, better, but errors rise to 4 % in the second stage", "key", failsLater, false)));
    }

    private static Row row(String name, String unit, String truth, boolean rate) {
        EvidencePlan plan = SpecReader.evidence(ROLLOUT.formatted(unit));
        return new Row(name, runs -> {
            int count = rate ? runs.rates() : runs.medians();
            List<Run> played =
                    new Simulation(plan, TruthReader.read(truth, plan), LOOKS).play(count, 71, finished -> {});
            double windows = Cells.median(played.stream()
                    .mapToDouble(run -> run.end() == End.UNDECIDED ? Double.NaN : run.windows())
                    .toArray());
            return List.of(
                    Cells.count(count),
                    Cells.share(played, run -> run.end() == End.PROMOTED),
                    Cells.share(played, run -> run.end() == End.ABORTED),
                    Cells.share(played, run -> run.end() == End.INCONCLUSIVE),
                    Cells.share(played, run -> run.end() == End.UNDECIDED),
                    Cells.median(windows, LOOKS));
        });
    }
}
