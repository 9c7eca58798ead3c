package io.understudy.judging;

import io.understudy.evidence.MetricLook;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.StagePlan;
import io.understudy.schema.MetricRole;

/**
 * What log evidence must reach. Every claim that could alone bring about a wrong verdict shares the verdict's alpha:
 * success metrics, one of which is enough to pass, share alpha; whatever could abort, in any stage, shares the alpha of
 * aborting. Guardrails need no correction: all of them must hold.
 *
 * @param superior for a success metric to be better
 * @param nonInferior for a metric not to be worse
 * @param harm for harm, or for a rate over its absolute limit
 * @param recentHarm for harm since a single later start, which holds a PASS back
 */
record Thresholds(double superior, double nonInferior, double harm, double recentHarm) {

    /** Ratio checks raise a false alarm, at any look of the stage, with a chance of 1 in 1000. */
    static final double RATIO_MISMATCH = Math.log(1000);

    /** A ratio is worth a warning at a chance of 1 in 20. */
    static final double RATIO_WARNING = Math.log(20);

    static Thresholds of(EvidencePlan plan, StagePlan stage) {
        long grounds = stage.metrics().stream().filter(MetricSpec::decides).count()
                + stage.metrics().stream()
                        .filter(metric -> metric.limit().isPresent())
                        .count();
        return new Thresholds(
                Math.log(Math.max(1, stage.successMetrics()) / plan.alpha()),
                Math.log(1 / plan.alpha()),
                Math.log(Math.max(1, grounds) * plan.stages().size() / plan.alphaAbort()),
                Math.log(1 / plan.alphaAbort()));
    }

    /** What the claim of a metric in this role must reach. */
    double of(MetricRole role) {
        return role == MetricRole.SUCCESS ? superior : nonInferior;
    }

    /** Whether the metric is shown to be better and, in a stage that is judged over cycles, by their effects, too. */
    boolean isBetterShown(MetricLook metric) {
        return metric.superior().logEvidence() >= superior
                && metric.superior().isPointedTo()
                && metric.cycles().map(cycles -> cycles.superior() >= superior).orElse(true);
    }

    /**
     * Whether the metric is shown not to be worse and, in a stage that is judged over cycles, by their effects, too. A rate
     * of faults that is negligible needs no cycles: so rare a fault has no effect that could differ between them.
     */
    boolean isNotWorseShown(MetricLook metric) {
        return metric.nonInferior().logEvidence() >= nonInferior
                && (metric.looksNegligible()
                        || metric.nonInferior().isPointedTo()
                                && metric.cycles()
                                        .map(cycles -> cycles.nonInferior() >= nonInferior)
                                        .orElse(true));
    }

    /**
     * Whether the recent past speaks against a metric that holds since the beginning: since some later start harm would
     * be shown if that were the only start, or the estimate of the newer half of the stage points to harm.
     */
    boolean isRecentlyWorse(MetricLook metric) {
        return isNewerHalfWorse(metric)
                || metric.spec().decides() && metric.recent().logHarm() >= recentHarm;
    }

    /** Whether the estimate of the newer half of the stage points to harm. */
    boolean isNewerHalfWorse(MetricLook metric) {
        return metric.spec().decides() && metric.recent().newerHalfIsWorse();
    }

    /** Whether the metric is shown to be worse. */
    boolean isHarmShown(MetricLook metric) {
        return metric.spec().decides()
                && metric.harm().logEvidence() >= harm
                && metric.harm().isPointedTo();
    }

    /** Whether the metric is shown to be worse by the effects of whole cycles. */
    boolean isHarmShownOverCycles(MetricLook metric) {
        return metric.cycles().map(cycles -> cycles.harm() >= harm).orElse(false);
    }

    /** Whether the candidate's rate is shown to be over the metric's absolute limit. */
    boolean isLimitExceeded(MetricLook metric) {
        return metric.overLimit() >= harm
                && metric.spec()
                        .limit()
                        .map(limit -> metric.candidate().estimate() > limit)
                        .orElse(false);
    }
}
