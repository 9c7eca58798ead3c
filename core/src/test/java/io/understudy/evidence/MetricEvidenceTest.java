package io.understudy.evidence;

import static io.understudy.evidence.Methods.byKey;
import static io.understudy.evidence.Methods.byRequest;
import static io.understudy.testing.Plans.AB;
import static io.understudy.testing.Plans.SHADOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricEvidenceTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kind: conversion, role: success, mde: 1.2 | RateEvidence",
                "kind: conversion, role: success, mde: 0.02 | RateDifferenceEvidence",
                "kind: conversion, role: diagnostic | RateEvidence",
                "kind: error-rate, role: guardrail, margin: 1.5 | RateEvidence",
                "kind: error-rate, role: guardrail, margin: 0.01 | RateDifferenceEvidence",
                "kind: accuracy, role: success, mde: 1.2 | RateEvidence",
                "kind: brier, role: success, mde: 0.01 | MeanEvidence",
                "'kind: brier, role: success, mde: 0.01, bounds: [0, 1]' | BoundedEvidence",
                "kind: value, role: success, mde: 3 | MeanEvidence",
                "kind: score-drift, role: diagnostic | DriftEvidence"
            })
    void choosesTheMethodForArmsOfRequests(String metric, String method) {
        assertThat(byRequest(AB, metric).getClass().getSimpleName()).isEqualTo(method);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kind: accuracy, role: success, mde: 1.2 | PairEvidence",
                "kind: accuracy, role: success, mde: 0.02 | PairDifferenceEvidence",
                "kind: accuracy, role: diagnostic | PairEvidence",
                "kind: error-rate, role: guardrail, margin: 1.5 | RateEvidence",
                "kind: agreement, role: guardrail, margin: 0.1 | AgreementEvidence",
                "kind: brier, role: success, mde: 0.01 | MeanEvidence",
                "'kind: brier, role: success, mde: 0.01, bounds: [0, 1]' | BoundedEvidence"
            })
    void choosesTheMethodForAShadowOfRequests(String metric, String method) {
        assertThat(byRequest(SHADOW, metric).getClass().getSimpleName()).isEqualTo(method);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kind: accuracy, role: success, mde: 1.2 | KeyGroupEvidence",
                "kind: error-rate, role: guardrail, margin: 0.01 | KeyGroupEvidence",
                "kind: brier, role: success, mde: 0.01 | KeyGroupEvidence",
                "kind: agreement, role: guardrail, margin: 0.1 | AgreementEvidence",
                "kind: score-drift, role: diagnostic | DriftEvidence"
            })
    void choosesTheMethodForKeys(String metric, String method) {
        assertThat(byKey(SHADOW, metric).getClass().getSimpleName()).isEqualTo(method);
    }

    @Test
    void theAverageOfTwoEValuesNeitherOverflowsNorUnderflows() {
        assertThat(MetricEvidence.logAverage(Math.log(3), Math.log(5))).isCloseTo(Math.log(4), within(1e-12));
        assertThat(MetricEvidence.logAverage(-2000, 1000)).isCloseTo(1000 - Math.log(2), within(1e-9));
        assertThat(MetricEvidence.logAverage(-2000, -2000)).isCloseTo(-2000, within(1e-9));
    }
}
