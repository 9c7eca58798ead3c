package io.understudy.judging;

import static io.understudy.testing.Plans.byKey;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.evidence.ArmLook;
import io.understudy.evidence.Claim;
import io.understudy.evidence.ClaimLook;
import io.understudy.evidence.DataQuality;
import io.understudy.evidence.DataQuality.Answers;
import io.understudy.evidence.MetricLook;
import io.understudy.evidence.RecentLook;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.SpecReader;
import io.understudy.schema.MetricRole;
import io.understudy.testing.Looks;
import io.understudy.testing.Plans;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ThresholdsTest {

    private static final String STAGE = Plans.AB;
    private static final String SUCCESS = "kind: conversion, role: success, mde: 1.3";
    private static final String GUARDRAIL = "kind: error-rate, role: guardrail, margin: 2";
    private static final String DIAGNOSTIC = "kind: brier, role: diagnostic";

    private static Thresholds of(String stage, String... metrics) {
        EvidencePlan plan = byKey(stage, metrics);
        return Thresholds.of(plan, plan.stages().get(0));
    }

    @Test
    void successMetricsShareAlphaAndGuardrailsDoNot() {
        Thresholds thresholds = of(STAGE, SUCCESS, "kind: value, role: success, mde: 1", GUARDRAIL, DIAGNOSTIC);

        assertThat(thresholds.superior()).isEqualTo(Math.log(2 / 0.05));
        assertThat(thresholds.nonInferior()).isEqualTo(Math.log(1 / 0.05));
    }

    @Test
    void metricsAndLimitsShareTheAlphaOfAbortingInEveryStage() {
        assertThat(of(STAGE, GUARDRAIL, SUCCESS, DIAGNOSTIC).harm()).isEqualTo(Math.log(2 / 0.05));
        assertThat(of(STAGE, GUARDRAIL + ", limit: 0.5", SUCCESS).harm()).isEqualTo(Math.log(3 / 0.05));
        assertThat(of(STAGE, "kind: error-rate, role: diagnostic, limit: 0.5").harm())
                .isEqualTo(Math.log(1 / 0.05));
        assertThat(of(Plans.stages(STAGE, STAGE), GUARDRAIL, SUCCESS).harm()).isEqualTo(Math.log(4 / 0.05));
    }

    @Test
    void onlyTheStagesOwnMetricsShare() {
        assertThat(of(STAGE + ", metrics: [m1]", GUARDRAIL, SUCCESS).harm()).isEqualTo(Math.log(1 / 0.05));
    }

    @Test
    void eachAlphaHasItsOwnThreshold() {
        EvidencePlan plan = SpecReader.evidence("""
                alpha: 0.01
                alpha-abort: 0.2
                metrics: [{name: bought, kind: conversion, role: success, mde: 1.3}]
                stages: [{kind: ab, share: 50%}]
                """);
        Thresholds thresholds = Thresholds.of(plan, plan.stages().get(0));

        assertThat(thresholds.superior()).isEqualTo(Math.log(1 / 0.01));
        assertThat(thresholds.nonInferior()).isEqualTo(Math.log(1 / 0.01));
        assertThat(thresholds.harm()).isEqualTo(Math.log(1 / 0.2));
    }

    @Test
    void aStageWithoutMetricsHasThresholdsToo() {
        Thresholds thresholds = of(STAGE);

        assertThat(thresholds.superior()).isEqualTo(Math.log(1 / 0.05));
        assertThat(thresholds.harm()).isEqualTo(Math.log(1 / 0.05));
    }

    @Test
    void aSuccessMetricIsToBeSuperiorAndOthersNotInferior() {
        Thresholds thresholds = new Thresholds(3, 2, 4, 1);

        assertThat(thresholds.of(MetricRole.SUCCESS)).isEqualTo(3);
        assertThat(thresholds.of(MetricRole.GUARDRAIL)).isEqualTo(2);
    }

    @Test
    void aClaimIsShownByTheEvidenceNowWhileTheEstimatePointsToIt() {
        Thresholds thresholds = new Thresholds(3, 2, 4, 1);
        MetricSpec success = byKey(STAGE, SUCCESS).metrics().get(0);

        assertThat(thresholds.isBetterShown(look(success, Claim.SUPERIOR, 3, true)))
                .isTrue();
        assertThat(thresholds.isBetterShown(look(success, Claim.SUPERIOR, 2.99, true)))
                .isFalse();
        assertThat(thresholds.isBetterShown(look(success, Claim.SUPERIOR, 3, false)))
                .isFalse();
        assertThat(thresholds.isNotWorseShown(look(success, Claim.NON_INFERIOR, 2, true)))
                .isTrue();
        assertThat(thresholds.isNotWorseShown(look(success, Claim.NON_INFERIOR, 1.99, true)))
                .isFalse();
        assertThat(thresholds.isHarmShown(look(success, Claim.HARM, 4, true))).isTrue();
        assertThat(thresholds.isHarmShown(look(success, Claim.HARM, 4, false))).isFalse();
    }

    @Test
    void theRecentPastSpeaksAgainstAMetricByItsNewerHalfOrByHarmSinceALaterStart() {
        Thresholds thresholds = new Thresholds(3, 2, 4, 1);
        MetricSpec success = byKey(STAGE, SUCCESS).metrics().get(0);
        MetricSpec diagnostic = byKey(STAGE, DIAGNOSTIC).metrics().get(0);

        assertThat(thresholds.isRecentlyWorse(recent(success, 0.99, false))).isFalse();
        assertThat(thresholds.isRecentlyWorse(recent(success, 1, false))).isTrue();
        assertThat(thresholds.isRecentlyWorse(recent(success, -5, true))).isTrue();
        assertThat(thresholds.isRecentlyWorse(recent(diagnostic, 5, true))).isFalse();
    }

    private static MetricLook recent(MetricSpec spec, double logHarm, boolean newerHalfIsWorse) {
        ArmLook arm = new ArmLook(100, 0.1);
        return Looks.at(spec)
                .recent(new RecentLook(Duration.ofMinutes(1), arm, arm, logHarm, newerHalfIsWorse))
                .build();
    }

    private static MetricLook look(MetricSpec spec, Claim claim, double logEvidence, boolean pointedTo) {
        return Looks.at(spec)
                .claim(claim, new ClaimLook(logEvidence, Double.NaN, pointedTo))
                .build();
    }

    @Test
    void aMetricWhoseLabelsNoOutcomeEqualsShowsNothing() {
        MetricSpec metric = byKey(STAGE, "kind: accuracy, role: success, mde: 1.2")
                .metrics()
                .get(0);
        Answers good = new Answers(List.of("1"), 0, true);
        Answers other = new Answers(List.of("late"), 0, false);
        Thresholds thresholds = of(STAGE, "kind: accuracy, role: success, mde: 1.2");
        Looks look = Looks.at(metric)
                .shows(Claim.SUPERIOR, 99)
                .shows(Claim.NON_INFERIOR, 99)
                .shows(Claim.HARM, 99);
        for (DataQuality data :
                List.of(new DataQuality(List.of("1"), 0, good, other), new DataQuality(List.of("1"), 0, other, good))) {
            MetricLook named = look.data(data).build();
            assertThat(thresholds.isBetterShown(named)).isFalse();
            assertThat(thresholds.isNotWorseShown(named)).isFalse();
            assertThat(thresholds.isHarmShown(named)).isFalse();
        }
        assertThat(thresholds.isHarmShown(look.data(DataQuality.SOUND).build())).isTrue();
    }
}
