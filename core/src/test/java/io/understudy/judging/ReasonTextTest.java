package io.understudy.judging;

import static io.understudy.testing.Plans.byRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.assignment.Share;
import io.understudy.evidence.ArmLook;
import io.understudy.evidence.Claim;
import io.understudy.evidence.CoverageLook.ArmCovered;
import io.understudy.evidence.CoverageLook.ArmsCovered;
import io.understudy.evidence.CycleProgress;
import io.understudy.evidence.MetricLook;
import io.understudy.evidence.RecentLook;
import io.understudy.evidence.Shortfall;
import io.understudy.evidence.UnitCounts;
import io.understudy.judging.VerdictReason.Missing;
import io.understudy.plan.EvidencePlan;
import io.understudy.reason.ReasonCode;
import io.understudy.testing.Looks;
import io.understudy.testing.Plans;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ReasonTextTest {

    private static final EvidencePlan PLAN = byRequest(
            Plans.AB,
            "kind: conversion, role: success, mde: 1.3",
            "kind: error-rate, role: guardrail, margin: 2, limit: 0.125");

    private static final MetricLook SUCCESS = Looks.at(PLAN.metrics().get(0))
            .existing(1000, 0.21)
            .candidate(900, 0.34)
            .interval(-0.56, 0.78)
            .shows(Claim.SUPERIOR, 1.5)
            .shows(Claim.HARM, 4.25)
            .build();

    private static final MetricLook GUARDRAIL = Looks.at(PLAN.metrics().get(1))
            .candidate(900, 0.4)
            .shows(Claim.NON_INFERIOR, 0.75)
            .overLimit(6.5)
            .shortOf(new Shortfall(Shortfall.Kind.UNITS_FOR_RATE, 311, 799))
            .build();

    private static final ArmsCovered COVERED =
            new ArmsCovered(new ArmCovered(400, 392), new ArmCovered(300, 252), 0.02, 9.5, 8.5);

    private static final Duration ELAPSED = Duration.ofSeconds(95);

    private static final MetricLook LATE = Looks.at(PLAN.metrics().get(0))
            .shows(Claim.HARM, 5.5)
            .recent(new RecentLook(ELAPSED, new ArmLook(100, 0.11), new ArmLook(100, 0.34), 5.5, true))
            .build();

    /** Each reason, and what its text must not leave out. */
    static Stream<Arguments> reasons() {
        return Stream.of(
                says(new VerdictReason.Plain(ReasonCode.FIXED_TEST_WAITS), "fixed test"),
                says(new VerdictReason.Recorded("UNKNOWN", "as it was recorded"), "as it was recorded"),
                says(
                        new VerdictReason.RatioMismatch(new UnitCounts(123, 456), Share.parse("40%"), 7.5),
                        "123",
                        "456",
                        "40 %",
                        "7.5"),
                says(
                        new VerdictReason.UnevenOutcomes(ReasonCode.UNEVEN_OUTCOMES, "m0", COVERED, 0.02),
                        "m0",
                        "98 %",
                        "400",
                        "84 %",
                        "300",
                        "2 %",
                        "8.5"),
                says(
                        new VerdictReason.UnevenOutcomes(ReasonCode.OUTCOMES_UNEVEN_SO_FAR, "m0", COVERED, 0.02),
                        "so far",
                        "waits"),
                says(new VerdictReason.KeysInBothArms(40, 220, 0.01), "40", "220", "1 %"),
                says(new VerdictReason.LimitExceeded(GUARDRAIL, 4.094), "m1", "40 %", "900", "12.5 %", "6.5", "4.094"),
                says(new VerdictReason.Harm(SUCCESS, 3.689), "m0", "0.34", "0.21", "-0.56", "0.78", "4.25", "3.689"),
                says(new VerdictReason.Harm(LATE, 3.689), "m0", "0.34", "0.11", "1m35s", "5.5", "3.689"),
                says(new VerdictReason.RecentlyWorse(List.of(LATE)), "m0", "0.34", "0.11", "1m35s"),
                says(new VerdictReason.CycleUnfinished(new CycleProgress(7, false, ELAPSED)), "cycle 8", "1m35s"),
                says(new VerdictReason.MetricUnobserved(List.of(SUCCESS)), "m0", "1000", "900"),
                says(new VerdictReason.HarmAtEnd(SUCCESS, 0.0125), "m0", "0.34", "0.21", "0.0125"),
                says(new VerdictReason.NoAnswers(ReasonCode.NO_ANSWERS, ELAPSED), "neither", "1m35s"),
                says(new VerdictReason.NoAnswers(ReasonCode.NO_CANDIDATE_ANSWERS, ELAPSED), "candidate", "1m35s"),
                says(new VerdictReason.NoAnswers(ReasonCode.NO_EXISTING_ANSWERS, ELAPSED), "existing", "1m35s"),
                says(
                        new VerdictReason.BelowMinimum(
                                ReasonCode.BELOW_MINIMUM,
                                List.of(
                                        new Missing.Units(49, 500),
                                        new Missing.Time(ELAPSED, Duration.ofMinutes(5)),
                                        new Missing.Cycles(3, 7),
                                        new Missing.Outcomes(0.6, 0.8),
                                        new Missing.MetricUnits("m7", 299, 300))),
                        "49 of 500",
                        "1m35s of 5m",
                        "60 %",
                        "80 %",
                        "m7",
                        "299 of 300"),
                says(new VerdictReason.FullShareServed(60, ELAPSED), "60", "1m35s"),
                says(
                        new VerdictReason.Passed(List.of(
                                new VerdictReason.Shown(SUCCESS, Claim.SUPERIOR),
                                new VerdictReason.Shown(GUARDRAIL, Claim.NON_INFERIOR))),
                        "m0 is better",
                        "0.34",
                        "m1 holds",
                        "0.4"),
                says(
                        new VerdictReason.NotShownYet(
                                List.of(
                                        new VerdictReason.Open(SUCCESS, Claim.SUPERIOR, 3.689),
                                        new VerdictReason.Open(GUARDRAIL, Claim.NON_INFERIOR, 2.996)),
                                Optional.of(1234L)),
                        "m0 better",
                        "1.5 of 3.689",
                        "m1 not worse",
                        "0.75 of 2.996",
                        "311 of 799",
                        "1234"),
                says(new VerdictReason.StageEnded(ELAPSED, 321), "1m35s", "321"),
                says(new VerdictReason.NotWorthDetecting(List.of(SUCCESS)), "m0", "0.34", "-0.56"),
                says(
                        new VerdictReason.FixedTests(
                                ReasonCode.STAGE_PASSED,
                                List.of(
                                        new VerdictReason.Tested(SUCCESS, 0.0125),
                                        new VerdictReason.Tested(GUARDRAIL, 0.5))),
                        "m0",
                        "p 0.0125",
                        "m1",
                        "p 0.5"));
    }

    private static Arguments says(VerdictReason reason, String... facts) {
        return Arguments.of(reason, facts);
    }

    @ParameterizedTest
    @MethodSource("reasons")
    void namesTheFacts(VerdictReason reason, String... facts) {
        assertThat(ReasonText.of(reason))
                .contains(facts)
                .doesNotContain("null", "NaN", "Optional", "VerdictReason", "Look");
    }

    @Test
    void everyKindOfReasonHasAText() {
        List<VerdictReason> reasons =
                reasons().map(arguments -> (VerdictReason) arguments.get()[0]).toList();

        assertThat(reasons.stream().map(Object::getClass).distinct())
                .containsExactlyInAnyOrder(VerdictReason.class.getPermittedSubclasses());
    }

    @Test
    void everyPartOfAMinimumHasAText() {
        List<Missing> parts = reasons()
                .map(arguments -> arguments.get()[0])
                .filter(VerdictReason.BelowMinimum.class::isInstance)
                .flatMap(below -> ((VerdictReason.BelowMinimum) below).parts().stream())
                .toList();

        assertThat(parts.stream().map(Object::getClass))
                .containsExactlyInAnyOrder(Missing.class.getPermittedSubclasses());
    }

    @Test
    void codesThatShareAKindOfReasonHaveTextsOfTheirOwn() {
        List<Missing> parts = List.of(new Missing.Units(1, 2));

        assertDifferent(
                new VerdictReason.UnevenOutcomes(ReasonCode.UNEVEN_OUTCOMES, "m0", COVERED, 0.02),
                new VerdictReason.UnevenOutcomes(ReasonCode.OUTCOMES_UNEVEN_SO_FAR, "m0", COVERED, 0.02));
        assertDifferent(
                new VerdictReason.NoAnswers(ReasonCode.NO_ANSWERS, ELAPSED),
                new VerdictReason.NoAnswers(ReasonCode.NO_CANDIDATE_ANSWERS, ELAPSED),
                new VerdictReason.NoAnswers(ReasonCode.NO_EXISTING_ANSWERS, ELAPSED));
        assertDifferent(
                new VerdictReason.BelowMinimum(ReasonCode.BELOW_MINIMUM, parts),
                new VerdictReason.BelowMinimum(ReasonCode.ENDED_BELOW_MINIMUM, parts));
        assertThat(ReasonText.of(new VerdictReason.Harm(GUARDRAIL, 1))).contains("margin");
        assertThat(ReasonText.of(new VerdictReason.Harm(SUCCESS, 1))).doesNotContain("margin");
    }

    private static void assertDifferent(VerdictReason... reasons) {
        assertThat(Arrays.stream(reasons).map(ReasonText::of)).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FIXED_TEST_WAITS")
    void aCodeThatNeedsFactsHasNoTextWithoutThem(ReasonCode code) {
        assertThatThrownBy(() -> ReasonText.of(new VerdictReason.Plain(code)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(code.name());
    }

    @ParameterizedTest
    @EnumSource
    void everyShortfallHasAText(Shortfall.Kind kind) {
        String text = ReasonText.shortfall(new Shortfall(kind, 311, 799));

        boolean counted = kind != Shortfall.Kind.KEYS_OR_EVENTS && kind != Shortfall.Kind.LABELS_LIKE_OUTCOMES;
        assertThat(text).isNotBlank();
        assertThat(text.contains("311 of 799")).isEqualTo(counted);
    }

    @Test
    void whatIsUndefinedIsLeftOut() {
        MetricLook one = Looks.at(PLAN.metrics().get(0))
                .existing(0, Double.NaN)
                .candidate(900, 0.4)
                .interval(Double.NaN, Double.NaN)
                .build();
        MetricLook undefined =
                Looks.at(PLAN.metrics().get(0)).effect(Double.NaN).build();

        String text = ReasonText.of(new VerdictReason.NotWorthDetecting(List.of(one)));

        assertThat(text).contains("0.4").doesNotContain("existing", "[", "unknown");
        assertThat(ReasonText.of(new VerdictReason.HarmAtEnd(undefined, 0.01))).doesNotContain("effect", "unknown");
    }

    @Test
    void aStageThatHadNothingToShowPassesWithAReason() {
        assertThat(ReasonText.of(new VerdictReason.Passed(List.of()))).isNotBlank();
    }

    @Test
    void aFixedTestOfNothingHasAReason() {
        assertThat(ReasonText.of(new VerdictReason.FixedTests(ReasonCode.STAGE_PASSED, List.of())))
                .isNotBlank();
    }
}
