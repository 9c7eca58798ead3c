package io.understudy.judging;

import static io.understudy.testing.Plans.byRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.evidence.WindowCounts;
import io.understudy.plan.EvidencePlan;
import io.understudy.schema.Arm;
import io.understudy.schema.StageEvidenceState;
import io.understudy.schema.Verdict;
import io.understudy.testing.Plans;
import io.understudy.testing.Windows;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class JudgedStageStateTest {

    private static final Duration END = Duration.ofSeconds(5);

    private static final Duration ELAPSED = Duration.ofMinutes(10);
    private static final String ERRORS = "kind: error-rate, role: guardrail, margin: 2, limit: 0.1";
    private static final EvidencePlan PLAN = byRequest(Plans.AB, ERRORS);
    private static final EvidencePlan FIXED = byRequest(Plans.AB + ", test: fixed, maximum: {units: 400}", ERRORS);

    private static WindowCounts window(EvidencePlan plan, int requests, double existingRate, double candidateRate) {
        WindowCounts window = Windows.empty(plan);
        for (int i = 0; i < requests; i++) {
            window.request(Arm.EXISTING, null);
            window.request(Arm.CANDIDATE, null);
            window.observe(0, Arm.EXISTING, 0, i < existingRate * requests ? 1 : 0);
            window.observe(0, Arm.CANDIDATE, 0, i < candidateRate * requests ? 1 : 0);
        }
        return window;
    }

    private static JudgedStage judged(EvidencePlan plan, WindowCounts... windows) {
        JudgedStage stage = JudgedStage.empty(plan, 0);
        for (WindowCounts window : windows) {
            stage.absorb(window, END);
        }
        stage.rule(ELAPSED);
        return stage;
    }

    private static StageEvidenceState kept(JudgedStage stage) {
        return stage.save(StageEvidenceState.newBuilder()
                        .setDeployment("d")
                        .setRollout("r")
                        .setStage(0)
                        .setEpoch(1)
                        .setStateVersion(1)
                        .setJudgedTo(0))
                .build();
    }

    private static JudgedStage restored(StageEvidenceState kept, EvidencePlan plan) throws IOException {
        byte[] bytes = StageEvidenceState.getEncoder().encode(kept).array();
        return JudgedStage.restore(StageEvidenceState.getDecoder().decode(bytes), plan, 0);
    }

    @Test
    void anAbortSurvivesWithItsCodeAndItsText() throws IOException {
        JudgedStage aborted = judged(PLAN, window(PLAN, 500, 0, 0.5));
        Ruling before = aborted.rule(ELAPSED);

        JudgedStage restored = restored(kept(aborted), PLAN);
        restored.absorb(window(PLAN, 20_000, 0, 0), END);
        Ruling after = restored.rule(ELAPSED);

        assertThat(after.verdict()).isEqualTo(Verdict.ABORT);
        assertThat(after.code()).isEqualTo(before.code()).isEqualTo("LIMIT_EXCEEDED");
        assertThat(after.reason()).isEqualTo(before.reason());
        assertThat(after.candidate().getRequests()).as("evidence goes on").isEqualTo(20_500);
    }

    @Test
    void aStandingFindingIsStoredAgainUnchanged() throws IOException {
        StageEvidenceState kept = kept(judged(PLAN, window(PLAN, 500, 0, 0.5)));

        JudgedStage restored = restored(kept, PLAN);

        assertThat(kept(restored)).isEqualTo(kept);
        assertThat(kept.getLatchedCode()).isEqualTo("LIMIT_EXCEEDED");
    }

    @Test
    void anInvalidVerdictThatAnEarlierVersionMadeFinalIsJudgedAgain() throws IOException {
        StageEvidenceState earlier = StageEvidenceState.newBuilder(kept(judged(PLAN, window(PLAN, 50, 0, 0))))
                .setLatched(Verdict.INVALID)
                .setLatchedReason("as an earlier version said it")
                .setLatchedCode("LABELLED_RATIO_MISMATCH")
                .build();

        Ruling ruling = restored(earlier, PLAN).rule(ELAPSED);

        assertThat(ruling.verdict()).isNotEqualTo(Verdict.INVALID);
        assertThat(ruling.warnings()).anyMatch(warning -> warning.contains("LABELLED_RATIO_MISMATCH"));
    }

    @Test
    void aRecordOfAnEarlierVersionHasNoCodeAndKeepsItsText() throws IOException {
        StageEvidenceState earlier = StageEvidenceState.newBuilder(kept(judged(PLAN, window(PLAN, 50, 0, 0))))
                .setLatched(Verdict.ABORT)
                .setLatchedReason("as an earlier version said it")
                .setLatchedCode(null)
                .build();

        Ruling ruling = restored(earlier, PLAN).rule(ELAPSED);

        assertThat(ruling.verdict()).isEqualTo(Verdict.ABORT);
        assertThat(ruling.code()).isEqualTo("UNKNOWN");
        assertThat(ruling.reason()).isEqualTo("as an earlier version said it");
    }

    @Test
    void aCodeOfALaterVersionIsKept() throws IOException {
        StageEvidenceState later = StageEvidenceState.newBuilder(kept(judged(PLAN, window(PLAN, 50, 0, 0))))
                .setLatched(Verdict.ABORT)
                .setLatchedReason("as a later version says it")
                .setLatchedCode("SOMETHING_NEW")
                .build();

        JudgedStage restored = restored(later, PLAN);

        assertThat(restored.rule(ELAPSED).code()).isEqualTo("SOMETHING_NEW");
        assertThat(kept(restored)).isEqualTo(later);
    }

    @Test
    void aSequentialPassDoesNotStand() {
        JudgedStage passed = judged(PLAN, window(PLAN, 2000, 0.02, 0));

        assertThat(passed.rule(ELAPSED).verdict()).isEqualTo(Verdict.PASS);
        assertThat(kept(passed).getLatched()).isNull();
        assertThat(kept(passed).getLatchedCode()).isNull();
        assertThat(kept(passed).getLatchedReason()).isNull();
    }

    @Test
    void theFindingOfAFixedTestAtItsEndStands() throws IOException {
        JudgedStage passed = judged(FIXED, window(FIXED, 2000, 0.05, 0));

        JudgedStage restored = restored(kept(passed), FIXED);
        restored.absorb(window(FIXED, 2000, 0, 0.09), END);

        assertThat(restored.rule(ELAPSED).verdict()).isEqualTo(Verdict.PASS);
        assertThat(restored.rule(ELAPSED).code()).isEqualTo("STAGE_PASSED");
    }

    @Test
    void theFindingOfAFixedTestBeforeItsEndDoesNotStand() {
        JudgedStage waiting = judged(FIXED, window(FIXED, 100, 0, 0));

        assertThat(waiting.rule(ELAPSED).code()).isEqualTo("FIXED_TEST_WAITS");
        assertThat(kept(waiting).getLatched()).isNull();
    }

    @Test
    void anInconclusiveFixedTestStands() {
        JudgedStage inconclusive = judged(FIXED, window(FIXED, 400, 0.05, 0.06));

        assertThat(kept(inconclusive).getLatched()).isEqualTo(Verdict.INCONCLUSIVE);
    }
}
