package io.understudy.evidence;

import static io.understudy.evidence.Methods.NO_UNITS;
import static io.understudy.evidence.Methods.absorb;
import static io.understudy.evidence.Methods.byRequest;
import static io.understudy.evidence.Methods.logEvidence;
import static io.understudy.evidence.Methods.p;
import static io.understudy.evidence.Methods.pairs;
import static io.understudy.testing.Plans.SHADOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Numbers are computed from the likelihood of discordant pairs with 40 digits, and by scipy 1.17.1. */
class PairEvidenceTest {

    private static final Offset<Double> EXACT = within(1e-9);

    private static final String SUCCESS = "kind: accuracy, role: success, mde: 1.5";
    private static final String GUARDRAIL = "kind: accuracy, role: guardrail, margin: 1.5";

    private static MetricEvidence evidence(String metric) {
        return absorb(byRequest(SHADOW, metric), pairs(20, 4, 10, 5), pairs(30, 6, 15, 10));
    }

    @Test
    void testsASuccessMetricAgainstNoDifferenceAndItsOdds() {
        assertThat(logEvidence(evidence(SUCCESS), NO_UNITS))
                .containsExactly(new double[] {2.27896810834051, 4.14780596271242, -2.41652303426648}, EXACT);
    }

    @Test
    void testsAGuardrailsHarmAgainstItsMargin() {
        assertThat(logEvidence(evidence(GUARDRAIL), NO_UNITS))
                .containsExactly(new double[] {2.27896810834051, 4.14780596271242, -2.9495352362607}, EXACT);
    }

    @Test
    void theClassicalTestIsMcNemarsExactOneAgainstEvenOddsOrThoseOfTheMargin() {
        assertThat(p(evidence(SUCCESS)))
                .containsExactly(new double[] {0.008336923900060357, 0.0001657531225230531, 0.9970059397164732}, EXACT);
        assertThat(evidence(GUARDRAIL).p(Claim.HARM, NO_UNITS)).isCloseTo(0.9999592256410035, EXACT);
    }

    @Test
    void theEffectIsTheLogOddsThatADiscordantRequestIsTheCandidates() {
        assertThat(evidence(SUCCESS).effect()).isCloseTo(0.887303195000903, EXACT);
        assertThat(evidence(SUCCESS).standardError()).isNaN();
        assertThat(evidence(SUCCESS).existingEstimate()).isEqualTo(0.6);
        assertThat(evidence(SUCCESS).candidateEstimate()).isEqualTo(0.75);
        assertThat(evidence(SUCCESS).existingUnits()).isEqualTo(100);
    }

    @Property(tries = 50)
    void requestsOnWhichBothModelsDoTheSameAreNotEvidence(
            @ForAll @IntRange(max = 1000) int bothRight, @ForAll @IntRange(max = 1000) int bothWrong) {
        MetricEvidence discordantAlone = absorb(byRequest(SHADOW, SUCCESS), pairs(0, 10, 25, 0));

        MetricEvidence amongOthers = absorb(byRequest(SHADOW, SUCCESS), pairs(bothRight, 10, 25, bothWrong));

        assertThat(logEvidence(amongOthers, NO_UNITS)).containsExactly(logEvidence(discordantAlone, NO_UNITS));
        assertThat(p(amongOthers)).containsExactly(p(discordantAlone));
        assertThat(amongOthers.interval(0.05)).containsExactly(discordantAlone.interval(0.05));
    }

    @Test
    void isUndefinedWhileNoRequestIsDiscordant() {
        MetricEvidence evidence = absorb(byRequest(SHADOW, SUCCESS), pairs(500, 0, 0, 500));

        assertThat(evidence.effect()).isNaN();
        assertThat(logEvidence(evidence, NO_UNITS)).containsExactly(new double[3], EXACT);
        assertThat(p(evidence)).containsOnly(Double.NaN);
    }

    @Test
    void theIntervalHoldsTheEffect() {
        MetricEvidence evidence = absorb(byRequest(SHADOW, SUCCESS), pairs(0, 400, 520, 0));

        double[] interval = evidence.interval(0.05);

        assertThat(evidence.effect()).isBetween(interval[0], interval[1]);
        assertThat(interval[0]).isGreaterThan(0);
        assertThat(interval[1]).isLessThan(Math.log(1.7));
    }

    @Test
    void continuesFromItsStoredLogLikelihood() {
        OddsEvidence kept = (OddsEvidence) evidence(SUCCESS);
        OddsEvidence restored = (OddsEvidence) byRequest(SHADOW, SUCCESS);
        restored.restore(kept.logLikelihood());

        restored.absorb(pairs(3, 2, 1, 0));
        kept.absorb(pairs(3, 2, 1, 0));

        assertThat(logEvidence(restored, NO_UNITS)).containsExactly(logEvidence(kept, NO_UNITS));
    }
}
