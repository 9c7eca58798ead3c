package io.understudy.judging;

import io.understudy.reason.ReasonCode;
import io.understudy.schema.ArmTotals;
import io.understudy.schema.Disagreement;
import io.understudy.schema.MetricEvaluation;
import io.understudy.schema.Verdict;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the judge says after a window, with all that it goes by.
 *
 * @param verdict the verdict
 * @param code why, as the name of a code that programs can match; another version may have given it
 * @param reason why, in words and numbers
 * @param metrics evidence by metric
 * @param existing traffic of the existing model's arm; null when the judge failed
 * @param candidate traffic of the candidate's arm; null when the judge failed
 * @param scoreEdges edges of the bins that both arms' scores are counted in
 * @param sampleRatioEvidence log evidence that units do not arrive as the shares say
 * @param remainingUnits units of the smaller arm that a decision is expected to take still
 * @param warnings what a reader should know first
 * @param disagreements in shadow, the window's largest disagreements
 */
public record Ruling(
        Verdict verdict,
        String code,
        String reason,
        List<MetricEvaluation> metrics,
        @Nullable ArmTotals existing,
        @Nullable ArmTotals candidate,
        List<Double> scoreEdges,
        double sampleRatioEvidence,
        Optional<Long> remainingUnits,
        List<String> warnings,
        List<Disagreement> disagreements) {

    /** The ruling when the judge itself failed: neither model is to blame. */
    public static Ruling failed(String why) {
        return new Ruling(
                Verdict.ERROR,
                ReasonCode.JUDGE_FAILED.name(),
                "the judge failed: " + why,
                List.of(),
                null,
                null,
                List.of(),
                0,
                Optional.empty(),
                List.of(),
                List.of());
    }

    /** Whether the verdict ends the stage, one way or the other. */
    public boolean isDecisive() {
        return switch (verdict) {
            case PASS, ABORT, INVALID, INCONCLUSIVE -> true;
            case CONTINUE, HOLD, NO_DATA, ERROR, UNKNOWN -> false;
        };
    }
}
