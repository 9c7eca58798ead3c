package io.understudy.plan;

import io.understudy.schema.MetricRole;
import io.understudy.statistics.Side;
import java.util.Optional;

/**
 * A metric as the rollout's author declares it.
 *
 * @param name its name, unique in the rollout
 * @param kind what it measures
 * @param role what it decides
 * @param better the direction that is better, GREATER or LESS
 * @param mde the effect worth detecting: over 1 an odds ratio, for rates; otherwise a difference in the metric's unit, over 0. Always
 *     present but for diagnostics
 * @param margin how much worse a guardrail may be, in the same terms; for agreement the share of requests that may differ
 * @param minimum units that each arm must have before the metric decides anything, at least 0
 * @param threshold milliseconds for latency-over, a score for accuracy
 * @param outcome name of the outcome it reads; empty: any
 * @param cap what a value is cut to
 * @param tolerance how far apart two scores may be and still agree
 * @param limit the absolute rate that must not be exceeded, between 0 and 1
 * @param negligible a rate below which the candidate is as good as without fault, between 0 and 1; 0: none is
 * @param bounds lowest and highest value, where the metric is to be judged as a bounded one, without a gate
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
        Optional<Bounds> bounds) {

    /**
     * Between which values observations lie.
     *
     * @param low the lowest
     * @param high the highest
     */
    public record Bounds(double low, double high) {}

    /** 1 where higher is better, -1 where lower is. */
    public double sign() {
        return better == Side.GREATER ? 1 : -1;
    }

    /** Whether {@code effect} is an odds ratio rather than a difference. */
    public static boolean isOddsRatio(double effect) {
        return effect > 1;
    }

    /** The effect that decides how keen the tests are: the mde, or the margin of a guardrail that has none. */
    public Optional<Double> scale() {
        return mde.or(() -> margin);
    }

    /** Whether the metric can bring about or prevent a verdict. */
    public boolean decides() {
        return role == MetricRole.SUCCESS || role == MetricRole.GUARDRAIL;
    }
}
