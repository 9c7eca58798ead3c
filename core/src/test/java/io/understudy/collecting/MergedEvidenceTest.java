package io.understudy.collecting;

import static io.understudy.collecting.CollectingFixture.CANARY;
import static io.understudy.collecting.CollectingFixture.START;
import static io.understudy.collecting.CollectingFixture.live;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.evidence.WindowCounts;
import io.understudy.evidence.WindowCountsCodec;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.Arm;
import io.understudy.schema.EvidenceBlock;
import io.understudy.schema.MetricTally;
import io.understudy.schema.PartialEvidence;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.StageEvidenceState;
import io.understudy.schema.Verdict;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class MergedEvidenceTest {

    private static final Instant NOW = START.plusSeconds(100);

    private final LiveRollout live =
            live(CANARY.replace("canary, share: 50%", "canary, share: 50%, minimum: {units: 1000}"));
    private final MergedEvidence merged = MergedEvidence.empty(live);

    @Test
    void judgesAWindowWhenEveryPartitionHasClosedIt() {
        assertThat(merged.add(partial(0, 2, 5, window(0, 30)), NOW)).isEmpty();
        List<RolloutEvaluation> evaluations = merged.add(partial(1, 2, 5, window(0, 12)), NOW);
        assertThat(evaluations).singleElement().satisfies(evaluation -> {
            assertThat(evaluation.getWindowStart()).isEqualTo(START);
            assertThat(evaluation.getWindowEnd()).isEqualTo(START.plusSeconds(5));
            assertThat(evaluation.getExisting().getRequests()).isEqualTo(42);
            assertThat(evaluation.getVerdict()).isEqualTo(Verdict.HOLD);
            assertThat(evaluation.getCode()).isEqualTo(ReasonCode.BELOW_MINIMUM.name());
            assertThat(evaluation.getAt()).isEqualTo(NOW);
        });
    }

    @Test
    void givesTheSameEvaluationsInWhateverOrderPartitionsReport() {
        MergedEvidence other = MergedEvidence.empty(live);
        merged.add(partial(0, 2, 5, window(0, 30)), NOW);
        other.add(partial(1, 2, 5, window(0, 12)), NOW);
        assertThat(other.add(partial(0, 2, 5, window(0, 30)), NOW))
                .isEqualTo(merged.add(partial(1, 2, 5, window(0, 12)), NOW));
    }

    @Test
    void countsAPartThatIsDeliveredTwiceOnce() {
        merged.add(partial(0, 2, 5, window(0, 30)), NOW);
        merged.add(partial(0, 2, 5, window(0, 30)), NOW);
        List<RolloutEvaluation> evaluations = merged.add(partial(1, 2, 5, window(0, 12)), NOW);
        assertThat(evaluations.get(0).getExisting().getRequests()).isEqualTo(42);
    }

    @Test
    void judgesSeveralWindowsThatBecomeCompleteAtOnceInTheirOrder() {
        merged.add(partial(0, 2, 10, window(0, 5), window(5, 6)), NOW);
        assertThat(merged.add(partial(1, 2, 10), NOW))
                .extracting(RolloutEvaluation::getWindowStart)
                .containsExactly(START, START.plusSeconds(5));
    }

    @Test
    void judgesTimeWithoutRecordsOnlyWhenTheVerdictChanges() {
        merged.add(partial(0, 1, 5, window(0, 30)), NOW);
        assertThat(merged.add(partial(0, 1, 30), NOW)).as("still HOLD").isEmpty();
        LiveRollout silent = live(CANARY);
        MergedEvidence unheard = MergedEvidence.empty(silent);
        assertThat(unheard.add(partial(0, 1, 120), NOW))
                .singleElement()
                .satisfies(evaluation -> assertThat(evaluation.getVerdict()).isEqualTo(Verdict.NO_DATA));
    }

    @Test
    void repeatsItsVerdictForANewVersionOfTheState() {
        MergedEvidence silent = MergedEvidence.empty(live(CANARY));
        silent.add(partial(0, 1, 120), NOW);
        assertThat(silent.add(partial(0, 1, 125), NOW)).isEmpty();
        PartialEvidence resumed = PartialEvidence.newBuilder(partial(0, 1, 130))
                .setStateVersion(9)
                .build();
        assertThat(silent.add(resumed, NOW))
                .singleElement()
                .satisfies(
                        evaluation -> assertThat(evaluation.getStateVersion()).isEqualTo(9));
    }

    @Test
    void waitsForPartitionsThatWereAddedLater() {
        merged.add(partial(0, 1, 5, window(0, 30)), NOW);
        assertThat(merged.add(partial(0, 2, 10, window(5, 30)), NOW)).isEmpty();
        assertThat(merged.add(partial(1, 2, 10), NOW)).hasSize(1);
    }

    @Test
    void continuesFromWhatItKept() {
        merged.add(partial(0, 2, 5, window(0, 30)), NOW);
        StageEvidenceState kept = merged.save();
        MergedEvidence restored = MergedEvidence.restore(live, kept);
        assertThat(restored.add(partial(1, 2, 5, window(0, 12)), NOW))
                .isEqualTo(merged.add(partial(1, 2, 5, window(0, 12)), NOW));
        assertThat(restored.save()).isEqualTo(merged.save());
    }

    @Test
    void evidenceThatCannotBeMergedIsTheJudgesFaultAndNoModels() {
        EvidenceBlock strange = EvidenceBlock.newBuilder(window(0, 1))
                .setMetrics(List.of(
                        MetricTally.newBuilder().build(),
                        MetricTally.newBuilder().build()))
                .build();
        assertThat(merged.add(partial(0, 1, 5, strange), NOW)).singleElement().satisfies(evaluation -> {
            assertThat(evaluation.getVerdict()).isEqualTo(Verdict.ERROR);
            assertThat(evaluation.getCode()).isEqualTo(ReasonCode.JUDGE_FAILED.name());
        });
        assertThat(merged.add(partial(0, 1, 10, window(5, 1)), NOW).get(0).getVerdict())
                .isEqualTo(Verdict.HOLD);
    }

    @Test
    void aWindowThatFailsHalfwayLeavesTheEvidenceAsItWas() {
        LiveRollout twoMetrics = live(CANARY.replace(
                "stages:", "  - {name: slow, kind: latency-over, role: guardrail, margin: 2, threshold: 1s}\nstages:"));
        MergedEvidence evidence = MergedEvidence.empty(twoMetrics);
        evidence.add(partial(0, 1, 5, twice(window(0, 30))), NOW);
        EvidenceBlock tooMany = withMetric(
                window(5, 40),
                MetricTally.newBuilder()
                        .setCounts(List.of(Long.MAX_VALUE, 0L, 1L, 0L))
                        .build());
        StageEvidenceState before = evidence.save();

        RolloutEvaluation failed = evidence.add(partial(0, 1, 10, tooMany), NOW).get(0);
        StageEvidenceState after = evidence.save();
        RolloutEvaluation next = MergedEvidence.restore(twoMetrics, after)
                .add(partial(0, 1, 15, twice(window(10, 2))), NOW)
                .get(0);

        assertThat(failed.getCode()).isEqualTo(ReasonCode.JUDGE_FAILED.name());
        assertThat(after.getFailedWindows()).isEqualTo(1);
        assertThat(StageEvidenceState.newBuilder(after)
                        .setFailedWindows(0)
                        .setJudgedTo(before.getJudgedTo())
                        .setCompleteTo(before.getCompleteTo())
                        .setLastVerdict(before.getLastVerdict())
                        .build())
                .isEqualTo(before);
        assertThat(next.getVerdict()).isEqualTo(Verdict.CONTINUE);
        assertThat(next.getExisting().getRequests()).isEqualTo(32);
        assertThat(next.getWarnings())
                .contains("windows that could not be merged into the evidence and are left out: 1");
    }

    /** The window with the counts of its metric for a second one. */
    private static EvidenceBlock twice(EvidenceBlock window) {
        return withMetric(window, window.getMetrics().get(0));
    }

    private static EvidenceBlock withMetric(EvidenceBlock window, MetricTally second) {
        return EvidenceBlock.newBuilder(window)
                .setMetrics(List.of(window.getMetrics().get(0), second))
                .build();
    }

    private EvidenceBlock window(int startSecond, int existingRequests) {
        WindowCounts window = WindowCounts.empty(live.stage(), false);
        for (int i = 0; i < existingRequests; i++) {
            window.request(Arm.EXISTING, null);
            window.observe(0, Arm.EXISTING, 0, 0);
        }
        window.request(Arm.CANDIDATE, null);
        window.observe(0, Arm.CANDIDATE, 0, 0);
        return WindowCountsCodec.encode(window, START.plusSeconds(startSecond));
    }

    private PartialEvidence partial(int partition, int partitions, int completeToSecond, EvidenceBlock... windows) {
        return PartialEvidence.newBuilder()
                .setDeployment("d")
                .setRollout(live.rollout().getId())
                .setStage(0)
                .setEpoch(1)
                .setStateVersion(2)
                .setPartition(partition)
                .setPartitions(partitions)
                .setCompleteTo(START.plusSeconds(completeToSecond))
                .setBlocks(List.of(windows))
                .build();
    }
}
