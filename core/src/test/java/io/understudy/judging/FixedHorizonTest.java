package io.understudy.judging;

import static io.understudy.testing.Plans.byKey;
import static io.understudy.testing.Plans.byRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.evidence.Claim;
import io.understudy.judging.VerdictReason.FixedTests;
import io.understudy.judging.VerdictReason.HarmAtEnd;
import io.understudy.plan.EvidencePlan;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.Verdict;
import io.understudy.testing.Plans;
import io.understudy.testing.Snapshots;
import org.junit.jupiter.api.Test;

class FixedHorizonTest {

    private static final String STAGE = "kind: ab, share: 50%, test: fixed, maximum: {units: 1000}";
    private static final String SUCCESS = "kind: conversion, role: success, mde: 1.3";
    private static final String OTHER_SUCCESS = "kind: value, role: success, mde: 0.1";
    private static final String GUARDRAIL = "kind: latency-over, role: guardrail, margin: 2, threshold: 1s";
    private static final String DIAGNOSTIC = "kind: brier, role: diagnostic";

    private static final EvidencePlan PLAN =
            byKey(STAGE + ", require: superiority", SUCCESS, OTHER_SUCCESS, GUARDRAIL, DIAGNOSTIC);

    private static final double ALPHA = 0.05;

    private static Snapshots passing() {
        return Snapshots.of(PLAN)
                .look(0, look -> look.p(Claim.SUPERIOR, ALPHA / 2))
                .look(1, look -> look.p(Claim.SUPERIOR, 0.9))
                .look(2, look -> look.p(Claim.NON_INFERIOR, ALPHA));
    }

    private static Finding find(Snapshots snapshot) {
        return FixedHorizon.find(snapshot.build());
    }

    @Test
    void waitsForTheStagesEnd() {
        Finding before = find(passing().requests(1000, 999));

        assertThat(before.verdict()).isEqualTo(Verdict.CONTINUE);
        assertThat(before.code()).isEqualTo(ReasonCode.FIXED_TEST_WAITS);
        assertThat(find(passing()).verdict()).isEqualTo(Verdict.PASS);
    }

    @Test
    void passesWhenGuardrailsHoldAtAlphaAndOneSuccessMetricAtItsPartOfAlpha() {
        Finding finding = find(passing());

        assertThat(finding.code()).isEqualTo(ReasonCode.STAGE_PASSED);
        assertThat(finding.reason())
                .isInstanceOfSatisfying(
                        FixedTests.class,
                        tests -> assertThat(tests.tests())
                                .extracting(VerdictReason.Tested::p)
                                .containsExactly(ALPHA / 2, 0.9, ALPHA));
    }

    @Test
    void isInconclusiveWhenNoSuccessMetricReachesItsPartOfAlpha() {
        Finding finding = find(passing().look(0, look -> look.p(Claim.SUPERIOR, Math.nextUp(ALPHA / 2))));

        assertThat(finding.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(finding.code()).isEqualTo(ReasonCode.STAGE_ENDED);
    }

    @Test
    void aGuardrailThatHoldsIsNotASuccess() {
        assertThat(find(passing()
                                .look(0, look -> look.p(Claim.SUPERIOR, 0.5))
                                .look(2, look -> look.p(Claim.NON_INFERIOR, 1e-9)))
                        .verdict())
                .isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void aSingleSuccessMetricHasAllOfAlpha() {
        EvidencePlan single = byKey(STAGE + ", require: superiority", SUCCESS);

        assertThat(find(Snapshots.of(single).look(0, look -> look.p(Claim.SUPERIOR, ALPHA)))
                        .verdict())
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void isInconclusiveWhenAGuardrailDoesNotHold() {
        assertThat(find(passing().look(2, look -> look.p(Claim.NON_INFERIOR, Math.nextUp(ALPHA))))
                        .verdict())
                .isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(find(passing().look(2, look -> look.p(Claim.NON_INFERIOR, Double.NaN)))
                        .verdict())
                .isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void needsNoSuccessMetricWhereSuperiorityIsNotAskedFor() {
        EvidencePlan guarded = byKey(STAGE, SUCCESS, GUARDRAIL);

        assertThat(find(Snapshots.of(guarded).look(1, look -> look.p(Claim.NON_INFERIOR, 0.01)))
                        .verdict())
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void harmSharesTheAlphaOfAbortingAmongTheDecidingMetrics() {
        double part = ALPHA / 3;

        Finding guardrail = find(passing().look(2, look -> look.p(Claim.HARM, part)));
        Finding success = find(passing().look(0, look -> look.p(Claim.HARM, part)));

        assertThat(guardrail.verdict()).isEqualTo(Verdict.ABORT);
        assertThat(guardrail.code()).isEqualTo(ReasonCode.GUARDRAIL_WORSE);
        assertThat(guardrail.reason())
                .isInstanceOfSatisfying(
                        HarmAtEnd.class, harm -> assertThat(harm.p()).isEqualTo(part));
        assertThat(success.code()).isEqualTo(ReasonCode.SUCCESS_METRIC_WORSE);
        assertThat(find(passing().look(2, look -> look.p(Claim.HARM, Math.nextUp(part))))
                        .verdict())
                .isNotEqualTo(Verdict.ABORT);
        assertThat(find(passing().look(3, look -> look.p(Claim.HARM, 0))).verdict())
                .as("a diagnostic")
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void harmSharesTheAlphaOfAbortingAmongTheStages() {
        EvidencePlan one = byKey(STAGE, GUARDRAIL);
        EvidencePlan two = byKey(Plans.stages(STAGE, "kind: canary, share: 1%"), GUARDRAIL);

        assertThat(find(Snapshots.of(one).look(0, look -> look.p(Claim.HARM, ALPHA)))
                        .verdict())
                .isEqualTo(Verdict.ABORT);
        assertThat(find(Snapshots.of(two).look(0, look -> look.p(Claim.HARM, ALPHA)))
                        .verdict())
                .isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(find(Snapshots.of(two).look(0, look -> look.p(Claim.HARM, ALPHA / 2)))
                        .verdict())
                .isEqualTo(Verdict.ABORT);
    }

    @Test
    void aRateBelowNegligibleHoldsThoughTheComparisonDoesNot() {
        EvidencePlan plan = byRequest(STAGE, GUARDRAIL + ", negligible: 0.01");

        Finding finding = find(Snapshots.of(plan)
                .look(0, look -> look.p(Claim.NON_INFERIOR, 0.5).candidate(1000, 0.002)));

        assertThat(finding.verdict()).isEqualTo(Verdict.PASS);
        assertThat(p(finding)).as("twice the binomial p of 2 in 1000").isCloseTo(2 * 0.0026796, within(1e-6));
    }

    @Test
    void theBetterOfBothTestsIsPaidForByDoubling() {
        EvidencePlan plan = byRequest(STAGE, GUARDRAIL + ", negligible: 0.01");
        Snapshots undefined = Snapshots.of(plan)
                .look(0, look -> look.p(Claim.NON_INFERIOR, Double.NaN).candidate(1000, 0.5));
        Snapshots compared = Snapshots.of(plan)
                .look(0, look -> look.p(Claim.NON_INFERIOR, 0.02).candidate(1000, 0.5));

        assertThat(p(find(undefined))).isEqualTo(1);
        assertThat(p(find(compared))).isEqualTo(0.04);
    }

    @Test
    void eachKeyIsOneTrialOfANegligibleRateAndEachFaultAnotherKeys() {
        EvidencePlan plan = byKey(STAGE, GUARDRAIL + ", negligible: 0.1");
        Snapshots thousandKeys = Snapshots.of(plan)
                .look(0, look -> look.p(Claim.NON_INFERIOR, Double.NaN).candidate(2000, 0.001));

        Finding finding = find(thousandKeys);

        assertThat(p(finding)).as("2 of 1000 keys").isLessThan(1e-30);
        assertThat(p(find(thousandKeys.look(
                        0, look -> look.p(Claim.NON_INFERIOR, Double.NaN).candidate(2000, 0.06)))))
                .as("120 of 1000 keys, not 120 of 2000 requests")
                .isEqualTo(1);
    }

    @Test
    void aRateOfNoRequestIsNotNegligible() {
        EvidencePlan plan = byRequest(STAGE, GUARDRAIL + ", negligible: 0.1");

        Finding finding = find(Snapshots.of(plan)
                .look(0, look -> look.p(Claim.NON_INFERIOR, 0.5).candidate(0, Double.NaN)));

        assertThat(p(finding)).isEqualTo(0.5);
    }

    private static double p(Finding finding) {
        return ((FixedTests) finding.reason()).tests().get(0).p();
    }

    @Test
    void withoutGuardrailsAndSuperiorityEachSuccessMetricMustNotBeWorse() {
        EvidencePlan unguarded = byKey(STAGE, SUCCESS);

        assertThat(find(Snapshots.of(unguarded)).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(find(Snapshots.of(unguarded).look(0, look -> look.p(Claim.NON_INFERIOR, ALPHA)))
                        .verdict())
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void aLimitSharesTheAlphaOfAborting() {
        EvidencePlan limited = byKey(STAGE, GUARDRAIL + ", limit: 0.5");

        assertThat(find(Snapshots.of(limited).look(0, look -> look.p(Claim.HARM, ALPHA)))
                        .verdict())
                .isNotEqualTo(Verdict.ABORT);
        assertThat(find(Snapshots.of(limited).look(0, look -> look.p(Claim.HARM, ALPHA / 2)))
                        .verdict())
                .isEqualTo(Verdict.ABORT);
    }
}
