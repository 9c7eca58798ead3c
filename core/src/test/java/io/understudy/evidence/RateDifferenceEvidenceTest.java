package io.understudy.evidence;

import static io.understudy.evidence.Methods.NO_UNITS;
import static io.understudy.evidence.Methods.absorb;
import static io.understudy.evidence.Methods.byRequest;
import static io.understudy.evidence.Methods.logEvidence;
import static io.understudy.evidence.Methods.p;
import static io.understudy.evidence.Methods.rates;
import static io.understudy.testing.Plans.AB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.statistics.BinomialMixture;
import io.understudy.statistics.Side;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Numbers are computed from the formulas of the normal mixture with 40 digits. */
class RateDifferenceEvidenceTest {

    private static final Offset<Double> EXACT = within(1e-9);

    private static final String SUCCESS = "kind: conversion, role: success, mde: 0.05";
    private static final String GUARDRAIL = "kind: latency-over, role: guardrail, margin: 0.02, threshold: 1s";

    private static MetricEvidence success() {
        return absorb(byRequest(AB, SUCCESS), rates(600, 120, 500, 119), rates(400, 80, 300, 71));
    }

    private static MetricEvidence guardrail() {
        return absorb(byRequest(AB, GUARDRAIL), rates(20_000, 600, 15_000, 540));
    }

    @Test
    void theEffectIsTheDifferenceOfTheRatesOverAllWindows() {
        MetricEvidence evidence = success();

        assertThat(evidence.effect()).isCloseTo(0.0375, EXACT);
        assertThat(evidence.standardError()).isCloseTo(0.0196675026575807, EXACT);
        Methods.assertIntervalOfTheTests(evidence, 0.05);
    }

    @Test
    void theStandardErrorIsThePooledOneWhereASmallArmHasHardlySeenAnEvent() {
        MetricEvidence evidence = absorb(byRequest(AB, SUCCESS), rates(10_000, 1000, 100, 0));

        double unpooled = Math.sqrt(0.1 * 0.9 / 9999);
        assertThat(evidence.standardError()).isGreaterThan(5 * unpooled);
    }

    @Test
    void mixesAtTheEffectWorthDetectingForASuccessMetric() {
        assertThat(logEvidence(success(), NO_UNITS))
                .containsExactly(new double[] {1.43879382303972, 8.17283409506947, -2.69862683705527}, EXACT);
    }

    @Test
    void holdsAGuardrailAgainstItsMarginWhereLowerIsBetter() {
        assertThat(logEvidence(guardrail(), NO_UNITS))
                .containsExactly(new double[] {-4.46612958769069, 21.06166867, -5.14667084}, within(1e-6));
    }

    @Test
    void theClassicalTestIsOfTheDifferenceOverItsStandardError() {
        assertThat(p(success()))
                .containsExactly(
                        new double[] {0.0282798134804916, 4.31428531592718e-6, 0.971720186519508}, within(1e-12));
        assertThat(p(guardrail()))
                .containsExactly(
                        new double[] {0.999001365363622, 2.76716976534755e-13, 0.999999999999723}, within(1e-12));
    }

    @Test
    void isSilentBeforeTheSmallerArmHasTheUnitsThatItsSkewnessNeeds() {
        MetricEvidence few = absorb(byRequest(AB, SUCCESS), rates(1000, 200, 199, 45));
        MetricEvidence enough = absorb(byRequest(AB, SUCCESS), rates(1000, 200, 200, 45));

        assertThat(few.shortfall(NO_UNITS)).contains(new Shortfall(Shortfall.Kind.UNITS_FOR_RATE, 199, 200));
        assertThat(logEvidence(few, NO_UNITS)).containsExactly(0, 0, 0);
        assertThat(enough.shortfall(NO_UNITS)).isEmpty();
        assertThat(logEvidence(enough, NO_UNITS)).doesNotContain(0);
    }

    @Test
    void fewEventsInASmallArmNeedMoreUnits() {
        MetricEvidence rareWithTheCandidate = absorb(byRequest(AB, SUCCESS), rates(10_000, 100, 300, 1));

        // Three events are expected of the candidate, whose mean is as skewed as its events are few: 300 / 3 / 0.1^2.
        assertThat(rareWithTheCandidate.shortfall(NO_UNITS).orElseThrow().needed())
                .isBetween(9_000L, 11_000L);
        assertThat(logEvidence(rareWithTheCandidate, NO_UNITS)).containsExactly(0, 0, 0);
    }

    @Test
    void aNegligibleRateIsShownBeforeTheComparisonCanBe() {
        String faults = GUARDRAIL + ", negligible: 0.01";
        MetricEvidence faultless = absorb(byRequest(AB, faults), rates(500, 0, 500, 0));
        MetricEvidence withoutNegligible = absorb(byRequest(AB, GUARDRAIL), rates(500, 3, 300, 0));
        MetricEvidence few = absorb(byRequest(AB, faults), rates(500, 3, 300, 0));

        assertThat(withoutNegligible.logEvidence(Claim.NON_INFERIOR, NO_UNITS)).isZero();
        assertThat(few.logEvidence(Claim.NON_INFERIOR, NO_UNITS))
                .as("the mean of this e-value and of 1")
                .isCloseTo(
                        Math.log((1 + Math.exp(BinomialMixture.logEvidence(0, 300, 0.01, 100, Side.LESS))) / 2), EXACT);
        assertThat(faultless.logEvidence(Claim.NON_INFERIOR, NO_UNITS)).isGreaterThan(2);
        assertThat(few.logEvidence(Claim.SUPERIOR, NO_UNITS)).isZero();
    }

    @Test
    void isUndefinedWithoutAnArm() {
        MetricEvidence evidence = absorb(byRequest(AB, SUCCESS), rates(1000, 200, 0, 0));

        assertThat(evidence.standardError()).isNaN();
        assertThat(evidence.interval(0.05)).containsOnly(Double.NaN);
        assertThat(logEvidence(evidence, NO_UNITS)).containsExactly(0, 0, 0);
        assertThat(p(evidence)).containsOnly(Double.NaN);
    }

    @Test
    void countsInRatesWhatIsWorthDetectingAndWhatIsAllowed() {
        MetricEvidence both = byRequest(AB, GUARDRAIL + ", mde: 0.03");

        assertThat(both.worthwhile()).isEqualTo(0.03);
        assertThat(both.allowance()).isEqualTo(0.02);
        assertThat(byRequest(AB, SUCCESS).allowance()).isEqualTo(0.05);
        assertThat(byRequest(AB, GUARDRAIL).worthwhile()).isNaN();
    }
}
