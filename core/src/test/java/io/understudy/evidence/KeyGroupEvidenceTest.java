package io.understudy.evidence;

import static io.understudy.evidence.Methods.NO_UNITS;
import static io.understudy.evidence.Methods.absorb;
import static io.understudy.evidence.Methods.byKey;
import static io.understudy.evidence.Methods.logEvidence;
import static io.understudy.evidence.Methods.p;
import static io.understudy.testing.Plans.AB;
import static io.understudy.testing.Plans.SHADOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.statistics.KeyGroupSums;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Numbers are computed from the ratio estimator, the delta method and the normal mixture with 40 digits. */
class KeyGroupEvidenceTest {

    private static final Offset<Double> EXACT = within(1e-9);
    private static final UnitCounts MANY_KEYS = new UnitCounts(400, 300);

    private static final String BY_DIFFERENCE = "kind: latency-over, role: guardrail, margin: 0.02, threshold: 1s";
    private static final String BY_ODDS = "kind: latency-over, role: guardrail, margin: 2, threshold: 1s";

    /** Rare events, spread unevenly over keys that come back. */
    private static Tally arms() {
        return arms(1);
    }

    private static Tally arms(double value) {
        Tally.KeyGroups tally = new Tally.KeyGroups(KeyGroupSums.COUNT);
        for (int bucket = 0; bucket < 400; bucket++) {
            int events = (bucket % 10 == 0 ? 1 : 0) + (bucket % 25 == 0 ? 1 : 0);
            tally.existing().add(bucket, 2 + bucket % 3, value * events);
        }
        for (int bucket = 0; bucket < 300; bucket++) {
            tally.candidate().add(bucket, 3, bucket % 8 == 0 ? value : 0);
        }
        return tally;
    }

    private static Tally sameRequests() {
        Tally.KeyGroups tally = new Tally.KeyGroups(KeyGroupSums.COUNT);
        for (int bucket = 0; bucket < 400; bucket++) {
            int requests = 2 + bucket % 3;
            tally.existing().add(bucket, requests, 1);
            tally.candidate().add(bucket, requests, 1);
            tally.difference().add(bucket, requests, (bucket % 7 == 0 ? 1 : 0) - (bucket % 9 == 0 ? 1 : 0));
        }
        return tally;
    }

    @Test
    void theEffectIsTheDifferenceOfRatiosAndItsErrorTheSpreadBetweenGroupsOfKeys() {
        MetricEvidence evidence = absorb(byKey(AB, BY_DIFFERENCE), arms());

        assertThat(evidence.existingEstimate()).isCloseTo(56 / 1199.0, EXACT);
        assertThat(evidence.candidateEstimate()).isCloseTo(38 / 900.0, EXACT);
        assertThat(evidence.effect()).isCloseTo(-0.00448336576776944, EXACT);
        assertThat(evidence.standardError()).isCloseTo(0.00954805493032048, EXACT);
        Methods.assertIntervalOfTheTests(evidence, 0.02);
    }

    @Test
    void holdsAGuardrailAgainstADifference() {
        MetricEvidence evidence = absorb(byKey(AB, BY_DIFFERENCE), arms());

        assertThat(logEvidence(evidence, MANY_KEYS))
                .containsExactly(new double[] {-0.772061269008262, 2.72402794, -2.67908288}, within(1e-6));
        assertThat(p(evidence))
                .containsExactly(new double[] {0.31933541163282, 0.00517031713011894, 0.994829682869881}, EXACT);
        assertThat(evidence.allowance()).isEqualTo(0.02);
    }

    @Test
    void holdsAGuardrailAgainstAnOddsRatioAsUnsureAsTheExistingRate() {
        MetricEvidence evidence = absorb(byKey(AB, BY_ODDS), arms());

        assertThat(evidence.allowance()).isCloseTo(0.0425374398984546, EXACT);
        assertThat(logEvidence(evidence, MANY_KEYS))
                .containsExactly(new double[] {-0.988814880893247, 4.12369588638877, -2.70338496583433}, EXACT);
        assertThat(evidence.p(Claim.NON_INFERIOR, NO_UNITS)).isCloseTo(0.000400861264648401, EXACT);
    }

    @Test
    void anOddsRatioWorthDetectingIsReckonedFromTheExistingRate() {
        MetricEvidence evidence = absorb(byKey(AB, "kind: conversion, role: success, mde: 1.5"), arms());

        assertThat(evidence.worthwhile()).isCloseTo(0.0217540697117198, EXACT);
        assertThat(evidence.allowance()).isCloseTo(0.0150761047931546, EXACT);
        assertThat(logEvidence(evidence, MANY_KEYS))
                .containsExactly(new double[] {-1.83345262300138, 0.0998524174465002, -0.910067092969419}, EXACT);
    }

    @Test
    void comparesDifferencesOnTheSameRequestsByTheirOwnSpread() {
        MetricEvidence evidence = absorb(byKey(SHADOW, "kind: accuracy, role: success, mde: 0.03"), sameRequests());

        assertThat(evidence.effect()).isCloseTo(0.0108423686405338, EXACT);
        assertThat(evidence.standardError()).isCloseTo(0.00781826467632955, EXACT);
        assertThat(logEvidence(evidence, MANY_KEYS))
                .containsExactly(new double[] {-0.462339861277648, 10.58894156, -2.88726183832906}, within(1e-6));
    }

    @Test
    void aMarginInOddsIsAsUnsureAsTheExistingRateOnTheSameRequestsToo() {
        Tally.KeyGroups tally = new Tally.KeyGroups(KeyGroupSums.COUNT);
        for (int bucket = 0; bucket < 400; bucket++) {
            // The candidate is wrong wherever the existing model is, and nowhere else.
            double right = bucket % 10 == 0 ? 0 : 1;
            tally.observePair(bucket, right, right);
        }
        MetricEvidence evidence = absorb(byKey(SHADOW, "kind: accuracy, role: guardrail, margin: 1.5"), tally);

        double se = tally.existing().estimate().standardError();
        double slope = (1 / 1.5) / Math.pow(0.1 + 0.9 / 1.5, 2);
        assertThat(evidence.standardError()).isZero();
        assertThat(evidence.p(Claim.NON_INFERIOR, MANY_KEYS))
                .isCloseTo(
                        NormalDistribution.of(0, 1)
                                .survivalProbability(evidence.allowance() / (Math.abs(slope - 1) * se)),
                        EXACT);
    }

    @Test
    void aMarginOverOneOfAMeanIsADifference() {
        MetricEvidence evidence = absorb(byKey(AB, "kind: value, role: guardrail, margin: 1.5"), arms(100));

        assertThat(evidence.allowance()).isEqualTo(1.5);
        assertThat(evidence.p(Claim.NON_INFERIOR, NO_UNITS))
                .isEqualTo(NormalDistribution.of(0, 1)
                        .survivalProbability((evidence.effect() + 1.5) / evidence.standardError()))
                .isGreaterThan(0.01);
    }

    @Test
    void isSilentBeforeTheSmallerArmHasTwoHundredKeys() {
        MetricEvidence evidence = absorb(byKey(AB, BY_DIFFERENCE), arms());
        UnitCounts few = new UnitCounts(400, 199);

        assertThat(evidence.shortfall(few)).contains(new Shortfall(Shortfall.Kind.KEYS, 199, 200));
        assertThat(logEvidence(evidence, few)).containsExactly(0, 0, 0);
        assertThat(evidence.shortfall(new UnitCounts(200, 400))).isEmpty();
    }

    @Test
    void aMeanOfNumbersWaitsUntilItsGroupsAreNoLongerSkewed() {
        String value = "kind: value, role: success, mde: 0.02";
        Tally.KeyGroups even = new Tally.KeyGroups(KeyGroupSums.COUNT);
        Tally.KeyGroups skewed = new Tally.KeyGroups(KeyGroupSums.COUNT);
        for (int bucket = 0; bucket < 400; bucket++) {
            even.existing().add(bucket, 1, bucket % 2);
            even.candidate().add(bucket, 1, bucket % 2);
            skewed.existing().add(bucket, 1, bucket % 100 == 0 ? 40 : 0);
            skewed.candidate().add(bucket, 1, bucket % 100 == 0 ? 40 : 0);
        }

        Tally.KeyGroups existingSkewed = new Tally.KeyGroups(KeyGroupSums.COUNT);
        existingSkewed.existing().addAll(skewed.existing());
        existingSkewed.candidate().addAll(even.candidate());
        Tally.KeyGroups candidateSkewed = new Tally.KeyGroups(KeyGroupSums.COUNT);
        candidateSkewed.existing().addAll(even.existing());
        candidateSkewed.candidate().addAll(skewed.candidate());

        Shortfall missing = new Shortfall(Shortfall.Kind.KEYS_OR_EVENTS, 0, 0);
        assertThat(absorb(byKey(AB, value), existingSkewed).shortfall(MANY_KEYS))
                .contains(missing);
        assertThat(absorb(byKey(AB, value), candidateSkewed).shortfall(MANY_KEYS))
                .contains(missing);
        assertThat(absorb(byKey(AB, value), even).shortfall(MANY_KEYS)).isEmpty();
    }

    @Test
    void inShadowTheGroupsOfDifferencesMustNotBeSkewed() {
        String loss = "kind: brier, role: success, mde: 0.02";
        Tally.KeyGroups skewedDifferences = new Tally.KeyGroups(KeyGroupSums.COUNT);
        Tally.KeyGroups skewedArms = new Tally.KeyGroups(KeyGroupSums.COUNT);
        for (int bucket = 0; bucket < 400; bucket++) {
            skewedDifferences.observePair(bucket, bucket % 2, bucket % 2 + (bucket % 50 == 0 ? 1 : 0));
            skewedArms.existing().add(bucket, 1, bucket % 50 == 0 ? 1 : 0);
            skewedArms.candidate().add(bucket, 1, bucket % 50 == 0 ? 1 : 0);
            skewedArms.difference().add(bucket, 1, bucket % 2);
        }

        assertThat(absorb(byKey(SHADOW, loss), skewedDifferences).shortfall(MANY_KEYS))
                .isPresent();
        assertThat(absorb(byKey(SHADOW, loss), skewedArms).shortfall(MANY_KEYS)).isEmpty();
    }

    @Test
    void aNegligibleRateCountsEachKeyAsOneTrialAndEachFaultAsAnotherKeys() {
        MetricEvidence evidence = absorb(byKey(AB, BY_DIFFERENCE + ", negligible: 0.3"), arms());

        double ofFewKeys = evidence.logEvidence(Claim.NON_INFERIOR, new UnitCounts(100, 200));
        double ofEnoughKeys = evidence.logEvidence(Claim.NON_INFERIOR, new UnitCounts(400, 200));

        assertThat(ofFewKeys).isCloseTo(Math.log((1 + Math.exp(4.75147066996726)) / 2), EXACT);
        assertThat(ofEnoughKeys)
                .isCloseTo(
                        Math.log((Math.exp(absorb(byKey(AB, BY_DIFFERENCE), arms())
                                                .logEvidence(Claim.NON_INFERIOR, new UnitCounts(400, 200)))
                                        + Math.exp(4.75147066996726))
                                / 2),
                        EXACT);
    }

    @Test
    void isUndefinedWithoutAnArm() {
        Tally.KeyGroups existingAlone = new Tally.KeyGroups(KeyGroupSums.COUNT);
        existingAlone.existing().addAll(((Tally.KeyGroups) arms()).existing());
        MetricEvidence evidence = absorb(byKey(AB, BY_DIFFERENCE), existingAlone);

        assertThat(evidence.effect()).isNaN();
        assertThat(logEvidence(evidence, MANY_KEYS)).containsExactly(0, 0, 0);
        assertThat(p(evidence)).containsOnly(Double.NaN);
    }
}
