package io.understudy.evidence;

import static io.understudy.evidence.Methods.NO_UNITS;
import static io.understudy.evidence.Methods.absorb;
import static io.understudy.evidence.Methods.byKey;
import static io.understudy.evidence.Methods.byRequest;
import static io.understudy.evidence.Methods.logEvidence;
import static io.understudy.evidence.Methods.p;
import static io.understudy.evidence.Methods.rates;
import static io.understudy.testing.Plans.SHADOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Numbers are computed by integrating the beta mixture numerically, and by scipy 1.17.1. */
class AgreementEvidenceTest {

    private static final Offset<Double> EXACT = within(1e-9);

    private static final String GUARDRAIL = "kind: agreement, role: guardrail, margin: 0.1";

    private static Tally agreeing(long agreeing, long of) {
        return rates(0, 0, of, agreeing);
    }

    @Test
    void holdsTheShareThatDiffersAgainstTheMargin() {
        MetricEvidence evidence = absorb(byRequest(SHADOW, GUARDRAIL), agreeing(90, 95), agreeing(98, 105));

        assertThat(logEvidence(evidence, NO_UNITS))
                .containsExactly(new double[] {0, 1.02315416750292, -2.38638576865532}, EXACT);
        assertThat(p(evidence))
                .containsExactly(new double[] {Double.NaN, 0.0320465287969066, 0.9832104668296958}, EXACT);
    }

    @Test
    void showsHarmWhereMoreDiffersThanTheMarginAllows() {
        MetricEvidence evidence = absorb(byRequest(SHADOW, GUARDRAIL), agreeing(150, 200));

        assertThat(evidence.logEvidence(Claim.HARM, NO_UNITS)).isGreaterThan(Math.log(1000));
        assertThat(evidence.logEvidence(Claim.NON_INFERIOR, NO_UNITS)).isNegative();
        assertThat(evidence.pointsTo(Claim.HARM)).isTrue();
        assertThat(evidence.pointsTo(Claim.NON_INFERIOR)).isFalse();
    }

    @Test
    void theEffectIsTheShareThatAgreesMinusAll() {
        MetricEvidence evidence = absorb(byRequest(SHADOW, GUARDRAIL), agreeing(188, 200));

        assertThat(evidence.effect()).isCloseTo(-0.06, EXACT);
        assertThat(evidence.allowance()).isEqualTo(0.1);
        assertThat(evidence.worthwhile()).isNaN();
        assertThat(evidence.interval(0.05)).containsOnly(Double.NaN);
        assertThat(evidence.existingUnits()).as("a pair is a unit of both").isEqualTo(200);
    }

    @Test
    void holdsByKeysThatAreOneTrialEachHoweverOftenTheyRepeat() {
        MetricEvidence evidence = absorb(byKey(SHADOW, GUARDRAIL), agreeing(188, 200));

        double ofAHundredKeys = evidence.logEvidence(Claim.NON_INFERIOR, new UnitCounts(100, 100));
        double ofTenKeys = evidence.logEvidence(Claim.NON_INFERIOR, new UnitCounts(10, 10));

        assertThat(ofAHundredKeys).isCloseTo(-1.89025904744358, EXACT);
        assertThat(ofTenKeys).as("each key counts as differing").isCloseTo(-2.78028365825499, EXACT);
    }

    @Test
    void aDiagnosticClaimsNothing() {
        MetricEvidence diagnostic = absorb(byRequest(SHADOW, "kind: agreement, role: diagnostic"), agreeing(10, 200));

        assertThat(logEvidence(diagnostic, NO_UNITS)).containsExactly(0, 0, 0);
        assertThat(p(diagnostic)).containsOnly(Double.NaN);
        assertThat(diagnostic.allowance()).isZero();
        assertThat(diagnostic.effect()).isCloseTo(-0.95, EXACT);
    }

    @Test
    void isUndefinedBeforeTheFirstPair() {
        MetricEvidence evidence = byRequest(SHADOW, GUARDRAIL);

        assertThat(evidence.effect()).isNaN();
        assertThat(logEvidence(evidence, NO_UNITS)).containsExactly(new double[3], EXACT);
        assertThat(p(evidence)).containsOnly(Double.NaN);
    }

    @Test
    void repeatedDisagreementsOfTheSameKeysAreNotHarm() {
        MetricEvidence evidence = absorb(byKey(SHADOW, GUARDRAIL), agreeing(950, 1000));

        assertThat(evidence.logEvidence(Claim.HARM, new UnitCounts(100, 100))).isNegative();
    }

    @Test
    void aKeyIsOneTrialOfTheFixedTestToo() {
        MetricEvidence agreeing = absorb(byKey(SHADOW, GUARDRAIL), agreeing(950, 1000));
        MetricEvidence differing = absorb(byKey(SHADOW, GUARDRAIL), agreeing(850, 1000));

        assertThat(p(agreeing, new UnitCounts(100, 100)))
                .as("50 of 100 keys may differ; 5 of 100 are no harm")
                .containsExactly(new double[] {Double.NaN, 1, 0.9762889173365231}, EXACT);
        assertThat(differing.p(Claim.HARM, new UnitCounts(20, 20)))
                .as("3 of 20 keys, not 150 of 1000 requests")
                .isCloseTo(0.32307319481053404, EXACT);
    }
}
