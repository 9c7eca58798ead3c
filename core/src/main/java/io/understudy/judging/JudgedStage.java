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
 * A stage's evidence, and the finding that stands on it. ABORT and INVALID stand whatever follows, and so does what a
 * fixed test finds at its end. A ruling is a pure function of the windows absorbed and of the time since the stage
 * began. Mutable, for one thread.
 */
public final class JudgedStage {

    private final StageEvidence evidence;
    private Optional<Finding> standing;

    private JudgedStage(StageEvidence evidence, Optional<Finding> standing) {
        this.evidence = evidence;
        this.standing = standing;
    }

    /** No evidence yet, for the plan's stage number {@code stage}, from 0. */
    public static JudgedStage empty(EvidencePlan plan, int stage) {
        return new JudgedStage(StageEvidence.empty(plan, stage), Optional.empty());
    }

    /** The stage as {@link #keep} wrote it down, under the same plan. */
    public static JudgedStage restore(StageEvidenceState kept, EvidencePlan plan, int stage) {
        Optional<Finding> standing = Optional.ofNullable(kept.getLatched())
                .map(verdict -> new Finding(
                        verdict, new Recorded(ReasonCode.read(kept.getLatchedCode()), kept.getLatchedReason())));
        return new JudgedStage(StageEvidenceCodec.decode(kept, plan, stage), standing);
    }

    /** Adds a window, all its partitions together. */
    public void absorb(WindowCounts window) {
        evidence.absorb(window);
    }

    /**
     * Rules on everything so far.
     *
     * @param elapsed from the stage's beginning to the end of the last window
     */
    public Ruling rule(Duration elapsed) {
        StageSnapshot snapshot = evidence.snapshot(elapsed);
        Finding finding = standing.orElseGet(() -> Judge.judge(snapshot));
        if (stands(finding.verdict(), snapshot.stage().fixed())) {
            standing = Optional.of(finding);
        }
        return RulingReport.of(snapshot, finding);
    }

    private static boolean stands(Verdict verdict, boolean fixed) {
        return switch (verdict) {
            case ABORT, INVALID -> true;
            case PASS, INCONCLUSIVE -> fixed;
            case CONTINUE, HOLD, NO_DATA, ERROR, UNKNOWN -> false;
        };
    }

    /** Writes everything down in {@code record}. */
    public StageEvidenceState.Builder keep(StageEvidenceState.Builder record) {
        return StageEvidenceCodec.encode(evidence, record)
                .setLatched(standing.map(Finding::verdict).orElse(null))
                .setLatchedCode(standing.map(finding -> finding.code().name()).orElse(null))
                .setLatchedReason(
                        standing.map(finding -> ReasonText.of(finding.reason())).orElse(null));
    }
}
