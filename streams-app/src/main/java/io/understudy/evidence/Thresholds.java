package io.understudy.evidence;

import io.understudy.schema.MetricRole;

/**
 * What log evidence must reach. Every claim that could alone bring about a wrong verdict shares the verdict's alpha: success metrics,
 * one of which is enough to pass, share alpha; whatever could abort, in any stage, shares the alpha of aborting. Guardrails need no
 * correction: all of them must hold.
 */
record Thresholds(double superior, double nonInferior, double harm) {

    /** A sample ratio is off, at any look, with this chance by accident. */
    static final double ALARM = Math.log(1000);

    static Thresholds of(EvidencePlan plan, StagePlan stage) {
        long success = stage.metrics().stream()
                .filter(metric -> metric.role() == MetricRole.SUCCESS)
                .count();
        long grounds = stage.metrics().stream().filter(MetricSpec::decides).count()
                + stage.metrics().stream()
                        .filter(metric -> metric.limit().isPresent())
                        .count();
        return new Thresholds(
                Math.log(Math.max(1, success) / plan.alpha()),
                Math.log(1 / plan.alpha()),
                Math.log(Math.max(1, grounds) * plan.stages().size() / plan.alphaAbort()));
    }

    /** What a metric's own claim must reach. */
    double of(MetricRole role) {
        return role == MetricRole.SUCCESS ? superior : nonInferior;
    }
}
