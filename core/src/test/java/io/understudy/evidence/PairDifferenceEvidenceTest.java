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

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Numbers are computed from the formulas of the normal mixture with 40 digits. */
class PairDifferenceEvidenceTest {

    private static final Offset<Double> EXACT = within(1e-9);

    private static final String SUCCESS = "kind: accuracy, role: success, mde: 0.03";

    private static MetricEvidence evidence() {
        return absorb(byRequest(SHADOW, SUCCESS), pairs(300, 30, 25, 245), pairs(200, 10, 40, 150));
    }

    @Test
    void theEffectIsTheDifferenceOfTheSharesThatAreRight() {
        assertThat(evidence().effect()).isCloseTo(0.025, EXACT);
        assertThat(evidence().standardError()).isCloseTo(0.0102164083708513, EXACT);
        assertThat(evidence().existingEstimate()).isEqualTo(0.54);
        assertThat(evidence().candidateEstimate()).isEqualTo(0.565);
        Methods.assertIntervalOfTheTests(evidence(), 0.03);
    }

    @Test
    void mixesAtTheEffectWorthDetecting() {
        assertThat(logEvidence(evidence(), NO_UNITS))
                .containsExactly(new double[] {2.60438769266486, 10.77247775, -3.02781027267702}, within(1e-6));
    }

    @Test
    void theClassicalTestIsOfTheDifferenceOverItsStandardError() {
        assertThat(p(evidence()))
                .containsExactly(
                        new double[] {0.007201664296296, 3.65263086433725e-8, 0.992798335703704}, within(1e-12));
    }

    @Test
    void isSilentBeforeTheDifferencesHaveTheRequestsThatTheirSkewnessNeeds() {
        MetricEvidence skewed = absorb(byRequest(SHADOW, SUCCESS), pairs(200, 2, 8, 90));

        assertThat(skewed.shortfall(NO_UNITS)).contains(new Shortfall(Shortfall.Kind.REQUESTS_WITH_OUTCOME, 300, 900));
        assertThat(logEvidence(skewed, NO_UNITS)).containsExactly(0, 0, 0);
        assertThat(evidence().shortfall(NO_UNITS)).isEmpty();
    }

    @Test
    void needsTwoHundredRequestsHoweverEvenTheyAre() {
        MetricEvidence few = absorb(byRequest(SHADOW, SUCCESS), pairs(100, 20, 20, 59));
        MetricEvidence enough = absorb(byRequest(SHADOW, SUCCESS), pairs(100, 20, 20, 60));

        assertThat(few.shortfall(NO_UNITS)).contains(new Shortfall(Shortfall.Kind.REQUESTS_WITH_OUTCOME, 199, 200));
        assertThat(enough.shortfall(NO_UNITS)).isEmpty();
    }

    @Test
    void isUndefinedBeforeTheFirstRequest() {
        MetricEvidence evidence = byRequest(SHADOW, SUCCESS);

        assertThat(evidence.effect()).isNaN();
        assertThat(logEvidence(evidence, NO_UNITS)).containsExactly(0, 0, 0);
        assertThat(p(evidence)).containsOnly(Double.NaN);
    }
}
