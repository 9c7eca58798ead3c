package io.understudy.judging;

import static io.understudy.testing.Plans.byKey;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.evidence.Claim;
import io.understudy.plan.EvidencePlan;
import io.understudy.schema.MetricRole;
import io.understudy.testing.Snapshots;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ForecastTest {

    private static final String STAGE = "kind: ab, share: 50%";
    private static final String SUCCESS = "kind: conversion, role: success, mde: 1.3";
    private static final String GUARDRAIL = "kind: error-rate, role: guardrail, margin: 2";
    private static final double SHOWN = Math.log(1 / 0.05);

    private static final EvidencePlan GUARDED = byKey(STAGE, GUARDRAIL, GUARDRAIL.replace("error", "timeout"));
    private static final EvidencePlan BETTER =
            byKey(STAGE + ", require: superiority", GUARDRAIL, SUCCESS, "kind: value, role: success, mde: 1");

    private static Optional<Long> remaining(Snapshots snapshot) {
        var built = snapshot.build();
        return Forecast.remainingUnits(built, Thresholds.of(built.plan(), built.stage()));
    }

    @Test
    void evidenceGrowsInProportionToTheUnitsOfTheSmallerArm() {
        Snapshots half = Snapshots.of(GUARDED)
                .requests(5000, 600)
                .look(0, look -> look.shows(Claim.NON_INFERIOR, SHOWN))
                .look(1, look -> look.shows(Claim.NON_INFERIOR, SHOWN / 2));

        assertThat(remaining(half)).contains(600L);
        assertThat(remaining(half.look(1, look -> look.shows(Claim.NON_INFERIOR, SHOWN / 4))))
                .contains(1800L);
    }

    @Test
    void theSlowestGuardrailDecides() {
        assertThat(remaining(Snapshots.of(GUARDED)
                        .look(0, look -> look.shows(Claim.NON_INFERIOR, SHOWN / 3))
                        .look(1, look -> look.shows(Claim.NON_INFERIOR, SHOWN / 2))))
                .contains(2000L);
    }

    @Test
    void theFastestSuccessMetricDecidesAsOneIsEnough() {
        double part = Math.log(2 / 0.05);
        Snapshots guarded = Snapshots.of(BETTER).look(0, look -> look.shows(Claim.NON_INFERIOR, SHOWN));

        assertThat(remaining(guarded.look(1, look -> look.shows(Claim.SUPERIOR, part / 2))
                        .look(2, look -> look.shows(Claim.SUPERIOR, part / 3))))
                .contains(1000L);
        assertThat(remaining(guarded.look(0, look -> look.shows(Claim.NON_INFERIOR, SHOWN / 3))))
                .as("and a slower guardrail")
                .contains(2000L);
    }

    @Test
    void nothingIsKnownWhileAnOpenClaimHasNoEvidence() {
        assertThat(remaining(Snapshots.of(GUARDED).look(0, look -> look.shows(Claim.NON_INFERIOR, SHOWN / 2))))
                .isEmpty();
        assertThat(remaining(Snapshots.of(BETTER).look(0, look -> look.shows(Claim.NON_INFERIOR, SHOWN / 2))))
                .isEmpty();
    }

    @Test
    void nothingRemainsWhereEverythingIsShown() {
        assertThat(remaining(Snapshots.of(GUARDED)
                        .look(0, look -> look.shows(Claim.NON_INFERIOR, SHOWN))
                        .look(1, look -> look.shows(Claim.NON_INFERIOR, 2 * SHOWN))))
                .isEmpty();
    }

    @Test
    void evidenceAgainstAClaimSaysNothingOfItsEnd() {
        assertThat(remaining(Snapshots.of(GUARDED)
                        .look(0, look -> look.shows(Claim.NON_INFERIOR, -1))
                        .look(1, look -> look.shows(Claim.NON_INFERIOR, SHOWN / 2))))
                .isEmpty();
    }

    @Test
    void successMetricsAreNotWaitedForWhereSuperiorityIsNotAskedFor() {
        EvidencePlan guarded = byKey(STAGE, GUARDRAIL, SUCCESS);

        assertThat(remaining(Snapshots.of(guarded)
                        .look(0, look -> look.shows(Claim.NON_INFERIOR, SHOWN / 2))
                        .look(1, look -> look.shows(Claim.SUPERIOR, SHOWN / 10))))
                .contains(1000L);
    }

    @Test
    void aGuardrailIsToBeNotWorseAndASuccessMetricBetter() {
        assertThat(Forecast.claim(MetricRole.GUARDRAIL)).isEqualTo(Claim.NON_INFERIOR);
        assertThat(Forecast.claim(MetricRole.SUCCESS)).isEqualTo(Claim.SUPERIOR);
    }
}
