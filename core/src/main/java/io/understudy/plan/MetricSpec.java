package io.understudy.plan;

import io.understudy.schema.MetricRole;
import io.understudy.statistics.Side;
import java.time.Duration;
import java.util.Optional;

/**
 * A metric as the rollout's author declares it.
 *
 * @param name the name, unique in the rollout
 * @param kind what the metric measures
 * @param role what the metric decides
 * @param better the direction that is better, GREATER or LESS
 * @param mde the effect worth detecting: greater than 1, an odds ratio of rates; otherwise a difference in the metric's
 *     unit, greater than 0. Required for success metrics
 * @param margin how much worse a guardrail may be, in the same terms as {@code mde}; for agreement, the fraction of
 *     requests on which the models may differ. Required for guardrails
 * @param minimum units that each arm must have before the metric decides anything, at least 0
 * @param threshold milliseconds for latency-over, a score for accuracy
 * @param outcome the name of the outcome that the metric reads; empty for any outcome
 * @param cap the value to which greater values are cut
 * @param tolerance the difference up to which two scores still agree
 * @param limit the absolute rate that the candidate must not exceed, between 0 and 1
 * @param negligible the rate below which the candidate counts as free of faults, between 0 and 1; 0 for no such rate
 * @param bounds the lowest and highest possible value, if the metric is to be judged as a bounded one, without a gate
 * @param maturity how long after its request an observation is counted, with the outcome that is known by then; empty
 *     if it is counted when the outcome arrives
 */
public record MetricSpec(
        String name,
        MetricKind kind,
        MetricRole role,
        Side better,
        Optional<Double> mde,
        Optional<Double> margin,
        long minimum,
        Optional<Double> threshold,
        Optional<String> outcome,
        Optional<Double> cap,
        double tolerance,
        Optional<Double> limit,
        double negligible,
        Optional<Bounds> bounds,
        Optional<Duration> maturity) {

    /**
     * The values between which all observations lie.
     *
     * @param low the lowest value
     * @param high the highest value
     */
    public record Bounds(double low, double high) {}

    /** 1 if higher values are better, -1 if lower ones are. */
    public double sign() {
        return better == Side.GREATER ? 1 : -1;
    }

    /** Whether {@code effect} is an odds ratio and not a difference. */
    public static boolean isOddsRatio(double effect) {
        return effect > 1;
    }

    /** The effect at which the tests are most sensitive: the mde, or the margin of a guardrail without an mde. */
    public Optional<Double> scale() {
        return mde.or(() -> margin);
    }

    /** Whether the metric can cause or prevent a verdict. */
    public boolean decides() {
        return role == MetricRole.SUCCESS || role == MetricRole.GUARDRAIL;
    }
}
