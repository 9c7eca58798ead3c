package io.understudy.judging;

import io.understudy.evidence.StageEvidence;
import io.understudy.evidence.StageEvidenceCodec;
import io.understudy.evidence.StageSnapshot;
import io.understudy.evidence.WindowCounts;
import io.understudy.judging.VerdictReason.Recorded;
import io.understudy.plan.EvidencePlan;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.StageEvidenceState;
import io.understudy.schema.Verdict;
import java.time.Duration;
import java.util.Optional;

/**
 * A stage's evidence, and its final finding if there is one. ABORT and INVALID are final, and so is what a
 * fixed test finds at its end. A ruling is a pure function of the windows absorbed and of the time since the stage
 * began. Mutable, for one thread.
 */
public final class JudgedStage {

    private final StageEvidence evidence;
    private Optional<Finding> latched;

    private JudgedStage(StageEvidence evidence, Optional<Finding> latched) {
        this.evidence = evidence;
        this.latched = latched;
    }

    /** No evidence yet, for the plan's stage number {@code stage}, from 0. */
    public static JudgedStage empty(EvidencePlan plan, int stage) {
        return new JudgedStage(StageEvidence.empty(plan, stage), Optional.empty());
    }

    /** The stage as {@link #save} wrote it, under the same plan. */
    public static JudgedStage restore(StageEvidenceState saved, EvidencePlan plan, int stage) {
        Optional<Finding> latched = Optional.ofNullable(saved.getLatched())
                .map(verdict -> new Finding(
                        verdict, new Recorded(ReasonCode.nameOf(saved.getLatchedCode()), saved.getLatchedReason())));
        return new JudgedStage(StageEvidenceCodec.decode(saved, plan, stage), latched);
    }

    /**
     * Adds a window, all its partitions together.
     *
     * @param end the time from the beginning of the stage to the end of the window
     */
    public void absorb(WindowCounts window, Duration end) {
        evidence.absorb(window, end);
    }

    /**
     * Rules on everything so far.
     *
     * @param elapsed from the stage's beginning to the end of the last window
     */
    public Ruling rule(Duration elapsed) {
        StageSnapshot snapshot = evidence.look(elapsed);
        Finding finding = latched.orElseGet(() -> Judge.judge(snapshot));
        if (isFinal(finding.verdict(), snapshot.stage().fixed())) {
            latched = Optional.of(finding);
        }
        return RulingReport.of(snapshot, finding);
    }

    private static boolean isFinal(Verdict verdict, boolean fixed) {
        return switch (verdict) {
            case ABORT, INVALID -> true;
            case PASS, INCONCLUSIVE -> fixed;
            case CONTINUE, HOLD, NO_DATA, ERROR, UNKNOWN -> false;
        };
    }

    /** Writes everything to {@code record}. */
    public StageEvidenceState.Builder save(StageEvidenceState.Builder record) {
        return StageEvidenceCodec.encode(evidence, record)
                .setLatched(latched.map(Finding::verdict).orElse(null))
                .setLatchedCode(
                        latched.map(finding -> finding.reason().codeName()).orElse(null))
                .setLatchedReason(
                        latched.map(finding -> ReasonText.of(finding.reason())).orElse(null));
    }
}
