package io.understudy.simulation;

import io.understudy.plan.MetricSpec;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The truth behind a simulation: the traffic and the distributions from which its data are generated.
 *
 * @param unitsPerWindow number of units in both arms together in each window
 * @param requestsPerKey number of requests of each unit in a window in which it comes
 * @param keys number of keys among which each unit is drawn, so that keys return; empty if every unit is new
 * @param intraKeyCorrelation correlation between two observations of the same unit, from 0 to less than 1
 * @param pairCorrelation in a shadow stage, correlation between both models' observations of the same request, from 0
 *     to less than 1
 * @param baseRateSwing the amplitude of the base rate's periodic swing, as a fraction of the base rate, from 0 to less
 *     than 1
 * @param swingPeriod the period of the swing in windows
 * @param labelDelay how long outcomes take
 * @param lostUnits the units that are assigned but never counted
 * @param ahead the requests whose clock is ahead
 * @param metrics the distributions by metric name
 */
public record Truth(
        int unitsPerWindow,
        int requestsPerKey,
        Optional<Integer> keys,
        double intraKeyCorrelation,
        double pairCorrelation,
        double baseRateSwing,
        int swingPeriod,
        LabelDelay labelDelay,
        LostUnits lostUnits,
        Ahead ahead,
        Map<String, MetricTruth> metrics) {

    /**
     * The units of each arm that are assigned but never counted, for example because their requests fail upstream.
     *
     * @param existing fraction of the existing model's units, 0 to 1
     * @param candidate fraction of the candidate's units, 0 to 1
     */
    record LostUnits(double existing, double candidate) {
        static final LostUnits NONE = new LostUnits(0, 0);
    }

    /**
     * Requests that are stamped with a time ahead of the others. They count in the window of their stamp, together with
     * requests that are made later.
     *
     * @param fraction fraction of the requests, 0 to 1
     * @param windows how far they are ahead, in windows
     */
    record Ahead(double fraction, int windows) {
        static final Ahead NONE = new Ahead(0, 0);
    }

    /** The truth of {@code spec}, a metric of the rollout that this truth was read for. */
    MetricTruth metric(MetricSpec spec) {
        return Objects.requireNonNull(metrics.get(spec.name()), spec.name());
    }

    /** Whether every unit is a request that is counted at once, with its outcome. */
    boolean isPlain() {
        return keys.isEmpty()
                && requestsPerKey == 1
                && labelDelay.equals(LabelDelay.NONE)
                && lostUnits.equals(LostUnits.NONE)
                && ahead.equals(Ahead.NONE);
    }

    /** The swing in window {@code window}, in the form that {@link Distribution#swung} expects. */
    double swing(int window) {
        return baseRateSwing == 0 ? 0 : Math.log1p(baseRateSwing * Math.sin(2 * Math.PI * window / swingPeriod));
    }
}
