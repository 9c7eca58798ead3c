package io.understudy.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.understudy.plan.VerdictPolicies.Policy;
import io.understudy.schema.Breaker;
import io.understudy.schema.RandomisationUnit;
import io.understudy.schema.ScorerKind;
import io.understudy.spec.InvalidSpecException;
import io.understudy.statistics.Side;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecReaderTest {

    @Test
    void readsAShadowRollout() {
        RolloutSpec spec = SpecReader.rollout("""
                deployment: flight-delay
                candidate:
                  version: v2
                  scorer: {kind: onnx, model: models/v2.onnx, features: [hour, distance], output: probability}
                unit: request
                salt: flight-delay-v2
                stages:
                  - {kind: shadow, mirror: 12.5%}
                  - {kind: shadow}
                """);
        assertThat(spec.deployment()).isEqualTo("flight-delay");
        assertThat(spec.candidate().getLocation()).isEqualTo("models/v2.onnx");
        assertThat(spec.candidate().getFeatures()).containsExactly("hour", "distance");
        assertThat(spec.candidate().getOutput()).isEqualTo("probability");
        assertThat(spec.unit()).isEqualTo(RandomisationUnit.REQUEST);
        assertThat(spec.salt()).contains("flight-delay-v2");
        assertThat(spec.stages()).extracting("mirror").containsExactly(12_500, 100_000);
        assertThat(spec.stages()).extracting("share").containsOnly(0);
    }

    @Test
    void readsAModelOnAnInferenceServer() {
        DeploymentSpec spec = SpecReader.deployment("""
                deployment: fraud
                existing:
                  version: "3"
                  scorer: {kind: open-inference, url: "http://models:8080", model: fraud, deadline: 250ms}
                """);
        assertThat(spec.existing().getScorer()).isEqualTo(ScorerKind.OPEN_INFERENCE);
        assertThat(spec.existing().getModelName()).isEqualTo("fraud");
        assertThat(spec.existing().getDeadlineMs()).isEqualTo(250);
    }

    private static final String PLAN = """
            %s
            metrics: [{name: bought, kind: conversion, role: success, mde: 1.3}]
            stages: [{kind: ab, share: %s}]
            """;

    @Test
    void whereACycleIsDeclaredStagesNeedOneUnlessTheySayOtherwise() {
        assertThat(cycles("cycle: 7d", "50%")).isEqualTo(1);
        assertThat(cycles("cycle: 24h", "50%, minimum: {cycles: 7}")).isEqualTo(7);
        assertThat(cycles("cycle: 24h", "50%, minimum: {cycles: 0}")).isZero();
        assertThat(cycles("", "50%")).isZero();
        assertThat(cycles("cycle: 24h", "50%, test: fixed, maximum: {units: 10}"))
                .isZero();
        assertThat(cycles("cycle: 24h", "100%, minimum: {units: 10}")).isZero();
        assertThat(SpecReader.evidence(PLAN.formatted("cycle: 7d", "50%")).cycle())
                .contains(Duration.ofDays(7));
    }

    private static long cycles(String cycle, String share) {
        return SpecReader.evidence(PLAN.formatted(cycle, share))
                .stages()
                .get(0)
                .minimum()
                .cycles();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "window: 5s | 50%, minimum: {cycles: 2} | stages[0].minimum.cycles: needs a cycle: declare its length, such as cycle: 24h, beside the stages (line 3)",
                "cycle: 1s | 50% | cycle: is shorter than a window; a cycle has at least one window (line 1)",
                "cycle: 1d | 50%, minimum: {cycles: 7}, maximum: {duration: 6d} | stages[0].maximum.duration: is shorter than the stage's minimum of 7 cycles; the stage could never pass (line 3)",
                "cycle: 1d | 50%, test: fixed, maximum: {units: 9}, minimum: {cycles: 7} | stages[0].minimum.cycles: applies to stages that are judged after every window and compare two arms (line 3)"
            })
    void cyclesThatCannotBeAreFaults(String cycle, String share, String fault) {
        assertThatThrownBy(() -> SpecReader.evidence(PLAN.formatted(cycle, share)))
                .hasMessageContaining(fault);
    }

    @Test
    void aMaximumOfFewerCyclesThanAnyEvidenceNeedsIsWarnedOf() {
        String ofDays = "50%%, require: superiority, maximum: {duration: %dd}";

        assertThat(SpecReader.evidence(PLAN.formatted("cycle: 1d", ofDays.formatted(4)))
                        .warnings())
                .containsExactly(
                        "stages[0] ends after 4 cycles, and fewer than 5 can show nothing at alpha 0.05; declare"
                                + " a longer maximum, or minimum: {cycles: 0} if the stage need not be judged over cycles");
        assertThat(SpecReader.evidence(PLAN.formatted("cycle: 1d", ofDays.formatted(5)))
                        .warnings())
                .isEmpty();
    }

    @Test
    void aStageWithoutCycleAndMaximumIsWarnedOf() {
        assertThat(SpecReader.evidence(PLAN.formatted("", "50%")).warnings())
                .singleElement()
                .asString()
                .startsWith("stages[0] has neither a cycle nor a maximum: ");
        assertThat(SpecReader.evidence(PLAN.formatted("cycle: 1d", "50%")).warnings())
                .isEmpty();
        assertThat(SpecReader.evidence(PLAN.formatted("", "50%, maximum: {duration: 1d}"))
                        .warnings())
                .isEmpty();
    }

    @Test
    void namesEveryFaultByItsPath() {
        assertThat(faults("""
                        deployment: "flight delay"
                        candidat: {}
                        candidate:
                          version: v2
                          scorer: {kind: onnx, sha256: abc, deadline: 1s}
                        unit: user
                        stages:
                          - {kind: shadow, mirror: 120%}
                          - {kind: canary, share: 0%}
                          - {kind: shadow, mirror: 0%}
                          - {kind: shadow, mirror: half}
                        """))
                .containsExactly(
                        "candidat: unknown field; allowed: alpha, alpha-abort, candidate, coverage, cycle, deployment, fallback, metrics, mirror, outcome-window, policies, salt, stages, unit, window (line 2)",
                        "deployment: 'flight delay' is not allowed; it must be 1 to 100 letters, digits, '.', '_' or '-', beginning with a letter or digit (line 1)",
                        "candidate.scorer.deadline: does not apply to a model that runs in the scorer's process (line 5)",
                        "candidate.scorer.model: is missing (line 5)",
                        "candidate.scorer.sha256: 'abc' is not allowed; it must be 64 hexadecimal digits (line 5)",
                        "unit: 'user' is unknown; allowed: key, request (line 6)",
                        "stages[0].mirror: 120% is over 100% (line 8)",
                        "stages[1].share: must be greater than 0%; a candidate that serves nothing cannot be compared (line 9)",
                        "stages[2].mirror: must be greater than 0%; a shadow stage without a mirror compares nothing (line 10)",
                        "stages[3].mirror: 'half' is not a percentage; write it like 5% or 0.001% (line 11)");
    }

    @Test
    void readsTheFallbackPolicyAndWhichStepsWaitForAPerson() {
        RolloutSpec plain = SpecReader.rollout("""
                deployment: d
                candidate: {version: v, scorer: {kind: external}}
                stages: [{kind: canary, share: 0.001%}]
                """);
        assertThat(plain.fallback().deadline()).isEqualTo(Duration.ofSeconds(1));
        assertThat(plain.fallback().breaker().orElseThrow().getErrors()).isEqualTo(50_000);
        assertThat(plain.mirrorMaxAge()).isEqualTo(Duration.ofMinutes(1));
        assertThat(plain.approval()).isEqualTo(Approval.NONE);
        assertThat(plain.stages().get(0).getShare()).isEqualTo(1);

        RolloutSpec full = SpecReader.rollout("""
                deployment: d
                candidate: {version: v, scorer: {kind: external}}
                stages: [{kind: shadow}]
                fallback: {deadline: 250ms, breaker: {errors: 10%, timeouts: 0%, window: 5s, minimum: 7}}
                mirror: {max-age: 30s}
                policies: {approval: promotion}
                """);
        assertThat(full.fallback().deadline()).isEqualTo(Duration.ofMillis(250));
        assertThat(full.fallback().breaker()).contains(new Breaker(10_000, 0, 5000L, 7L));
        assertThat(full.mirrorMaxAge()).isEqualTo(Duration.ofSeconds(30));
        assertThat(full.approval()).isEqualTo(Approval.PROMOTION);
    }

    @Test
    void aShareOfAllUnitsComparesNothing() {
        assertThat(faults("""
                        deployment: d
                        candidate: {version: v, scorer: {kind: external}}
                        metrics: [{name: brier, kind: brier, role: success, mde: 0.1}]
                        stages:
                          - {kind: canary, share: 100%}
                          - {kind: ab, share: 100%, require: superiority, minimum: {duration: 1h}}
                        """))
                .containsExactly(
                        "stages[0].minimum: is missing; a stage with a share of 100% compares nothing and passes by units or duration (line 5)",
                        "stages[1].require: a share of 100% leaves no existing arm to compare the candidate with (line 6)");
    }

    @Test
    void rejectsADocumentThatIsNotAMappingNotYamlOrEmpty() {
        assertThat(faults("- a list")).anyMatch(fault -> fault.startsWith("the document: must be a mapping"));
        assertThat(faults("")).anyMatch(fault -> fault.startsWith("the document: must be a mapping"));
        assertThat(faults("a: [")).singleElement().asString().startsWith("the document: not valid YAML at line");
        assertThat(faults("deployment: a\ndeployment: b"))
                .singleElement()
                .asString()
                .contains("Duplicate");
    }

    @Test
    void rejectsAnInvalidAddress() {
        assertThat(faults("""
                        deployment: d
                        candidate: {version: v, scorer: {kind: open-inference, url: "models:8080", model: m, deadline: 0s}}
                        stages: [{kind: shadow}]
                        """))
                .containsExactly(
                        "candidate.scorer.url: 'models:8080' is not an http:// or https:// address (line 2)",
                        "candidate.scorer.deadline: must be longer than 0 (line 2)");
    }

    @Test
    void readsHowARolloutIsJudged() {
        var plan = SpecReader.evidence("""
                unit: request
                window: 10s
                outcome-window: 48h
                alpha: 0.01
                metrics:
                  - {name: brier, kind: brier, role: success, mde: 0.004, outcome: late}
                  - {name: slow, kind: latency-over, role: guardrail, margin: 1.5, threshold: 250ms, limit: 0.2}
                  - {name: bought, kind: conversion, role: diagnostic}
                stages:
                  - {kind: shadow, mirror: 50%, minimum: {units: 2000, duration: 1m, coverage: 80%}}
                  - {kind: ab, share: 50%, require: superiority, maximum: {duration: 30m}, metrics: [brier, bought]}
                policies: {inconclusive: abort, no-data: fail, grace: 5m}
                """);
        assertThat(plan.window()).isEqualTo(Duration.ofSeconds(10));
        assertThat(plan.outcomeWindow()).isEqualTo(Duration.ofHours(48));
        assertThat(plan.alpha()).isEqualTo(0.01);
        assertThat(plan.alphaAbort()).isEqualTo(0.05);
        assertThat(plan.policies())
                .isEqualTo(new VerdictPolicies(Policy.ABORT, Policy.HOLD, Policy.FAIL, Duration.ofMinutes(5)));
        assertThat(plan.stages().get(0).metrics())
                .as("what a shadow can measure")
                .extracting(MetricSpec::name)
                .containsExactly("brier", "slow");
        assertThat(plan.stages().get(0).minimum())
                .isEqualTo(new StagePlan.Minimum(2000, Duration.ofMinutes(1), 0, 0.8));
        assertThat(plan.stages().get(1).metrics()).extracting(MetricSpec::name).containsExactly("brier", "bought");
        assertThat(plan.stages().get(1).superiority()).isTrue();
        assertThat(plan.metrics().get(0).better()).isEqualTo(Side.LESS);
        assertThat(plan.metrics().get(1).threshold()).contains(250.0);
    }

    @Test
    void readsHowEvenlyOutcomesMustArrive() {
        String spec = """
                outcome-window: 2h
                coverage: {minimum: 80%, difference: 0.5%, after: 1h}
                stages: [{kind: shadow, minimum: {units: 5}}, {kind: shadow, minimum: {coverage: 60%}}, {kind: shadow}]
                """;

        EvidencePlan plan = SpecReader.evidence(spec);
        EvidencePlan silent = SpecReader.evidence("stages: [{kind: shadow}]");

        assertThat(plan.coverage()).isEqualTo(new CoverageRules(0.005, Optional.of(Duration.ofHours(1))));
        assertThat(plan.outcomesAfter()).isEqualTo(Duration.ofHours(1));
        assertThat(plan.stages())
                .extracting(stage -> stage.minimum().coverage())
                .as("a stage's own minimum goes first")
                .containsExactly(0.8, 0.6, 0.8);
        assertThat(silent.coverage()).isEqualTo(new CoverageRules(0.02, Optional.empty()));
        assertThat(silent.outcomesAfter()).isEqualTo(Duration.ofHours(24));
        assertThat(faults(spec.replace("after: 1h", "after: 3h")))
                .contains("coverage.after: is over outcome-window, after which outcomes do not count (line 2)");
    }

    @Test
    void readsWhenAMetricCountsARequest() {
        var plan = SpecReader.evidence("""
                outcome-window: 48h
                metrics:
                  - {name: clicks, kind: conversion, role: success, mde: 1.2}
                  - {name: buys, kind: conversion, role: success, mde: 1.2, count: at-maturity}
                  - {name: adds, kind: conversion, role: success, mde: 1.2, count: at-maturity, outcome-window: 1h}
                  - {name: views, kind: conversion, role: success, mde: 1.2, count: at-arrival}
                stages: [{kind: ab, share: 50%}]
                """);
        assertThat(plan.metrics())
                .extracting(MetricSpec::maturity)
                .containsExactly(
                        Optional.empty(),
                        Optional.of(Duration.ofHours(48)),
                        Optional.of(Duration.ofHours(1)),
                        Optional.empty());
        assertThat(plan.stages().get(0).needsMaturity()).isTrue();
    }

    @Test
    void rejectsAMaturityThatCannotBe() {
        assertThat(faults("""
                        deployment: d
                        candidate: {version: v2, scorer: {kind: external}}
                        outcome-window: 1h
                        metrics:
                          - {name: a, kind: conversion, role: diagnostic, outcome-window: 1h}
                          - {name: b, kind: conversion, role: diagnostic, count: at-maturity, outcome-window: 2h}
                          - {name: c, kind: error-rate, role: diagnostic, count: at-maturity}
                          - {name: e, kind: conversion, role: diagnostic, count: later}
                        stages: [{kind: ab, share: 50%}]
                        """))
                .containsExactly(
                        "metrics[0].outcome-window: applies to metrics with count: at-maturity only (line 5)",
                        "metrics[1].outcome-window: is longer than the rollout's outcome-window; later outcomes are not kept (line 6)",
                        "metrics[2].count: does not apply to error-rate (line 7)",
                        "metrics[3].count: 'later' is unknown; allowed: at-arrival, at-maturity (line 8)");
    }

    @Test
    void rejectsMetricsThatCannotDecideAndNamesTheirLines() {
        assertThat(faults("""
                        deployment: d
                        candidate: {version: v2, scorer: {kind: external}}
                        metrics:
                          - {name: a, kind: happiness, role: success, mde: 0.1}
                          - {name: b, kind: error-rate, role: guardrail}
                          - {name: b, kind: error-rate, role: guardrail, margin: -1.5}
                          - {name: c, kind: conversion, role: success, mde: 1.1}
                          - {name: d, kind: brier, role: success, direction: higher, mde: 0}
                          - {name: e, kind: score-drift, role: guardrail, margin: 0.1}
                          - {name: f, kind: accuracy, role: guardrail, margin: 1.5, mde: 0.01, cap: 3}
                          - {name: g, kind: latency-over, role: diagnostic}
                        stages:
                          - {kind: shadow, require: superiority, metrics: [c, z]}
                          - {kind: shadow, test: fixed}
                        """))
                .contains(
                        "metrics[0].kind: 'happiness' is unknown; allowed: error-rate, timeout-rate, fallback-rate, latency-over, latency-quantile, accuracy, brier, log-loss, squared-error, absolute-error, conversion, value, ratio, agreement, score-drift (line 4)",
                        "metrics[1].margin: is missing; a guardrail needs a margin: how much worse the candidate may be (line 5)",
                        "metrics[2].name: 'b' is the name of another metric (line 6)",
                        "metrics[2].margin: -1.5 is not greater than 0; a margin has no sign; it is a difference, or for a rate an odds ratio over 1 (line 6)",
                        "metrics[3].kind: conversion cannot be measured in a stage of kind shadow: the candidate's answer is not served, so it has no effect (line 7)",
                        "metrics[4].direction: lower is better for brier (line 8)",
                        "metrics[5].role: guardrail is not a role for score-drift; allowed: diagnostic (line 9)",
                        "metrics[6].margin: margin and mde must both be odds ratios (over 1) or both differences (under 1) (line 10)",
                        "metrics[6].cap: does not apply to accuracy (line 10)",
                        "metrics[7].threshold: is missing (line 11)",
                        "stages[0].metrics[1]: 'z' is not a metric; allowed: a, b, c, d, e, f, g (line 13)",
                        "stages[0].require: superiority needs a success metric, and the stage measures none (line 13)",
                        "stages[1].maximum: is missing; a fixed test needs a declared end: units or duration (line 14)");
    }

    @Test
    void classesAreToldApartByTheirValues() {
        assertThat(faults("""
                        deployment: d
                        candidate: {version: v, scorer: {kind: external}}
                        metrics:
                          - {name: a, kind: log-loss, role: success, mde: 0.1, classes: ["1", "1.0"]}
                          - {name: b, kind: accuracy, role: success, mde: 0.1, classes: [x, y], threshold: 0.5}
                          - {name: c, kind: value, role: success, mde: 0.1, classes: [x, y]}
                        stages: [{kind: ab, share: 50%}]
                        """))
                .containsExactly(
                        "metrics[0].classes[1]: '1.0' is the name of another class (line 4)",
                        "metrics[1].threshold: does not apply to a metric with classes (line 5)",
                        "metrics[2].classes: does not apply to value (line 6)");
    }

    @Test
    void aRatioNamesTwoOutcomes() {
        assertThat(faults("""
                        deployment: d
                        candidate: {version: v, scorer: {kind: external}}
                        metrics:
                          - {name: a, kind: ratio, role: success, mde: 0.1, numerator: revenue}
                          - {name: b, kind: ratio, role: success, mde: 0.1, numerator: x, denominator: x, bounds: [0, 1]}
                          - {name: c, kind: value, role: success, mde: 0.1, numerator: revenue}
                          - {name: e, kind: ratio, role: success, mde: 0.1, numerator: x, denominator: y, outcome: z}
                        stages: [{kind: ab, share: 50%}]
                        """))
                .containsExactly(
                        "metrics[0].denominator: is missing (line 4)",
                        "metrics[1].bounds: does not apply to ratio (line 5)",
                        "metrics[1].denominator: 'x' is the numerator, too; name another outcome (line 5)",
                        "metrics[2].numerator: does not apply to value (line 6)",
                        "metrics[3].outcome: does not apply to ratio (line 7)");
    }

    @Test
    void aQuantileHasAFactorAsItsMargin() {
        assertThat(faults("""
                        deployment: d
                        candidate: {version: v, scorer: {kind: external}}
                        metrics:
                          - {name: a, kind: latency-quantile, role: guardrail, margin: 10%, quantile: 0.99}
                          - {name: b, kind: latency-quantile, role: guardrail, margin: 1x, quantile: 0.4}
                          - {name: c, kind: latency-quantile, role: success, mde: 1.1, quantile: 0.99}
                          - {name: e, kind: latency-over, role: guardrail, margin: 2, threshold: 1s, quantile: 0.99}
                          - {name: f, kind: latency-quantile, role: diagnostic}
                          - {name: g, kind: latency-quantile, role: guardrail, margin: 1.1, quantile: 0.99}
                        stages: [{kind: ab, share: 50%, test: fixed, maximum: {units: 100}}]
                        """))
                .containsExactly(
                        "metrics[0].margin: '10%' is not a factor; write it like 1.1x (line 4)",
                        "metrics[1].margin: must be from 1.01 to 10.0; 1.1x allows the candidate's quantile to be 10 % greater (line 5)",
                        "metrics[1].quantile: 0.4 is not from 0.5 to less than 1 (line 5)",
                        "metrics[2].role: success is not a role for latency-quantile; allowed: diagnostic, guardrail (line 6)",
                        "metrics[2].mde: does not apply to latency-quantile (line 6)",
                        "metrics[3].quantile: does not apply to latency-over (line 7)",
                        "metrics[4].quantile: is missing (line 8)",
                        "stages[0].test: a fixed test does not judge latency-quantile; use latency-over, or no fixed test (line 10)");
    }

    private static List<String> faults(String yaml) {
        return catchThrowableOfType(InvalidSpecException.class, () -> SpecReader.rollout(yaml))
                .faults();
    }

    @Test
    void aUrlHasNeitherAUserNorAPassword() {
        assertThatThrownBy(() -> SpecReader.deployment("""
                        deployment: d
                        existing: {version: v, scorer: {kind: open-inference, url: "http://me:secret@models:8080", model: m}}
                        """))
                .isInstanceOf(InvalidSpecException.class)
                .hasMessage("existing.scorer.url: must not have a user or a password before the host (line 2)");
    }

    @Test
    void boundsStagesAndTexts() {
        assertThatThrownBy(() -> SpecReader.rollout(
                        """
                        deployment: d
                        candidate: {version: v, scorer: {kind: external}}
                        salt: %s
                        stages:
                        """.formatted("s".repeat(5000)) + "  - {kind: canary, share: 5%}\n".repeat(503)))
                .isInstanceOf(InvalidSpecException.class)
                .hasMessageContaining("stages: has 503 entries; at most 100 are allowed (line 4)")
                .hasMessageContaining("salt: has 5000 characters; at most 4000 are allowed (line 3)");
    }
}
