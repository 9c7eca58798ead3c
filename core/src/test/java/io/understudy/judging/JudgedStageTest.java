package io.understudy.judging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.evidence.Observations;
import io.understudy.evidence.StageEvidence;
import io.understudy.evidence.StageSnapshot;
import io.understudy.evidence.WindowCounts;
import io.understudy.evidence.WindowCountsCodec;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricKind;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.SpecReader;
import io.understudy.plan.StagePlan;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.Arm;
import io.understudy.schema.MetricEvaluation;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.StageEvidenceState;
import io.understudy.schema.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JudgedStageTest {

    private static final Duration END = Duration.ofSeconds(5);

    private static final Duration WINDOW = Duration.ofSeconds(5);

    private static final String AB = """
            unit: request
            metrics:
              - {name: bought, kind: conversion, role: success, mde: 1.3}
              - {name: errors, kind: error-rate, role: guardrail, margin: 2}
            stages: [{kind: ab, share: 50%, require: superiority, minimum: {units: 200, duration: 20s}}]
            """;

    private final Random random = new Random(1);
    private int nextKey;

    /** What happens in one arm. */
    private record Rates(double bought, double errors) {}

    private static EvidencePlan plan(String yaml) {
        return SpecReader.evidence(yaml);
    }

    private WindowCounts window(EvidencePlan plan, int units, Rates existing, Rates candidate) {
        WindowCounts window = WindowCounts.empty(plan.stages().get(0), plan.isByKey());
        for (int i = 0; i < units; i++) {
            Arm arm = i % 2 == 0 ? Arm.EXISTING : Arm.CANDIDATE;
            Rates rates = arm == Arm.CANDIDATE ? candidate : existing;
            byte[] key = ("key-" + nextKey++).getBytes(UTF_8);
            window.request(arm, key);
            window.labelled(arm);
            window.observe(0, arm, WindowCounts.bucket(key), random.nextDouble() < rates.bought() ? 1 : 0);
            window.observe(1, arm, WindowCounts.bucket(key), random.nextDouble() < rates.errors() ? 1 : 0);
        }
        return window;
    }

    private Ruling play(EvidencePlan plan, int windows, int units, Rates existing, Rates candidate) {
        JudgedStage evidence = JudgedStage.empty(plan, 0);
        Ruling ruling = null;
        for (int i = 1; i <= windows && (ruling == null || !ruling.isDecisive()); i++) {
            evidence.absorb(window(plan, units, existing, candidate), END);
            ruling = evidence.rule(WINDOW.multipliedBy(i));
        }
        return ruling;
    }

    @ParameterizedTest
    @ValueSource(strings = {"request", "key"})
    void passesABetterCandidateThatHoldsItsGuardrails(String unit) {
        EvidencePlan plan = plan(AB.replace("unit: request", "unit: " + unit));
        Ruling ruling = play(plan, 200, 400, new Rates(0.2, 0.02), new Rates(0.26, 0.02));
        assertThat(ruling.verdict()).isEqualTo(Verdict.PASS);
        assertThat(ruling.reason()).contains("bought is better (candidate 0.", "errors holds (candidate 0.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"request", "key"})
    void abortsACandidateWhoseGuardrailBreaks(String unit) {
        EvidencePlan plan = plan(AB.replace("unit: request", "unit: " + unit));
        Ruling ruling = play(plan, 200, 400, new Rates(0.2, 0.02), new Rates(0.26, 0.1));
        assertThat(ruling.verdict()).isEqualTo(Verdict.ABORT);
        assertThat(ruling.reason()).startsWith("errors is worse by more than its margin: candidate 0.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"request", "key"})
    void letsACandidateWithoutAnyFaultPass(String unit) {
        EvidencePlan plan = plan(AB.replace("unit: request", "unit: " + unit));
        assertThat(play(plan, 200, 400, new Rates(0.2, 0), new Rates(0.26, 0)).verdict())
                .as("no faults in either arm are no odds ratio, and yet no reason to wait for ever")
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void anAbortStandsWhateverFollows() {
        EvidencePlan plan = plan(AB);
        JudgedStage evidence = JudgedStage.empty(plan, 0);
        Verdict verdict = Verdict.CONTINUE;
        for (int i = 1; verdict != Verdict.ABORT; i++) {
            evidence.absorb(window(plan, 400, new Rates(0.3, 0.01), new Rates(0.2, 0.01)), END);
            verdict = evidence.rule(WINDOW.multipliedBy(i)).verdict();
        }
        for (int i = 0; i < 50; i++) {
            evidence.absorb(window(plan, 400, new Rates(0.2, 0.01), new Rates(0.9, 0.01)), END);
        }
        Ruling later = evidence.rule(WINDOW.multipliedBy(100));
        assertThat(later.verdict()).isEqualTo(Verdict.ABORT);
        assertThat(later.reason()).startsWith("bought is worse: ");
    }

    @Test
    void holdsAndSaysWhatIsMissing() {
        Ruling ruling = play(plan(AB), 1, 100, new Rates(0.2, 0.01), new Rates(0.2, 0.01));
        assertThat(ruling.verdict()).isEqualTo(Verdict.HOLD);
        assertThat(ruling.reason())
                .isEqualTo("below the stage's minimum: 50 of 200 units in the smaller arm; 5s of 20s");
    }

    @Test
    void saysHowManyUnitsADecisionIsExpectedToTake() {
        EvidencePlan plan = plan(AB.replace("minimum: {units: 200, duration: 20s}", ""));
        WindowCounts window = WindowCounts.empty(plan.stages().get(0), false);
        for (int i = 0; i < 200; i++) {
            for (Arm arm : List.of(Arm.EXISTING, Arm.CANDIDATE)) {
                window.request(arm, null);
                window.observe(0, arm, 0, i < (arm == Arm.CANDIDATE ? 52 : 40) ? 1 : 0);
                window.observe(1, arm, 0, i < (arm == Arm.CANDIDATE ? 30 : 40) ? 1 : 0);
            }
        }
        JudgedStage evidence = JudgedStage.empty(plan, 0);
        evidence.absorb(window, END);
        Ruling ruling = evidence.rule(WINDOW);
        assertThat(ruling.verdict()).isEqualTo(Verdict.CONTINUE);
        assertThat(ruling.remainingUnits()).isPresent();
        assertThat(ruling.reason()).contains("more units in the smaller arm");
    }

    @Test
    void isInvalidWhenUnitsDoNotArriveAsTheSharesSay() {
        EvidencePlan plan = plan(AB.replace("50%", "40%"));
        Ruling ruling = play(plan, 20, 400, new Rates(0.2, 0.01), new Rates(0.9, 0.01));
        assertThat(ruling.verdict()).isEqualTo(Verdict.INVALID);
        assertThat(ruling.reason()).startsWith("sample ratio mismatch: ").contains("whose share is 40 %");
    }

    /** Equal models; a part of the candidate's requests without a purchase, of whole keys, never gets its outcome. */
    private WindowCounts withLostZeros(EvidencePlan plan, int units, double lost) {
        WindowCounts window = WindowCounts.empty(plan.stages().get(0), plan.isByKey());
        for (int i = 0; i < units; i++) {
            Arm arm = random.nextBoolean() ? Arm.EXISTING : Arm.CANDIDATE;
            byte[] key = ("key-" + nextKey++).getBytes(UTF_8);
            double rate = random.nextBoolean() ? 0.3 : 0.7;
            boolean isLost = arm == Arm.CANDIDATE && random.nextDouble() < lost;
            for (int request = 0; request < 3; request++) {
                double bought = random.nextDouble() < rate ? 1 : 0;
                window.request(arm, key);
                window.observe(0, arm, WindowCounts.bucket(key), isLost && bought == 0 ? Double.NaN : bought);
                window.observe(1, arm, WindowCounts.bucket(key), 0);
            }
        }
        return window;
    }

    @Test
    void isInvalidAndNeverPassesWhenAFifthOfTheCandidatesZerosIsLost() {
        EvidencePlan plan = plan(AB.replace("unit: request", "unit: key"));
        for (int run = 0; run < 20; run++) {
            JudgedStage evidence = JudgedStage.empty(plan, 0);
            Ruling ruling = evidence.rule(Duration.ZERO);
            for (int i = 1; i <= 100 && !ruling.isDecisive(); i++) {
                evidence.absorb(withLostZeros(plan, 200, 0.2), WINDOW.multipliedBy(i));
                ruling = evidence.rule(WINDOW.multipliedBy(i));
            }

            assertThat(ruling.code()).isEqualTo(ReasonCode.UNEVEN_OUTCOMES.name());
            assertThat(ruling.verdict()).isEqualTo(Verdict.INVALID);
        }
    }

    @Test
    void isNoLongerInvalidWhenItsCauseIsOverAndSaysSo() {
        EvidencePlan plan = plan(AB.replace("unit: request", "unit: key"));
        JudgedStage evidence = JudgedStage.empty(plan, 0);
        evidence.absorb(withLostZeros(plan, 4000, 0.2), WINDOW);
        assertThat(evidence.rule(WINDOW).verdict()).isEqualTo(Verdict.INVALID);
        assertThat(evidence.rule(WINDOW).warnings()).noneMatch(warning -> warning.contains("UNEVEN_OUTCOMES"));

        evidence.absorb(withLostZeros(plan, 40_000, 0), WINDOW.multipliedBy(2));
        Ruling ruling = evidence.rule(WINDOW.multipliedBy(2));

        assertThat(ruling.verdict()).isNotEqualTo(Verdict.INVALID);
        assertThat(ruling.warnings()).anyMatch(warning -> warning.contains("UNEVEN_OUTCOMES"));
    }

    @Test
    void isInvalidWhenKeysAreInBothArms() {
        EvidencePlan plan = plan(AB.replace("unit: request", "unit: key"));
        JudgedStage evidence = JudgedStage.empty(plan, 0);
        WindowCounts window = window(plan, 400, new Rates(0.2, 0.01), new Rates(0.2, 0.01));
        for (int i = 0; i < 40; i++) {
            window.request(i % 2 == 0 ? Arm.EXISTING : Arm.CANDIDATE, ("key-" + i).getBytes(UTF_8));
        }
        evidence.absorb(window, END);
        assertThat(evidence.rule(WINDOW).verdict()).isNotEqualTo(Verdict.INVALID);
        for (int i = 0; i < 40; i++) {
            window.request(i % 2 == 0 ? Arm.CANDIDATE : Arm.EXISTING, ("key-" + i).getBytes(UTF_8));
        }
        evidence.absorb(window, END);
        Ruling ruling = evidence.rule(WINDOW);
        assertThat(ruling.verdict()).isEqualTo(Verdict.INVALID);
        assertThat(ruling.reason())
                .isEqualTo("the same keys are in both arms: 40 of 220 sampled in the smaller arm; allowed is 1 %");
    }

    @Test
    void abortsARateOverItsLimitBeforeAnyMinimum() {
        EvidencePlan plan = plan(AB.replace("margin: 2}", "margin: 2, limit: 0.1}"));
        Ruling ruling = play(plan, 1, 100, new Rates(0.2, 0.5), new Rates(0.2, 0.5));
        assertThat(ruling.verdict()).isEqualTo(Verdict.ABORT);
        assertThat(ruling.reason()).startsWith("errors is over its limit: ").contains("allowed 10 %");
    }

    @Test
    void doesNotAbortARateFarBelowItsLimit() {
        EvidencePlan plan = plan(AB.replace("margin: 2}", "margin: 2, limit: 0.05}"));
        StageEvidence evidence = StageEvidence.empty(plan, 0);
        for (int i = 1; i <= 60; i++) {
            evidence.absorb(window(plan, 1000, new Rates(0.2, 0), new Rates(0.2, 0)), END);
        }
        StageSnapshot snapshot = evidence.look(WINDOW.multipliedBy(60));
        assertThat(snapshot.metrics().get(1).overLimit()).isNegative();
        assertThat(Judge.judge(snapshot).verdict()).isNotEqualTo(Verdict.ABORT);
    }

    @Test
    void doesNotPassBelowItsMinimumWhenItIsOver() {
        EvidencePlan plan = plan(AB.replace(
                "minimum: {units: 200, duration: 20s}", "minimum: {units: 100000}, maximum: {duration: 1m}"));
        Ruling ruling = play(plan, 20, 400, new Rates(0.2, 0), new Rates(0.4, 0));
        assertThat(ruling.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(ruling.reason())
                .isEqualTo(
                        "the stage is over, and its minimum has not come in: 2400 of 100000 units in the smaller arm");
    }

    @ParameterizedTest
    @ValueSource(strings = {"request", "key"})
    void asksForSomethingToBeShownWhereAStageAsksForNothing(String unit) {
        EvidencePlan plan = plan("""
                unit: %s
                metrics:
                  - {name: bought, kind: conversion, role: success, mde: 1.3}
                  - {name: errors, kind: error-rate, role: diagnostic}
                stages: [{kind: ab, share: 50%%}]
                """.formatted(unit));
        Ruling first = play(plan, 1, 100, new Rates(0.2, 0), new Rates(0.2, 0));
        assertThat(first.verdict()).isEqualTo(Verdict.CONTINUE);
        assertThat(first.reason()).startsWith("not shown yet: bought not worse: log evidence ");
        assertThat(play(plan, 200, 400, new Rates(0.2, 0), new Rates(0.21, 0)).verdict())
                .isEqualTo(Verdict.PASS);
        assertThat(play(plan, 200, 400, new Rates(0.2, 0), new Rates(0.13, 0)).verdict())
                .isEqualTo(Verdict.ABORT);
    }

    @Test
    void isInconclusiveAtItsEndAndWhenNothingWorthHavingCanCome() {
        EvidencePlan plan = plan(AB.replace("minimum: {units: 200, duration: 20s}", "maximum: {duration: 15s}"));
        Ruling atEnd = play(plan, 10, 20, new Rates(0.2, 0.01), new Rates(0.2, 0.01));
        assertThat(atEnd.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(atEnd.reason()).startsWith("the stage is over after 15s and 30 units");
        Ruling hopeless =
                play(plan(AB + "policies: {inconclusive: hold}"), 400, 400, new Rates(0.5, 0.01), new Rates(0.5, 0.01));
        assertThat(hopeless.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(hopeless.reason()).startsWith("any improvement is smaller than the effect worth detecting");
    }

    @Test
    void failsOrWaitsWithoutDataAsThePolicySays() {
        for (var expected : List.of(
                new String[] {"hold", "NO_DATA"}, new String[] {"fail", "ABORT"}, new String[] {"ignore", "HOLD"})) {
            EvidencePlan plan = plan(AB + "policies: {no-data: " + expected[0] + ", grace: 30s}\n");
            JudgedStage evidence = JudgedStage.empty(plan, 0);
            assertThat(evidence.rule(Duration.ofSeconds(30)).verdict()).isEqualTo(Verdict.HOLD);
            assertThat(evidence.rule(Duration.ofSeconds(35)).verdict()).isEqualTo(Verdict.valueOf(expected[1]));
        }
    }

    @Test
    void aFixedTestIsLookedAtOnceAtItsEnd() {
        String fixed = AB.replace("minimum: {units: 200, duration: 20s}", "test: fixed, maximum: {duration: 1m}");
        JudgedStage evidence = JudgedStage.empty(plan(fixed), 0);
        for (int i = 1; i < 12; i++) {
            evidence.absorb(window(plan(fixed), 2000, new Rates(0.2, 0.02), new Rates(0.26, 0.02)), END);
            assertThat(evidence.rule(WINDOW.multipliedBy(i)).verdict()).isEqualTo(Verdict.CONTINUE);
        }
        evidence.absorb(window(plan(fixed), 2000, new Rates(0.2, 0.02), new Rates(0.26, 0.02)), END);
        Ruling end = evidence.rule(Duration.ofMinutes(1));
        assertThat(end.verdict()).isEqualTo(Verdict.PASS);
        assertThat(end.metrics().get(0).getP()).isLessThan(1e-6);
        evidence.absorb(window(plan(fixed), 2000, new Rates(0.9, 0.02), new Rates(0.1, 0.02)), END);
        assertThat(evidence.rule(Duration.ofMinutes(2)).verdict())
                .as("it was looked at once")
                .isEqualTo(Verdict.PASS);
        assertThat(play(plan(fixed), 12, 400, new Rates(0.26, 0.02), new Rates(0.2, 0.02))
                        .verdict())
                .isEqualTo(Verdict.ABORT);
        assertThat(play(plan(fixed), 12, 40, new Rates(0.2, 0.02), new Rates(0.2, 0.02))
                        .verdict())
                .isEqualTo(Verdict.INCONCLUSIVE);
    }

    /** What partitions have of one window comes together in any order and grouping. */
    @ParameterizedTest
    @ValueSource(strings = {"request", "key"})
    void mergesPartsOfWindowsInAnyOrder(String unit) {
        EvidencePlan plan = plan(AB.replace("unit: request", "unit: " + unit));
        JudgedStage one = JudgedStage.empty(plan, 0);
        JudgedStage other = JudgedStage.empty(plan, 0);
        for (int i = 0; i < 20; i++) {
            List<WindowCounts> parts = new ArrayList<>();
            for (int part = 0; part < 5; part++) {
                parts.add(window(plan, 60, new Rates(0.2, 0.02), new Rates(0.24, 0.03)));
            }
            one.absorb(merged(plan, parts), END);
            Collections.shuffle(parts, random);
            other.absorb(
                    merged(plan, List.of(merged(plan, parts.subList(0, 2)), merged(plan, parts.subList(2, 5)))), END);
        }
        List<MetricEvaluation> a = one.rule(WINDOW.multipliedBy(20)).metrics();
        List<MetricEvaluation> b = other.rule(WINDOW.multipliedBy(20)).metrics();
        for (int i = 0; i < a.size(); i++) {
            assertThat(b.get(i).getLogEvidence()).isCloseTo(a.get(i).getLogEvidence(), within(1e-9));
            assertThat(b.get(i).getLogEvidenceOfHarm()).isCloseTo(a.get(i).getLogEvidenceOfHarm(), within(1e-9));
            assertThat(b.get(i).getEffect()).isCloseTo(a.get(i).getEffect(), within(1e-9));
        }
        assertThat(other.rule(WINDOW.multipliedBy(20)).candidate().getUnits())
                .isEqualTo(one.rule(WINDOW.multipliedBy(20)).candidate().getUnits());
    }

    private static WindowCounts merged(EvidencePlan plan, List<WindowCounts> parts) {
        WindowCounts window = WindowCounts.empty(plan.stages().get(0), plan.isByKey());
        parts.forEach(window::addAll);
        return window;
    }

    /** Every kind of metric and method, put away in the middle and taken up again. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "unit: request\nstages: [{kind: shadow, require: superiority}]",
                "unit: key\nstages: [{kind: shadow, require: superiority}]",
                "unit: request\nstages: [{kind: canary, share: 50%, require: superiority}]",
                "unit: key\nstages: [{kind: canary, share: 50%, require: superiority}]",
            })
    void goesOnAsIfItHadNeverBeenPutAway(String kind) throws Exception {
        EvidencePlan plan = plan(kind
                + """

                metrics:
                  - {name: a, kind: error-rate, role: guardrail, margin: 2, limit: 0.9}
                  - {name: b, kind: accuracy, role: success, mde: 1.2}
                  - {name: c, kind: accuracy, role: guardrail, margin: 0.1}
                  - {name: d, kind: brier, role: success, mde: 0.1}
                  - {name: e, kind: agreement, role: guardrail, margin: 0.9}
                  - {name: f, kind: score-drift, role: diagnostic}
                """.concat(
                                kind.contains("request")
                                        ? "  - {name: g, kind: log-loss, role: success, mde: 0.1, bounds: [0, 1]}\n"
                                        : "")
                        .replace(
                                kind.contains("canary")
                                        ? "  - {name: e, kind: agreement, role: guardrail, margin: 0.9}\n"
                                        : "\0",
                                ""));
        JudgedStage straight = JudgedStage.empty(plan, 0);
        JudgedStage interrupted = JudgedStage.empty(plan, 0);
        for (int i = 1; i <= 30; i++) {
            WindowCounts window = anything(plan);
            straight.absorb(window, END);
            byte[] bytes = StageEvidenceState.getEncoder()
                    .encode(interrupted.save(state()).build())
                    .array();
            interrupted = JudgedStage.restore(StageEvidenceState.getDecoder().decode(bytes), plan, 0);
            interrupted.absorb(
                    WindowCountsCodec.decode(
                            WindowCountsCodec.encode(window, Instant.EPOCH),
                            plan.stages().get(0),
                            plan.isByKey()),
                    END);
            assertThat(interrupted.rule(WINDOW.multipliedBy(i))).isEqualTo(straight.rule(WINDOW.multipliedBy(i)));
        }
        assertThat(straight.rule(WINDOW.multipliedBy(30)).existing().getUnits()).isGreaterThan(1000);
    }

    private static StageEvidenceState.Builder state() {
        return StageEvidenceState.newBuilder()
                .setDeployment("d")
                .setRollout("r")
                .setStage(0)
                .setEpoch(1)
                .setStateVersion(1)
                .setJudgedTo(0);
    }

    private WindowCounts anything(EvidencePlan plan) {
        StagePlan stage = plan.stages().get(0);
        WindowCounts window = WindowCounts.empty(stage, plan.isByKey());
        for (int i = 0; i < 100; i++) {
            byte[] key = ("key-" + nextKey++).getBytes(UTF_8);
            int bucket = WindowCounts.bucket(key);
            for (Arm arm : List.of(Arm.EXISTING, Arm.CANDIDATE)) {
                window.request(arm, key);
                window.labelled(arm);
            }
            for (int metric = 0; metric < stage.metrics().size(); metric++) {
                MetricKind metricKind = stage.metrics().get(metric).kind();
                double existing = metricKind.isBinary() ? random.nextInt(2) : random.nextDouble();
                double candidate = metricKind.isBinary() ? random.nextInt(2) : random.nextDouble();
                if (stage.isShadow() && metricKind.isPairedInShadow()) {
                    window.observePair(metric, bucket, existing, candidate);
                } else {
                    window.observe(metric, Arm.EXISTING, bucket, existing);
                    window.observe(metric, Arm.CANDIDATE, bucket, candidate);
                }
            }
            window.disagreement("r-" + nextKey, random.nextDouble(), random.nextDouble());
        }
        return window;
    }

    @Test
    void passesABetterMeanWithinKnownBoundsThoughTheArmsAreSeparate() {
        EvidencePlan plan = plan("""
                unit: request
                metrics: [{name: loss, kind: log-loss, role: success, mde: 0.01, bounds: [0, 7]}]
                stages: [{kind: ab, share: 50%, require: superiority}]
                """);
        assertThat(bounded(plan, 0.30, 40).verdict()).isEqualTo(Verdict.PASS);
        assertThat(bounded(plan, 0.40, 40).verdict()).as("no difference").isEqualTo(Verdict.CONTINUE);
        assertThat(bounded(plan, 0.50, 40).verdict()).isEqualTo(Verdict.ABORT);
    }

    /** Losses about 0.4 with the existing model and {@code mean} with the candidate. */
    private Ruling bounded(EvidencePlan plan, double mean, int windows) {
        JudgedStage evidence = JudgedStage.empty(plan, 0);
        Ruling ruling = null;
        for (int i = 1; i <= windows; i++) {
            WindowCounts window = WindowCounts.empty(plan.stages().get(0), false);
            for (int unit = 0; unit < 1000; unit++) {
                Arm arm = unit % 2 == 0 ? Arm.EXISTING : Arm.CANDIDATE;
                window.request(arm, ("key-" + nextKey++).getBytes(UTF_8));
                window.observe(0, arm, 0, (arm == Arm.EXISTING ? 0.4 : mean) * 2 * random.nextDouble());
            }
            evidence.absorb(window, END);
            ruling = evidence.rule(WINDOW.multipliedBy(i));
        }
        return ruling;
    }

    @Test
    void aStageThatServesEverybodyPassesByItsMinimumAlone() {
        EvidencePlan plan = plan("""
                unit: request
                metrics: [{name: errors, kind: error-rate, role: guardrail, margin: 2, limit: 0.5}]
                stages: [{kind: canary, share: 100%, minimum: {units: 50, duration: 2m}}]
                """);
        JudgedStage evidence = JudgedStage.empty(plan, 0);
        assertThat(evidence.rule(Duration.ofSeconds(5)).verdict()).isEqualTo(Verdict.HOLD);
        assertThat(evidence.rule(Duration.ofSeconds(90)).verdict())
                .as("nobody at all")
                .isEqualTo(Verdict.NO_DATA);
        WindowCounts window = WindowCounts.empty(plan.stages().get(0), plan.isByKey());
        for (int i = 0; i < 60; i++) {
            window.request(Arm.CANDIDATE, ("key-" + i).getBytes(UTF_8));
            window.observe(0, Arm.CANDIDATE, 0, 0);
        }
        evidence.absorb(window, END);
        assertThat(evidence.rule(Duration.ofSeconds(90)).verdict()).isEqualTo(Verdict.HOLD);
        Ruling ruling = evidence.rule(Duration.ofSeconds(120));
        assertThat(ruling.verdict()).as(ruling.reason()).isEqualTo(Verdict.PASS);
        assertThat(ruling.reason()).contains("60 units in 2m", "nobody is left to compare it with");
    }

    @Test
    void aSmallSharesAbsenceSaysNothingBeforeItsRequestsShouldHaveCome() {
        EvidencePlan plan = plan(AB.replace("share: 50%", "share: 0.1%"));
        JudgedStage evidence = JudgedStage.empty(plan, 0);
        Duration past = Duration.ofMinutes(5);
        evidence.absorb(existingOnly(plan, 4000), END);
        assertThat(evidence.rule(past).verdict()).as("four were due").isEqualTo(Verdict.HOLD);
        evidence.absorb(existingOnly(plan, 2000), END);
        assertThat(evidence.rule(past).verdict()).as("six were due").isEqualTo(Verdict.NO_DATA);
    }

    private WindowCounts existingOnly(EvidencePlan plan, int units) {
        WindowCounts window = WindowCounts.empty(plan.stages().get(0), false);
        for (int i = 0; i < units; i++) {
            window.request(Arm.EXISTING, ("key-" + nextKey++).getBytes(UTF_8));
        }
        return window;
    }

    @Test
    void warnsWhenMuchOfWhatIsMirroredHasNotComeBack() {
        EvidencePlan plan = plan("""
                metrics: [{name: errors, kind: error-rate, role: guardrail, margin: 2}]
                stages: [{kind: shadow}]
                """);
        JudgedStage evidence = JudgedStage.empty(plan, 0);
        WindowCounts window = WindowCounts.empty(plan.stages().get(0), plan.isByKey());
        for (int i = 0; i < 100; i++) {
            window.request(Arm.EXISTING, ("key-" + i).getBytes(UTF_8));
            if (i < 90) {
                window.request(Arm.CANDIDATE, ("key-" + i).getBytes(UTF_8));
            }
        }
        evidence.absorb(window, END);
        assertThat(evidence.rule(WINDOW).warnings())
                .contains("the candidate has answered 90 of 100 mirrored requests; the rest are under way,"
                        + " or were too old to be scored");
    }

    @Test
    void countsAFallbackByHowTheCandidatesOwnAnswerEnded() {
        MetricSpec errors = plan(AB).metrics().stream()
                .filter(metric -> metric.kind() == MetricKind.ERROR_RATE)
                .findFirst()
                .orElseThrow();
        Prediction.Builder served = Prediction.newBuilder()
                .setRequestId("id")
                .setDeployment("d")
                .setStatus(PredictionStatus.OK)
                .setScore(1.0)
                .setFallback(true)
                .setReceivedAt(Instant.EPOCH);
        assertThat(Observations.ofPrediction(
                        errors, served.setFallbackStatus(PredictionStatus.ERROR).build()))
                .isEqualTo(1);
        assertThat(Observations.ofPrediction(
                        errors,
                        served.setFallbackStatus(PredictionStatus.TIMEOUT).build()))
                .isZero();
    }

    @Test
    void warnsWhenKeysComeBackThoughRequestsAreTakenForIndependent() {
        EvidencePlan plan = plan(AB);
        JudgedStage evidence = JudgedStage.empty(plan, 0);
        for (int i = 0; i < 3; i++) {
            nextKey = 0;
            evidence.absorb(window(plan, 200, new Rates(0.2, 0.02), new Rates(0.2, 0.02)), END);
        }
        assertThat(evidence.rule(WINDOW).warnings())
                .anyMatch(warning -> warning.startsWith("keys come back (600 requests, about 200 keys"));
    }
}
