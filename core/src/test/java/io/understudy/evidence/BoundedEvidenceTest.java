package io.understudy.evidence;

import static io.understudy.evidence.Methods.NO_UNITS;
import static io.understudy.evidence.Methods.absorb;
import static io.understudy.evidence.Methods.byRequest;
import static io.understudy.evidence.Methods.logEvidence;
import static io.understudy.evidence.Methods.means;
import static io.understudy.evidence.Methods.p;
import static io.understudy.testing.Plans.AB;
import static io.understudy.testing.Plans.SHADOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.statistics.Moments;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Numbers are computed by integrating the gamma mixture of empirical Bernstein supermartingales numerically. */
class BoundedEvidenceTest {

    private static final Offset<Double> CLOSE = within(1e-8);

    private static final String SUCCESS = "kind: brier, role: success, mde: 0.05, bounds: [0, 1]";
    private static final String GUARDRAIL = "kind: brier, role: guardrail, margin: 0.05, bounds: [0, 1]";

    private static Moments sums(double mean, double m2) {
        return new Moments(50, mean, m2, 0, 0);
    }

    private static MetricEvidence arms(String metric) {
        return absorb(
                byRequest(AB, metric), means(sums(0.4, 3), sums(0.2, 1.5)), means(sums(0.38, 2.5), sums(0.22, 1.6)));
    }

    private static MetricEvidence differences(String metric) {
        return absorb(
                byRequest(SHADOW, metric),
                means(sums(0.4, 3), sums(0.2, 1.5), sums(-0.2, 4)),
                means(sums(0.38, 2.5), sums(0.22, 1.6), sums(-0.16, 3)));
    }

    @Test
    void comparesArmsAtTheValueThatIsHardestToRefute() {
        assertThat(logEvidence(arms(SUCCESS), NO_UNITS))
                .containsExactly(new double[] {4.01289884374961, 5.81354990610494, -2.7041668122591}, CLOSE);
        assertThat(logEvidence(arms(GUARDRAIL), NO_UNITS))
                .containsExactly(new double[] {4.01289884374961, 5.81354990610494, -3.10547750247492}, CLOSE);
    }

    @Test
    void comparesDifferencesOnTheSameRequestsWithinTwiceTheWidth() {
        assertThat(logEvidence(differences(SUCCESS), NO_UNITS))
                .containsExactly(new double[] {2.53507607788113, 3.59186080401351, -1.31399289357332}, CLOSE);
        assertThat(logEvidence(differences(GUARDRAIL), NO_UNITS))
                .containsExactly(new double[] {2.53507607788113, 3.59186080401351, -1.52513440474265}, CLOSE);
    }

    @Test
    void theIntervalOfArmsIsTheDifferenceOfTheirIntervalsAndEndsAtZeroWhereHarmIsShown() {
        assertThat(arms(SUCCESS).interval(0.025)).containsExactly(new double[] {-0.480987196699504, 0}, CLOSE);
    }

    @Test
    void theIntervalOfDifferencesHasAnAlphaOfItsOwn() {
        assertThat(differences(SUCCESS).interval(0.025))
                .containsExactly(new double[] {-0.414301048830701, 0.0543010488307013}, CLOSE);
    }

    @Test
    void saysSomethingFromTheFirstRequestOnAndNothingWithoutOne() {
        MetricEvidence one =
                absorb(byRequest(AB, SUCCESS), means(new Moments(1, 1, 0, 0, 0), new Moments(1, 0, 0, 0, 0)));

        assertThat(one.shortfall(NO_UNITS)).isEmpty();
        assertThat(one.logEvidence(Claim.SUPERIOR, NO_UNITS)).isNotZero();
        assertThat(logEvidence(byRequest(AB, SUCCESS), NO_UNITS)).containsExactly(0, 0, 0);
        assertThat(byRequest(AB, SUCCESS).interval(0.05)).containsExactly(-1, 1);
    }

    @Test
    void theEffectAndTheClassicalTestAreThoseOfMeans() {
        MetricEvidence bounded = arms(SUCCESS);
        MetricEvidence unbounded = arms("kind: brier, role: success, mde: 0.05");

        assertThat(bounded.effect()).isEqualTo(unbounded.effect()).isCloseTo(-0.18, CLOSE);
        assertThat(p(bounded)).containsExactly(p(unbounded)).doesNotContain(Double.NaN);
        assertThat(bounded.worthwhile()).isEqualTo(0.05);
        assertThat(arms(GUARDRAIL).allowance()).isEqualTo(0.05);
    }

    @Test
    void higherMayBeBetter() {
        String value = "kind: value, role: success, mde: 0.05, bounds: [0, 1]";
        MetricEvidence higher = absorb(
                byRequest(AB, value), means(sums(0.2, 1.5), sums(0.4, 3)), means(sums(0.22, 1.6), sums(0.38, 2.5)));

        assertThat(logEvidence(higher, NO_UNITS)).containsExactly(logEvidence(arms(SUCCESS), NO_UNITS), CLOSE);
    }

    @Test
    void boundsScaleWithTheMetricsUnit() {
        MetricEvidence cents = absorb(
                byRequest(AB, "kind: value, role: success, direction: lower, mde: 5, bounds: [100, 200]"),
                means(new Moments(50, 140, 30_000, 0, 0), new Moments(50, 120, 15_000, 0, 0)),
                means(new Moments(50, 138, 25_000, 0, 0), new Moments(50, 122, 16_000, 0, 0)));

        assertThat(logEvidence(cents, NO_UNITS)).containsExactly(logEvidence(arms(SUCCESS), NO_UNITS), CLOSE);
    }

    @Test
    void continuesFromItsStoredProcesses() {
        BoundedEvidence kept = (BoundedEvidence) differences(SUCCESS);
        BoundedEvidence restored = (BoundedEvidence) byRequest(SHADOW, SUCCESS);
        restored.restore(kept.processes());
        Tally later = means(sums(0.3, 2), sums(0.25, 1), sums(-0.05, 2));

        restored.absorb(later);
        kept.absorb(later);

        assertThat(restored.processes()).containsExactly(kept.processes());
        assertThat(restored.logEvidence(Claim.SUPERIOR, NO_UNITS))
                .isEqualTo(kept.logEvidence(Claim.SUPERIOR, NO_UNITS));
    }

    @Test
    void anEmptyWindowChangesNothing() {
        MetricEvidence evidence = absorb(arms(SUCCESS), means(Moments.NONE, Moments.NONE));

        assertThat(logEvidence(evidence, NO_UNITS)).containsExactly(logEvidence(arms(SUCCESS), NO_UNITS));
    }
}
