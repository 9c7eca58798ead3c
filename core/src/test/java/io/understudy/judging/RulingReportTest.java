package io.understudy.judging;

import static io.understudy.testing.Plans.byRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.evidence.Claim;
import io.understudy.evidence.ClaimLook;
import io.understudy.evidence.CycleLook;
import io.understudy.evidence.Shortfall;
import io.understudy.plan.EvidencePlan;
import io.understudy.schema.MetricEvaluation;
import io.understudy.schema.MetricRole;
import io.understudy.schema.Verdict;
import io.understudy.testing.Plans;
import io.understudy.testing.Snapshots;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RulingReportTest {

    private static final String[] METRICS = {
        "kind: conversion, role: success, mde: 1.3",
        "kind: error-rate, role: guardrail, margin: 2",
        "kind: brier, role: diagnostic"
    };

    private static final EvidencePlan PLAN = byRequest(Plans.AB + ", require: superiority", METRICS);
    private static final EvidencePlan FIXED =
            byRequest(Plans.AB + ", require: superiority, test: fixed, maximum: {units: 2000}", METRICS);

    private static Ruling report(Snapshots snapshot) {
        var built = snapshot.build();
        return RulingReport.of(built, Judge.judge(built), Optional.empty());
    }

    private static MetricEvaluation metric(int metric, Snapshots snapshot) {
        return report(snapshot).metrics().get(metric);
    }

    @Test
    void showsTheEvidenceOfEachMetricsOwnClaimBesideItsThreshold() {
        Snapshots snapshot = Snapshots.of(PLAN)
                .look(
                        0,
                        look -> look.claim(Claim.SUPERIOR, new ClaimLook(1, Double.NaN, true))
                                .claim(Claim.HARM, new ClaimLook(0.25, Double.NaN, true)))
                .look(1, look -> look.claim(Claim.NON_INFERIOR, new ClaimLook(1, Double.NaN, true)));

        assertThat(metric(0, snapshot).getLogEvidence()).isEqualTo(1);
        assertThat(metric(0, snapshot).getLogEvidenceOfHarm()).isEqualTo(0.25);
        assertThat(metric(0, snapshot).getThreshold()).isEqualTo(Math.log(1 / 0.05));
        assertThat(metric(0, snapshot).getThresholdOfHarm()).isEqualTo(Math.log(2 / 0.05));
        assertThat(metric(0, snapshot).getP()).isEqualTo(Math.exp(-1));
        assertThat(metric(1, snapshot).getLogEvidence()).isEqualTo(1);
    }

    @Test
    void theAlwaysValidPIsAtMostOne() {
        Snapshots snapshot =
                Snapshots.of(PLAN).look(0, look -> look.claim(Claim.SUPERIOR, new ClaimLook(-3, 0.2, false)));

        assertThat(metric(0, snapshot).getP()).isEqualTo(1);
    }

    @Test
    void overCyclesThePIsThatOfTheWeakerEvidence() {
        Snapshots snapshot = Snapshots.of(PLAN)
                .look(0, look -> look.shows(Claim.SUPERIOR, 500).cycles(new CycleLook(3, 1, 2, 2.5, 0, 0)));

        assertThat(metric(0, snapshot).getP()).isEqualTo(Math.exp(-2));
        assertThat(metric(0, snapshot).getLogEvidenceOfCycles()).isEqualTo(2);
        assertThat(metric(0, snapshot).getCyclesBetter()).isEqualTo(3);
        assertThat(metric(1, snapshot).getLogEvidenceOfCycles()).isNull();
    }

    @Test
    void aFixedStageShowsTheClassicalP() {
        Snapshots snapshot = Snapshots.of(FIXED).look(0, look -> look.p(Claim.SUPERIOR, 0.25));

        assertThat(metric(0, snapshot).getP()).isEqualTo(0.25);
        assertThat(metric(1, snapshot).getP()).as("undefined").isNull();
    }

    @Test
    void aMarginIsOnTheSideThatIsWorseAndWhatIsWorthwhileOnTheOther() {
        EvidencePlan plan = byRequest(
                Plans.AB,
                "kind: conversion, role: guardrail, margin: 2",
                "kind: error-rate, role: guardrail, margin: 2");

        assertThat(metric(0, Snapshots.of(plan)).getMargin()).isEqualTo(-0.5);
        assertThat(metric(0, Snapshots.of(plan)).getWorthwhile()).isEqualTo(0.25);
        assertThat(metric(1, Snapshots.of(plan)).getMargin()).isEqualTo(0.5);
        assertThat(metric(1, Snapshots.of(plan)).getWorthwhile()).isEqualTo(-0.25);
        assertThat(metric(0, Snapshots.of(PLAN)).getMargin()).as("no guardrail").isNull();
    }

    @Test
    void aDiagnosticHasNeitherThresholdNorP() {
        MetricEvaluation diagnostic = metric(2, Snapshots.of(PLAN));

        assertThat(diagnostic.getRole()).isEqualTo(MetricRole.DIAGNOSTIC);
        assertThat(diagnostic.getThreshold()).isNull();
        assertThat(diagnostic.getThresholdOfHarm()).isNull();
        assertThat(diagnostic.getP()).isNull();
    }

    @Test
    void whatIsUndefinedOrInfiniteIsNull() {
        MetricEvaluation evaluation = metric(
                0,
                Snapshots.of(PLAN)
                        .look(
                                0,
                                look -> look.existing(0, Double.NaN)
                                        .interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY)));

        assertThat(evaluation.getExisting().getEstimate()).isNull();
        assertThat(evaluation.getExisting().getUnits()).isZero();
        assertThat(evaluation.getCandidate().getEstimate()).isEqualTo(0.2);
        assertThat(evaluation.getLow()).isNull();
        assertThat(evaluation.getHigh()).isNull();
        assertThat(evaluation.getStandardError()).isNull();
        assertThat(evaluation.getMissing()).isNull();
    }

    @Test
    void saysWhatAMethodWaitsFor() {
        MetricEvaluation evaluation = metric(
                0, Snapshots.of(PLAN).look(0, look -> look.shortOf(new Shortfall(Shortfall.Kind.KEYS, 12, 200))));

        assertThat(evaluation.getMissing()).contains("12 of 200");
    }

    @Test
    void showsTheSampleRatioAndTheFindingWithItsCode() {
        Ruling ruling = report(Snapshots.of(PLAN).sampleRatio(3));

        assertThat(ruling.sampleRatioEvidence()).isEqualTo(3);
        assertThat(ruling.verdict()).isEqualTo(Verdict.CONTINUE);
        assertThat(ruling.reason()).contains("m0", "m1");
        assertThat(ruling.existing().getLatencyP50()).isEqualTo(10);
        assertThat(ruling.existing().getLatencyP95()).isEqualTo(20);
        assertThat(ruling.existing().getLatencyP99()).isEqualTo(30);
    }
}
