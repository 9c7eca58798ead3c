package io.understudy.evidence;

import static io.understudy.testing.Plans.byKey;
import static io.understudy.testing.Snapshots.arm;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricKind;
import io.understudy.testing.Plans;
import io.understudy.testing.Snapshots;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StageSnapshotTest {

    private static final String ERRORS = "kind: error-rate, role: guardrail, margin: 2";
    private static final EvidencePlan ENDLESS = byKey(Plans.AB, ERRORS);
    private static final EvidencePlan FULL = byKey("kind: canary, share: 100%, minimum: {units: 1}", ERRORS);
    private static final EvidencePlan ENDING = byKey(Plans.AB + ", maximum: {units: 500, duration: 1h}", ERRORS);

    @Test
    void countsTheSmallerArmOrTheCandidatesWhereItServesEveryUnit() {
        StageSnapshot even = Snapshots.of(ENDLESS).requests(300, 200).build();
        StageSnapshot full = Snapshots.of(FULL).requests(3, 200).build();

        assertThat(even.smallerArm()).isEqualTo(200);
        assertThat(even.units()).isEqualTo(new UnitCounts(300, 200));
        assertThat(Snapshots.of(ENDLESS).requests(100, 200).build().smallerArm())
                .isEqualTo(100);
        assertThat(full.smallerArm()).isEqualTo(200);
    }

    @Test
    void isOverByUnitsOfTheSmallerArmOrByTime() {
        Duration early = Duration.ofHours(1).minusMillis(1);

        assertThat(Snapshots.of(ENDING).requests(900, 499).after(early).build().isOver())
                .isFalse();
        assertThat(Snapshots.of(ENDING).requests(900, 500).after(early).build().isOver())
                .isTrue();
        assertThat(Snapshots.of(ENDING)
                        .requests(900, 499)
                        .after(Duration.ofHours(1))
                        .build()
                        .isOver())
                .isTrue();
        assertThat(Snapshots.of(ENDLESS).after(Duration.ofDays(1000)).build().isOver())
                .isFalse();
    }

    @Test
    void coverageIsThatOfTheArmWithFewerOutcomes() {
        StageSnapshot snapshot = Snapshots.of(ENDLESS)
                .arms(arm(1000, 1000, 1000, 900), arm(100, 100, 100, 75))
                .build();

        assertThat(snapshot.existing().coverage()).isEqualTo(0.9);
        assertThat(snapshot.candidate().coverage()).isEqualTo(0.75);
        assertThat(snapshot.knownOutcomes()).isEqualTo(0.75);
    }

    @Test
    void coverageIsNeitherMoreThanAllNorUndefined() {
        assertThat(arm(100, 100, 100, 120).coverage())
                .as("outcomes of the stage before")
                .isEqualTo(1);
        assertThat(arm(0, 0, 0, 0).coverage()).isZero();
        assertThat(arm(1, 1, 1, 1).coverage()).isEqualTo(1);
    }

    @Test
    void aMetricIsUnobservedWithoutAnyObservationOfTheCandidate() {
        StageSnapshot none = Snapshots.of(ENDLESS)
                .look(0, look -> look.candidate(0, Double.NaN))
                .build();
        StageSnapshot one =
                Snapshots.of(ENDLESS).look(0, look -> look.candidate(1, 0)).build();

        assertThat(none.isUnobserved(MetricKind.ERROR_RATE)).isTrue();
        assertThat(none.isUnobserved(MetricKind.TIMEOUT_RATE)).isFalse();
        assertThat(one.isUnobserved(MetricKind.ERROR_RATE)).isFalse();
    }

    @Test
    void quantilesOfLatencyAreTheMedianTheNinetyFifthAndTheNinetyNinth() {
        LogHistogram latencies = new LogHistogram();
        for (int i = 0; i < 1000; i++) {
            latencies.add(i < 500 ? 10 : i < 950 ? 100 : i < 990 ? 1000 : 10_000);
        }

        LatencyQuantiles quantiles = LatencyQuantiles.of(latencies);

        assertThat(quantiles.p50()).isBetween(9.5, 10.5);
        assertThat(quantiles.p95()).isBetween(95.0, 105.0);
        assertThat(quantiles.p99()).isBetween(950.0, 1050.0);
    }
}
