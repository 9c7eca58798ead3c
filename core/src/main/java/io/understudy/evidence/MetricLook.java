package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import java.util.Optional;

/**
 * The evidence about one metric at one look. Effects are in the metric's effect unit: candidate minus existing, or the
 * log odds ratio.
 *
 * @param spec the metric
 * @param existing the existing model's arm
 * @param candidate the candidate's arm
 * @param effect the effect; NaN when undefined
 * @param standardError the effect's standard error; NaN for a method without one
 * @param low lower end of the effect's confidence sequence; NaN or infinite where it has none
 * @param high upper end of the effect's confidence sequence; NaN or infinite where it has none
 * @param allowance how much worse the candidate may be, at least 0; 0 without a margin
 * @param worthwhile the smallest improvement worth having, greater than 0; NaN when none is declared
 * @param superior evidence that the candidate is better
 * @param nonInferior evidence that the candidate is not worse by the margin
 * @param harm evidence that the candidate is worse; for a guardrail, by more than its margin
 * @param recent what the evidence of harm since later starts shows
 * @param cycles what the whole cycles of the stage show; empty if it is not judged over cycles
 * @param overLimit ln E that the candidate's rate is over the metric's absolute limit; 0
 *     without a limit
 * @param looksNegligible whether the candidate's estimated rate of faults is negligible
 * @param shortfall the data that are still missing before the method is valid; empty when none are
 * @param data what is wrong with the outcomes and answers that the metric reads
 */
public record MetricLook(
        MetricSpec spec,
        ArmLook existing,
        ArmLook candidate,
        double effect,
        double standardError,
        double low,
        double high,
        double allowance,
        double worthwhile,
        ClaimLook superior,
        ClaimLook nonInferior,
        ClaimLook harm,
        RecentLook recent,
        Optional<CycleLook> cycles,
        double overLimit,
        boolean looksNegligible,
        Optional<Shortfall> shortfall,
        DataQuality data) {

    /** The evidence for {@code claim}. */
    public ClaimLook of(Claim claim) {
        return switch (claim) {
            case SUPERIOR -> superior;
            case NON_INFERIOR -> nonInferior;
            case HARM -> harm;
        };
    }
}
