package io.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.schema.Arm;
import io.understudy.testing.Plans;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RatioEvidenceTest {

    private static final String SUCCESS = "kind: ratio, role: success, mde: 0.2, numerator: y, denominator: x";
    private static final String GUARDRAIL = "kind: ratio, role: guardrail, margin: 0.2, numerator: y, denominator: x";
    private static final UnitCounts KEYS = new UnitCounts(5000, 5000);

    /** Requests with one to five sessions each, and {@code perSession} in each session of the candidate, 2 otherwise. */
    private static Tally.Ratios window(int requests, double perSession, long seed) {
        Tally.Ratios tally = new Tally.Ratios(512);
        Random random = new Random(seed);
        for (int i = 0; i < requests; i++) {
            Arm arm = random.nextBoolean() ? Arm.CANDIDATE : Arm.EXISTING;
            int sessions = 1 + random.nextInt(5);
            double each = arm == Arm.CANDIDATE ? perSession : 2;
            tally.observe(arm, random.nextInt(512), sessions * each + random.nextGaussian(), sessions);
        }
        return tally;
    }

    private static double logEvidence(String metric, double perSession, Claim claim) {
        MetricEvidence evidence = Methods.byRequest(Plans.AB, metric);
        return Methods.absorb(evidence, window(10_000, perSession, 1), window(10_000, perSession, 2))
                .logEvidence(claim, KEYS);
    }

    @Test
    void showsWhatTheCandidateBringsForEachOfTheDenominator() {
        MetricEvidence evidence = Methods.absorb(Methods.byKey(Plans.AB, SUCCESS), window(20_000, 2.25, 1));

        assertThat(evidence.existingEstimate()).isCloseTo(2, within(0.02));
        assertThat(evidence.candidateEstimate()).isCloseTo(2.25, within(0.02));
        assertThat(evidence.effect()).isCloseTo(0.25, within(0.03));
        assertThat(evidence.worthwhile()).isEqualTo(0.2);
        assertThat(evidence.interval(0.05)[0]).isBetween(0.1, 0.25);
    }

    @Test
    void supportsEachClaim() {
        assertThat(logEvidence(SUCCESS, 2.2, Claim.SUPERIOR)).isGreaterThan(Math.log(1000));
        assertThat(logEvidence(SUCCESS, 2, Claim.SUPERIOR)).isLessThan(1);
        assertThat(logEvidence(SUCCESS, 1.8, Claim.HARM)).isGreaterThan(Math.log(1000));
        assertThat(logEvidence(GUARDRAIL, 2, Claim.NON_INFERIOR)).isGreaterThan(Math.log(1000));
        assertThat(logEvidence(GUARDRAIL, 1.8, Claim.NON_INFERIOR)).isLessThan(1);
        assertThat(logEvidence(GUARDRAIL, 1.8, Claim.HARM)).isLessThan(1);
        assertThat(logEvidence(GUARDRAIL, 1.6, Claim.HARM)).isGreaterThan(Math.log(1000));
    }

    @Test
    void waitsForUnitsAndForAKnownDenominator() {
        MetricEvidence byKey = Methods.absorb(Methods.byKey(Plans.AB, SUCCESS), window(20_000, 3, 1));
        assertThat(byKey.shortfall(new UnitCounts(5000, 199))).contains(new Shortfall(Shortfall.Kind.KEYS, 199, 200));
        assertThat(byKey.logEvidence(Claim.SUPERIOR, new UnitCounts(5000, 199))).isZero();
        assertThat(byKey.shortfall(KEYS)).isEmpty();

        MetricEvidence few = Methods.absorb(Methods.byRequest(Plans.AB, SUCCESS), window(100, 3, 1));
        assertThat(few.shortfall(KEYS).orElseThrow().kind()).isEqualTo(Shortfall.Kind.REQUESTS_WITH_OUTCOME);
        Tally.Ratios uneven = new Tally.Ratios(512);
        for (int i = 0; i < 10_000; i++) {
            // Three groups have most of the sessions.
            int group = i / 2 % 512;
            uneven.observe(i % 2 == 0 ? Arm.CANDIDATE : Arm.EXISTING, group, i % 7, group < 3 ? 1000 : 1);
        }
        MetricEvidence unevenly = Methods.absorb(Methods.byRequest(Plans.AB, SUCCESS), uneven);
        assertThat(unevenly.shortfall(KEYS).orElseThrow().kind()).isEqualTo(Shortfall.Kind.KEYS_OR_EVENTS);
    }
}
