package io.understudy.evidence;

import static io.understudy.evidence.Methods.NO_UNITS;
import static io.understudy.evidence.Methods.absorb;
import static io.understudy.evidence.Methods.byRequest;
import static io.understudy.evidence.Methods.logEvidence;
import static io.understudy.evidence.Methods.means;
import static io.understudy.evidence.Methods.moments;
import static io.understudy.evidence.Methods.p;
import static io.understudy.testing.Plans.AB;
import static io.understudy.testing.Plans.SHADOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.statistics.Moments;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Numbers are computed from the formulas of the normal mixture with 40 digits, and by scipy 1.17.1. */
class MeanEvidenceTest {

    private static final Offset<Double> EXACT = within(1e-9);

    private static final String SUCCESS = "kind: value, role: success, mde: 0.4";
    private static final String LOSS = "kind: brier, role: success, mde: 0.04";

    private static MetricEvidence arms() {
        return absorb(byRequest(AB, SUCCESS), means(moments(400, 10, 4), moments(300, 10.5, 5)));
    }

    private static MetricEvidence differences(double mean) {
        return absorb(
                byRequest(SHADOW, LOSS),
                means(moments(400, 0.3, 0.1), moments(400, 0.3 + mean, 0.1), moments(400, mean, 0.25)));
    }

    @Test
    void theEffectOfArmsIsTheDifferenceOfTheirMeans() {
        assertThat(arms().effect()).isCloseTo(0.5, EXACT);
        assertThat(arms().standardError()).isCloseTo(0.163299316185545, EXACT);
        Methods.assertIntervalOfTheTests(arms(), 0.4);
        assertThat(logEvidence(arms(), NO_UNITS))
                .containsExactly(new double[] {4.18917529383988, 12.1462541531352, -3.03262096255948}, EXACT);
    }

    @Test
    void theStandardErrorIsThePooledOneWhereTheSmallArmHasLittleSpread() {
        MetricEvidence canary = absorb(byRequest(AB, SUCCESS), means(moments(10_000, 1, 9), moments(300, 1.2, 0.01)));

        assertThat(canary.standardError()).isCloseTo(0.173216115450173, EXACT);
    }

    @Test
    void theEffectInShadowIsTheMeanDifferenceOnTheSameRequests() {
        MetricEvidence better = differences(-0.05);

        assertThat(better.effect()).isCloseTo(-0.05, EXACT);
        assertThat(better.standardError()).isCloseTo(0.025, EXACT);
        assertThat(logEvidence(better, NO_UNITS))
                .containsExactly(new double[] {1.71254845444813, 4.60545329497283, -2.24410299531565}, EXACT);
        assertThat(p(better))
                .containsExactly(new double[] {0.0227501319481792, 0.000159108590157534, 0.977249868051821}, EXACT);
    }

    @Test
    void theClassicalTestOfArmsIsWelchs() {
        assertThat(p(arms()))
                .containsExactly(
                        new double[] {0.0011488103935909206, 2.6415448899826432e-08, 1 - 0.0011488103935909206}, EXACT);
    }

    @Test
    void theClassicalTestOfAGuardrailIsWelchsAtItsMargin() {
        MetricEvidence guardrail = absorb(
                byRequest(AB, "kind: value, role: guardrail, margin: 0.02"),
                means(moments(300, 0.8, 0.16), moments(300, 0.77, 0.177)));

        assertThat(guardrail.p(Claim.NON_INFERIOR, NO_UNITS)).isCloseTo(0.6172351713668771, EXACT);
        assertThat(guardrail.p(Claim.HARM, NO_UNITS)).isCloseTo(1 - guardrail.p(Claim.NON_INFERIOR, NO_UNITS), EXACT);
    }

    @Test
    void lowerMayBeBetter() {
        MetricEvidence lower = absorb(
                byRequest(AB, SUCCESS + ", direction: lower"), means(moments(300, 10.5, 5), moments(400, 10, 4)));

        assertThat(logEvidence(lower, NO_UNITS)).containsExactly(logEvidence(arms(), NO_UNITS), EXACT);
        assertThat(p(lower)).containsExactly(p(arms()), EXACT);
        assertThat(lower.pointsTo(Claim.SUPERIOR)).isTrue();
        assertThat(lower.pointsTo(Claim.HARM)).isFalse();
    }

    /** {@code n} numbers around 10 with a variance of about 1. */
    private static Moments shaped(long n, double skewness, double excessKurtosis) {
        return new Moments(n, 10, n, skewness * n, (3 + excessKurtosis) * n);
    }

    private static Optional<Shortfall> missing(Moments existing, Moments candidate) {
        return absorb(byRequest(AB, SUCCESS), means(existing, candidate)).shortfall(NO_UNITS);
    }

    private static Optional<Shortfall> units(long count, long needed) {
        return Optional.of(new Shortfall(Shortfall.Kind.UNITS_FOR_MEAN, count, needed));
    }

    @Test
    void isSilentUntilTheDifferenceIsNearlyNormal() {
        // The skewness of the difference is s / 400^2 / (2 / 400)^1.5, with the skewness s of one arm: .018 s.
        assertThat(missing(shaped(400, 0, 0), shaped(400, 1, 0))).isEmpty();
        assertThat(missing(shaped(400, 0, 0), shaped(400, 4, 0))).isEqualTo(Optional.empty());
        assertThat(missing(shaped(400, 8, 0), shaped(400, 0, 0))).isEqualTo(units(400, 795));
    }

    @Test
    void equalSkewnessOfBothArmsCancelsOutAndKurtosisDoesNot() {
        assertThat(missing(shaped(400, 8, 0), shaped(400, 8, 0))).isEmpty();
        // Half the excess kurtosis of one number, divided by 400, is at most .3.
        assertThat(missing(shaped(400, 8, 200), shaped(400, 8, 200))).isEmpty();
        assertThat(missing(shaped(400, 8, 300), shaped(400, 8, 300))).isEqualTo(units(400, 498));
    }

    @Test
    void aLargeDifferenceBetweenTheArmsIsNoTailOfTheirs() {
        Moments far = new Moments(400, 1000, 400, 0, 3 * 400);

        assertThat(missing(far, shaped(1600, 0, 0))).isEmpty();
    }

    @Test
    void needsTwoHundredUnitsInTheSmallerArmHoweverNormalTheyAre() {
        assertThat(missing(shaped(1000, 0, 0), shaped(199, 0, 0))).isEqualTo(units(199, 200));
    }

    @Test
    void withoutAFourthMomentTheSkewnessAloneDecidesAndIsAllowedLess() {
        Moments earlier = new Moments(400, 10, 400, 4 * 400, Double.NaN);

        assertThat(missing(shaped(400, 0, 0), earlier)).isEqualTo(units(400, 705));
    }

    @Test
    void inShadowTheShapeOfTheDifferencesSaysHowManyUnitsAreNeeded() {
        MetricEvidence evenDifferences =
                absorb(byRequest(SHADOW, LOSS), means(shaped(400, 9, 0), shaped(400, 0, 0), moments(400, 0, 1)));
        MetricEvidence skewedDifferences =
                absorb(byRequest(SHADOW, LOSS), means(moments(400, 10, 1), moments(400, 10, 1), shaped(400, 3, 0)));

        assertThat(evenDifferences.shortfall(NO_UNITS)).isEmpty();
        assertThat(skewedDifferences.shortfall(NO_UNITS)).isEqualTo(units(400, 894));
    }

    @Test
    void aDiagnosticHasAnEffectAndNoScaleToMeasureEvidenceBy() {
        MetricEvidence diagnostic = absorb(
                byRequest(AB, "kind: value, role: diagnostic"), means(moments(400, 10, 4), moments(300, 10.5, 5)));

        assertThat(diagnostic.effect()).isCloseTo(0.5, EXACT);
        assertThat(diagnostic.interval(0.05)).containsOnly(Double.NaN);
        assertThat(diagnostic.allowance()).isZero();
        assertThat(logEvidence(diagnostic, NO_UNITS)).containsExactly(0, 0, 0);
    }

    @Test
    void pointsToNothingButWhatTheEstimateItselfSays() {
        Tally same = means(moments(400, 10, 4), moments(400, 10, 4));
        Tally worse = means(moments(400, 10, 4), moments(400, 9.5, 4));
        String guardrail = "kind: value, role: guardrail, margin: 0.5";
        String diagnostic = "kind: value, role: diagnostic";

        assertThat(pointsTo(SUCCESS, same)).containsExactly(false, true, false);
        assertThat(pointsTo(diagnostic, same)).containsExactly(false, true, false);
        assertThat(pointsTo(diagnostic, worse)).containsExactly(false, false, true);
        assertThat(pointsTo(guardrail, worse)).as("at the margin").containsExactly(false, false, false);
    }

    private static Stream<Boolean> pointsTo(String metric, Tally tally) {
        MetricEvidence evidence = absorb(byRequest(AB, metric), tally);
        return Stream.of(Claim.values()).map(evidence::pointsTo);
    }

    @Test
    void anEffectOverOneIsStillADifferenceInTheMetricsUnit() {
        MetricEvidence large = byRequest(AB, "kind: value, role: guardrail, mde: 3, margin: 2");

        assertThat(large.worthwhile()).isEqualTo(3);
        assertThat(large.allowance()).isEqualTo(2);
    }

    @Test
    void isUndefinedWithoutASpread() {
        MetricEvidence constant =
                absorb(byRequest(AB, SUCCESS), means(Moments.constant(400, 1), Moments.constant(400, 2)));

        assertThat(logEvidence(constant, NO_UNITS)).containsExactly(0, 0, 0);
        assertThat(p(constant)).containsOnly(Double.NaN);
    }

    @Test
    void thereIsNoEffectWithoutBothArms() {
        MetricEvidence existingAlone = absorb(byRequest(AB, SUCCESS), means(moments(400, 10, 4), Moments.NONE));
        MetricEvidence candidateAlone = absorb(byRequest(AB, SUCCESS), means(Moments.NONE, moments(400, 10, 4)));

        assertThat(existingAlone.effect()).isNaN();
        assertThat(candidateAlone.effect()).isNaN();
        assertThat(existingAlone.pointsTo(Claim.HARM)).isFalse();
    }
}
