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
 * A stage's evidence, and its final finding if there is one. ABORT is final, and so is what a fixed test finds at its
 * end. INVALID is not: it stands while the evidence says so, and afterwards the warnings say that it stood. A ruling is a pure function of the windows absorbed and of the time since the stage
 * began. Mutable, for one thread.
 */
public final class JudgedStage {

    private final StageEvidence evidence;
    private Optional<Finding> latched;
    private Optional<ReasonCode> earlierInvalid;

    private JudgedStage(StageEvidence evidence, Optional<Finding> latched, Optional<ReasonCode> earlierInvalid) {
        this.evidence = evidence;
        this.latched = latched;
        this.earlierInvalid = earlierInvalid;
    }

    /** No evidence yet, for the plan's stage number {@code stage}, from 0. */
    public static JudgedStage empty(EvidencePlan plan, int stage) {
        return new JudgedStage(StageEvidence.empty(plan, stage), Optional.empty(), Optional.empty());
    }

    /** The stage as {@link #save} wrote it, under the same plan. */
    public static JudgedStage restore(StageEvidenceState saved, EvidencePlan plan, int stage) {
        // Earlier versions made INVALID final, some of them without a code.
        boolean invalid = saved.getLatched() == Verdict.INVALID;
        Optional<ReasonCode> earlierInvalid = invalid
                ? Optional.of(ReasonCode.read(saved.getLatchedCode()))
                : Optional.ofNullable(saved.getEarlierInvalidCode()).map(ReasonCode::read);
        Optional<Finding> latched = Optional.ofNullable(saved.getLatched())
                .filter(verdict -> !invalid)
                .map(verdict -> new Finding(
                        verdict, new Recorded(ReasonCode.nameOf(saved.getLatchedCode()), saved.getLatchedReason())));
        return new JudgedStage(StageEvidenceCodec.decode(saved, plan, stage), latched, earlierInvalid);
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
        if (finding.verdict() == Verdict.INVALID) {
            earlierInvalid = Optional.of(finding.code());
        }
        return RulingReport.of(snapshot, finding, earlierInvalid);
    }

    private static boolean isFinal(Verdict verdict, boolean fixed) {
        return switch (verdict) {
            case ABORT -> true;
            case PASS, INCONCLUSIVE -> fixed;
            case INVALID, CONTINUE, HOLD, NO_DATA, ERROR, UNKNOWN -> false;
        };
    }

    /** Writes everything to {@code record}. */
    public StageEvidenceState.Builder save(StageEvidenceState.Builder record) {
        return StageEvidenceCodec.encode(evidence, record)
                .setEarlierInvalidCode(earlierInvalid.map(ReasonCode::name).orElse(null))
                .setLatched(latched.map(Finding::verdict).orElse(null))
                .setLatchedCode(
                        latched.map(finding -> finding.reason().codeName()).orElse(null))
                .setLatchedReason(
                        latched.map(finding -> ReasonText.of(finding.reason())).orElse(null));
    }
}
