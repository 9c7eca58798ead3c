package io.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.plan.EvidencePlan;
import io.understudy.schema.StageEvidenceState;
import io.understudy.testing.Windows;
import java.io.IOException;
import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class StageEvidenceCodecTest {

    private static final Duration END = Duration.ofSeconds(5);

    @Provide
    Arbitrary<EvidencePlan> plans() {
        return Arbitraries.of(Windows.PLANS);
    }

    private static StageEvidenceState encode(StageEvidence evidence) {
        return StageEvidenceCodec.encode(
                        evidence,
                        StageEvidenceState.newBuilder()
                                .setDeployment("d")
                                .setRollout("r")
                                .setStage(0)
                                .setEpoch(1)
                                .setStateVersion(1)
                                .setJudgedTo(0))
                .build();
    }

    private static StageEvidence evidence(EvidencePlan plan, int windows) {
        StageEvidence evidence = StageEvidence.empty(plan, 0);
        for (int i = 0; i < windows; i++) {
            evidence.absorb(Windows.of(plan, 1000 * i, 400), END);
        }
        return evidence;
    }

    @Property(tries = 20)
    void evidenceSurvivesItsRecordAndTheRecordsBytes(
            @ForAll("plans") EvidencePlan plan, @ForAll @IntRange(max = 4) int windows) throws IOException {
        StageEvidenceState record = encode(evidence(plan, windows));
        byte[] bytes = StageEvidenceState.getEncoder().encode(record).array();

        StageEvidence restored =
                StageEvidenceCodec.decode(StageEvidenceState.getDecoder().decode(bytes), plan, 0);

        assertThat(encode(restored)).isEqualTo(record);
    }

    @Property(tries = 20)
    void restoredEvidenceContinuesAsIfItHadNeverBeenStored(
            @ForAll("plans") EvidencePlan plan, @ForAll @IntRange(max = 4) int windows) {
        StageEvidence kept = evidence(plan, windows);
        StageEvidence restored = StageEvidenceCodec.decode(encode(kept), plan, 0);

        kept.absorb(Windows.of(plan, 77_000, 300), END);
        restored.absorb(Windows.of(plan, 77_000, 300), END);

        assertThat(restored.snapshot(Duration.ZERO)).isEqualTo(kept.snapshot(Duration.ZERO));
    }

    @Test
    void countsUnitsAndKeysBeforeTheNextWindow() {
        StageEvidence kept = evidence(Windows.ARMS_OF_KEYS, 2);

        StageSnapshot restored =
                StageEvidenceCodec.decode(encode(kept), Windows.ARMS_OF_KEYS, 0).snapshot(Duration.ZERO);

        assertThat(restored.units()).isEqualTo(kept.snapshot(Duration.ZERO).units());
        assertThat(restored.keys()).isEqualTo(kept.snapshot(Duration.ZERO).keys());
        assertThat(restored.units().existing()).isPositive();
    }

    @Test
    void keepsWhatTheSampleRatioAndTheCoverageAreComputedFrom() {
        for (EvidencePlan plan : Windows.PLANS) {
            StageEvidence kept = evidence(plan, 40);

            StageSnapshot before = kept.snapshot(Duration.ZERO);
            StageSnapshot after =
                    StageEvidenceCodec.decode(encode(kept), plan, 0).snapshot(Duration.ZERO);

            assertThat(after.sampleRatio()).isEqualTo(before.sampleRatio());
            assertThat(after.requestRatio()).isEqualTo(before.requestRatio());
            assertThat(after.coverage()).isEqualTo(before.coverage()).isNotEmpty();
        }
    }

    @Test
    void keepsTheEvidenceSinceLaterStarts() {
        for (EvidencePlan plan : Windows.PLANS) {
            StageEvidence kept = evidence(plan, 40);

            StageEvidence restored = StageEvidenceCodec.decode(encode(kept), plan, 0);

            assertThat(encode(restored)).isEqualTo(encode(kept));
            assertThat(encode(kept).getMetrics().get(0).getRestarts()).hasSizeBetween(16, 32);
            assertThat(restored.snapshot(Duration.ZERO).metrics())
                    .isEqualTo(kept.snapshot(Duration.ZERO).metrics());
        }
    }

    @Test
    void aDiagnosticIsNotStartedAgain() {
        assertThat(encode(evidence(Windows.ARMS_OF_REQUESTS, 40))
                        .getMetrics()
                        .get(2)
                        .getRestarts())
                .isEmpty();
    }

    @Test
    void keepsTheStateOfEachMethod() {
        StageEvidenceState record = encode(evidence(Windows.SHADOW_OF_REQUESTS, 3));

        assertThat(record.getMetrics().get(0).getProcess())
                .as("odds")
                .hasSize(51)
                .doesNotContain(Double.NaN);
        assertThat(record.getMetrics().get(1).getProcess()).as("odds of pairs").hasSize(51);
        assertThat(record.getMetrics().get(2).getProcess()).as("means").isEmpty();
        assertThat(record.getMetrics().get(3).getProcess())
                .as("empirical Bernstein")
                .hasSize(9)
                .startsWith(1200.0);
        assertThat(record.getMetrics().get(5).getEdges()).as("deciles").isNotEmpty();
        assertThat(record.getMetrics().get(0).getEdges()).isEmpty();
    }
}
