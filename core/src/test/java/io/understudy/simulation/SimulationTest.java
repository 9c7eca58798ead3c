package io.understudy.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.understudy.judging.JudgedStage;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;
import io.understudy.schema.Verdict;
import io.understudy.simulation.Simulation.End;
import io.understudy.simulation.Simulation.Run;
import io.understudy.spec.InvalidSpecException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimulationTest {

    private static final String ROLLOUT = """
            unit: request
            metrics:
              - {name: bought, kind: conversion, role: success, mde: 1.5}
            stages:
              - {kind: canary, share: 20%, minimum: {units: 100}}
              - {kind: ab, share: 50%, require: superiority}
            """;

    private static List<Run> play(String rollout, String truth, int runs, long seed) {
        EvidencePlan plan = SpecReader.evidence(rollout);
        return new Simulation(plan, TruthReader.read(truth, plan), 300).play(runs, seed, done -> {});
    }

    private static String truth(double existing, double candidate) {
        return "units-per-window: 200\nmetrics: {bought: {distribution: bernoulli, existing: " + existing
                + ", candidate: " + candidate + "}}";
    }

    @Test
    void promotesTheBetterAndAbortsTheWorse() {
        assertThat(play(ROLLOUT, truth(0.1, 0.18), 40, 1)).extracting(Run::end).containsOnly(End.PROMOTED);
        assertThat(play(ROLLOUT, truth(0.18, 0.1), 40, 1).stream()
                        .filter(run -> run.end() == End.ABORTED)
                        .count())
                .isGreaterThan(35);
        assertThat(play(ROLLOUT, truth(0.1, 0.1), 40, 1).stream()
                        .filter(run -> run.end() == End.PROMOTED)
                        .count())
                .isLessThan(8);
    }

    @Test
    void playsTheSameRolloutsForTheSameSeed() {
        assertThat(play(ROLLOUT, truth(0.1, 0.12), 20, 7)).isEqualTo(play(ROLLOUT, truth(0.1, 0.12), 20, 7));
        assertThat(play(ROLLOUT, truth(0.1, 0.12), 20, 8)).isNotEqualTo(play(ROLLOUT, truth(0.1, 0.12), 20, 7));
    }

    @ParameterizedTest
    @CsvSource({"request", "key"})
    void judgesARatioByEitherUnit(String unit) {
        String rollout = """
                unit: %s
                metrics: [{name: rps, kind: ratio, role: success, mde: 0.2, numerator: revenue, denominator: sessions}]
                stages: [{kind: ab, share: 50%%, require: superiority}]
                """.formatted(unit);
        String better = "units-per-window: 100\nmetrics: {rps: {distribution: normal,"
                + " existing: {mean: 2, sd: 1}, candidate: {mean: 2.2, sd: 1}}}";

        assertThat(play(rollout, better, 20, 1)).extracting(Run::end).containsOnly(End.PROMOTED);
    }

    /** 60 looks without a difference; four standard deviations above alpha would be a bug. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "request|kind: ab, share: 50%|1.5|units-per-window: 100|0.1",
                "request|kind: canary, share: 5%|2|units-per-window: 500|0.01",
                "request|kind: ab, share: 50%|2|units-per-window: 5|0.3",
                "key|kind: canary, share: 5%|0.03|'units-per-window: 300, requests-per-key: 5, intra-key-correlation: 0.2'|0.2",
            })
    void holdsAlphaWithoutADifference(String unit, String stage, String mde, String world, String rate) {
        EvidencePlan plan = SpecReader.evidence("""
                unit: %s
                metrics: [{name: m, kind: conversion, role: success, mde: %s}]
                stages: [{%s, require: superiority}]
                """.formatted(unit, mde, stage));
        Truth truth = TruthReader.read(
                "{%s, metrics: {m: {distribution: bernoulli, existing: %s, candidate: %s}}}"
                        .formatted(world, rate, rate),
                plan);
        int runs = 200;
        List<List<Verdict>> verdicts = IntStream.range(0, runs)
                .parallel()
                .mapToObj(run -> {
                    World generated = new World(plan, truth, 3, run);
                    JudgedStage evidence = JudgedStage.empty(plan, 0);
                    return IntStream.range(0, 60)
                            .mapToObj(window -> {
                                Duration end = plan.window().multipliedBy(window + 1L);
                                evidence.absorb(generated.window(0, window), end);
                                return evidence.rule(end).verdict();
                            })
                            .toList();
                })
                .toList();
        double maximum = runs * 0.05 + 4 * Math.sqrt(runs * 0.05 * 0.95);
        assertThat(verdicts.stream().filter(all -> all.contains(Verdict.PASS)).count())
                .isLessThan((long) maximum);
        assertThat(verdicts.stream().filter(all -> all.contains(Verdict.ABORT)).count())
                .isLessThan((long) maximum);
    }

    @Test
    void namesEveryFaultOfATruth() {
        EvidencePlan plan = SpecReader.evidence(ROLLOUT);
        assertThat(catchThrowableOfType(InvalidSpecException.class, () -> TruthReader.read("""
                                units-per-window: 0
                                base-rate-swing: 2
                                metrics:
                                  bought: {distribution: normal, existing: {mean: 1, sd: -1}, candidate: {mean: 1}}
                                  sold: {}
                                """, plan))
                        .faults())
                .contains(
                        "units-per-window: 0 is not between 1 and 1000000 (line 1)",
                        "base-rate-swing: must be at least 0 and less than 1 (line 2)",
                        "metrics.sold: unknown field; allowed: bought (line 5)",
                        "metrics.bought.distribution: must be bernoulli, because conversion is binary (line 4)",
                        "metrics.bought.existing.sd: -1.0 is not a standard deviation; it must be at least 0 (line 4)",
                        "metrics.bought.candidate.sd: is missing (line 4)");
    }

    @Test
    void namesTheFaultsOfWhatMovesAndOfWhatIsMissing() {
        EvidencePlan plan = SpecReader.evidence("""
                unit: request
                metrics:
                  - {name: bought, kind: conversion, role: success, mde: 1.5}
                  - {name: errors, kind: error-rate, role: guardrail, margin: 1.5}
                stages: [{kind: ab, share: 50%}]
                """);
        assertThat(catchThrowableOfType(InvalidSpecException.class, () -> TruthReader.read("""
                                keys: 0
                                label-delay: {from: 5, to: 3}
                                lost-units: {candidate: 0.1}
                                ahead: {windows: 20000}
                                metrics:
                                  bought:
                                    distribution: bernoulli
                                    existing: 0.1
                                    candidate: 0.1
                                    changes: [{from: 600}, {stage: 1, from: 0, candidate: 2}, {candidate: 0.1}]
                                    effect-by-cycle: {sd: -1}
                                    lost: {candidate: {ones: 20%}}
                                  errors:
                                    distribution: bernoulli
                                    existing: 0.1
                                    candidate: 0.1
                                    lost: {candidate: 20%}
                                """, plan))
                        .faults())
                .containsExactlyInAnyOrder(
                        "keys: 0 is not between 1 and 2147483647 (line 1)",
                        "label-delay.to: 3 is less than from, 5 (line 2)",
                        "lost-units.candidate: is not a percentage; write it like 5% or 0.001% (line 3)",
                        "ahead.requests: is missing (line 4)",
                        "ahead.windows: 20000 windows are more than 10000 (line 4)",
                        "metrics.bought.changes[0]: changes nothing; it needs existing, candidate or both (line 10)",
                        "metrics.bought.changes[1].stage: 1 is not a stage of the rollout; its stages are 0 to 0 (line 10)",
                        "metrics.bought.changes[1].candidate: 2.0 is not a probability; it must be from 0 to 1 (line 10)",
                        "metrics.bought.changes[2].from: is missing; it must be a whole number, at least 0 (line 10)",
                        "metrics.bought.effect-by-cycle.windows: is missing; it is the number of windows in a cycle (line 11)",
                        "metrics.bought.effect-by-cycle.sd: -1.0 is not a standard deviation; it must be at least 0 (line 11)",
                        "metrics.bought.lost.candidate.ones: unknown field; allowed: others, zeros (line 12)",
                        "metrics.errors.lost: does not apply to error-rate, which needs no outcome (line 17)");
    }

    @Test
    void saysInWhichStageARolloutEnds() {
        String broken = truth(0.15, 0.15)
                .replace("candidate: 0.15", "candidate: 0.15, changes: [{stage: 1, from: 0, candidate: 0.02}]");

        assertThat(play(ROLLOUT, broken, 20, 3).stream().filter(run -> run.end() == End.ABORTED))
                .isNotEmpty()
                .extracting(Run::stage)
                .contains(1);
    }
}
