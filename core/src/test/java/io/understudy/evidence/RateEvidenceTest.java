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

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Numbers are computed from exact sums of Fisher's noncentral hypergeometric law, and by scipy 1.17.1. */
class RateEvidenceTest {

    private static final Offset<Double> EXACT = within(1e-9);

    private static final String SUCCESS = "kind: conversion, role: success, mde: 2";
    private static final String GUARDRAIL = "kind: latency-over, role: guardrail, margin: 2, threshold: 1s";

    private static MetricEvidence rareEvent(String metric) {
        return absorb(byRequest(AB, metric), rates(950, 10, 50, 3), rates(950, 9, 50, 4), rates(950, 12, 50, 2));
    }

    private static MetricEvidence slower() {
        return absorb(byRequest(AB, GUARDRAIL), rates(1000, 20, 1000, 31), rates(500, 9, 400, 14));
    }

    @Test
    void testsASuccessMetricAgainstNoDifferenceAndItsOddsRatio() {
        MetricEvidence twofold = rareEvent("kind: conversion, role: success, mde: 2");
        MetricEvidence quarterMore = rareEvent("kind: conversion, role: success, mde: 1.25");

        assertThat(twofold.logEvidence(Claim.SUPERIOR, NO_UNITS)).isCloseTo(4.796734254335661, EXACT);
        assertThat(twofold.logEvidence(Claim.HARM, NO_UNITS)).isCloseTo(-3.035242118115974, EXACT);
        assertThat(quarterMore.logEvidence(Claim.NON_INFERIOR, NO_UNITS)).isCloseTo(1.7580325709246551, EXACT);
    }

    @Test
    void testsAGuardrailAgainstItsMarginOnTheSideThatIsWorse() {
        MetricEvidence evidence = slower();

        assertThat(logEvidence(evidence, NO_UNITS))
                .containsExactly(new double[] {-3.805538878181531, -1.0991025291189398, -2.6030258398376676}, EXACT);
    }

    @Test
    void aBaseRateThatDriftsBetweenWindowsIsNotAnEffect() {
        MetricEvidence byWindow = absorb(byRequest(AB, SUCCESS), rates(1000, 500, 100, 50), rates(100, 1, 1000, 10));
        MetricEvidence pooled = absorb(byRequest(AB, SUCCESS), rates(1100, 501, 1100, 60));

        assertThat(byWindow.logEvidence(Claim.HARM, NO_UNITS)).isNegative();
        assertThat(pooled.logEvidence(Claim.HARM, NO_UNITS)).isGreaterThan(100);
    }

    @Property(tries = 100)
    void evidenceIsTheSameWithTheArmsAndTheDirectionSwapped(
            @ForAll @IntRange(min = 1, max = 200) int existing,
            @ForAll @IntRange(min = 1, max = 200) int candidate,
            @ForAll @IntRange(max = 100) int existingPercent,
            @ForAll @IntRange(max = 100) int candidatePercent) {
        long existingSuccesses = (long) existing * existingPercent / 100;
        long candidateSuccesses = (long) candidate * candidatePercent / 100;

        MetricEvidence higher =
                absorb(byRequest(AB, SUCCESS), rates(existing, existingSuccesses, candidate, candidateSuccesses));
        MetricEvidence lower = absorb(
                byRequest(AB, SUCCESS + ", direction: lower"),
                rates(candidate, candidateSuccesses, existing, existingSuccesses));

        assertThat(logEvidence(lower, NO_UNITS)).containsExactly(logEvidence(higher, NO_UNITS), EXACT);
    }

    @Test
    void theEffectIsTheLogOddsRatioWithHalfACountInEachCell() {
        MetricEvidence evidence = slower();

        assertThat(evidence.effect()).isCloseTo(0.5154339613459379, EXACT);
        assertThat(evidence.standardError()).isCloseTo(0.23936090089460688, EXACT);
        assertThat(evidence.existingEstimate()).isEqualTo(29 / 1500.0);
        assertThat(evidence.candidateEstimate()).isEqualTo(45 / 1400.0);
    }

    @Test
    void anEffectOfASingleArmIsUndefinedAndIsNoEvidence() {
        MetricEvidence existingAlone = absorb(byRequest(AB, SUCCESS), rates(100, 20, 0, 0));
        MetricEvidence candidateAlone = absorb(byRequest(AB, SUCCESS), rates(0, 0, 100, 20));

        assertThat(existingAlone.effect()).isNaN();
        assertThat(candidateAlone.effect()).isNaN();
        assertThat(logEvidence(existingAlone, NO_UNITS)).containsExactly(new double[3], EXACT);
        assertThat(p(candidateAlone)).containsOnly(Double.NaN);
    }

    @Test
    void theIntervalHoldsTheEffectAndIsWiderAtASmallerAlpha() {
        MetricEvidence evidence = absorb(byRequest(AB, SUCCESS), rates(2000, 400, 2000, 480));

        double[] usual = evidence.interval(0.05);
        double[] careful = evidence.interval(0.001);

        assertThat(evidence.effect()).isBetween(usual[0], usual[1]);
        assertThat(careful[0]).isFinite().isLessThan(usual[0]);
        assertThat(careful[1]).isFinite().isGreaterThan(usual[1]);
        assertThat(byRequest(AB, SUCCESS).interval(0.05))
                .containsExactly(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }

    @Property(tries = 200)
    void theIntervalExcludesNoDifferenceWhereOneSideOfItIsShownAndOnlyThere(
            @ForAll @IntRange(min = 1, max = 3000) int existing,
            @ForAll @IntRange(min = 1, max = 3000) int candidate,
            @ForAll @IntRange(max = 100) int existingPercent,
            @ForAll @IntRange(max = 100) int candidatePercent) {
        MetricEvidence evidence = absorb(
                byRequest(AB, SUCCESS),
                rates(
                        existing,
                        (long) existing * existingPercent / 100,
                        candidate,
                        (long) candidate * candidatePercent / 100));

        double[] interval = evidence.interval(0.05);

        assertThat(interval[0] > 0).isEqualTo(evidence.logEvidence(Claim.SUPERIOR, NO_UNITS) > Math.log(20));
        assertThat(interval[1] < 0).isEqualTo(evidence.logEvidence(Claim.HARM, NO_UNITS) > Math.log(20));
        assertThat(interval[0]).isLessThan(interval[1]);
    }

    @Test
    void comparesWithoutAMarginByThePooledZAndByFisherWhereCellsAreSmall() {
        MetricEvidence large = absorb(byRequest(AB, SUCCESS), rates(400, 80, 400, 104));
        MetricEvidence small = absorb(byRequest(AB, SUCCESS), rates(10, 3, 12, 7));

        assertThat(large.p(Claim.SUPERIOR, NO_UNITS)).isCloseTo(0.021883866555531473, EXACT);
        assertThat(large.p(Claim.HARM, NO_UNITS)).isCloseTo(1 - 0.021883866555531473, EXACT);
        assertThat(small.p(Claim.SUPERIOR, NO_UNITS)).isCloseTo(0.18492498213860445, EXACT);
    }

    @Test
    void comparesWithAMarginByTheLogOddsRatioOverItsStandardError() {
        MetricEvidence evidence = slower();

        assertThat(p(evidence))
                .containsExactly(new double[] {0.9855902704257463, 0.22890772390963673, 0.7710922760903632}, EXACT);
    }

    @Test
    void aRateBelowNegligibleIsNotWorseThoughNoOddsRatioCanShowIt() {
        String faults = GUARDRAIL + ", negligible: 0.01";
        MetricEvidence none = absorb(byRequest(AB, faults), rates(500, 0, 500, 0));
        MetricEvidence few = absorb(byRequest(AB, faults), rates(500, 3, 500, 2));

        assertThat(none.logEvidence(Claim.NON_INFERIOR, NO_UNITS)).isCloseTo(3.01586014396328, EXACT);
        assertThat(few.logEvidence(Claim.NON_INFERIOR, NO_UNITS)).isCloseTo(0.652235209306469, EXACT);
        assertThat(none.logEvidence(Claim.SUPERIOR, NO_UNITS)).isCloseTo(0, EXACT);
        assertThat(none.looksNegligible()).isTrue();
        assertThat(absorb(byRequest(AB, faults), rates(500, 3, 500, 5)).looksNegligible())
                .isFalse();
    }

    @Test
    void countsInLogOddsWhatIsWorthDetectingAndWhatIsAllowed() {
        MetricEvidence both = byRequest(AB, GUARDRAIL + ", mde: 1.5");
        MetricEvidence success = byRequest(AB, SUCCESS);
        MetricEvidence diagnostic = byRequest(AB, "kind: conversion, role: diagnostic");

        assertThat(both.worthwhile()).isEqualTo(Math.log(1.5));
        assertThat(both.allowance()).isEqualTo(Math.log(2));
        assertThat(success.allowance()).as("without a margin, the mde").isEqualTo(Math.log(2));
        assertThat(diagnostic.worthwhile()).isNaN();
        assertThat(diagnostic.allowance()).isZero();
    }

    @Test
    void pointsToWhatTheEstimateSays() {
        MetricEvidence withinItsMargin = slower();
        MetricEvidence beyond = absorb(byRequest(AB, GUARDRAIL), rates(1000, 20, 1000, 60));
        MetricEvidence worse = absorb(byRequest(AB, SUCCESS), rates(1000, 200, 1000, 190));

        assertThat(withinItsMargin.pointsTo(Claim.SUPERIOR)).isFalse();
        assertThat(withinItsMargin.pointsTo(Claim.NON_INFERIOR)).isTrue();
        assertThat(withinItsMargin.pointsTo(Claim.HARM)).isFalse();
        assertThat(beyond.pointsTo(Claim.NON_INFERIOR)).isFalse();
        assertThat(beyond.pointsTo(Claim.HARM)).isTrue();
        assertThat(worse.pointsTo(Claim.HARM))
                .as("of a success metric, any worse")
                .isTrue();
    }

    @Test
    void isNeverShortOfUnits() {
        assertThat(byRequest(AB, SUCCESS).shortfall(NO_UNITS)).isEmpty();
    }

    @Test
    void continuesFromItsStoredLogLikelihood() {
        OddsEvidence kept = (OddsEvidence) slower();
        OddsEvidence restored = (OddsEvidence) byRequest(AB, GUARDRAIL);
        restored.restore(kept.logLikelihood());

        restored.absorb(rates(300, 6, 300, 7));
        kept.absorb(rates(300, 6, 300, 7));

        assertThat(logEvidence(restored, NO_UNITS)).containsExactly(logEvidence(kept, NO_UNITS));
    }
}
