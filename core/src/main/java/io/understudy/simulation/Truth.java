package io.understudy.simulation;

import java.util.Map;

/**
 * The truth behind a simulation: the traffic and the distributions from which its data are generated.
 *
 * @param unitsPerWindow number of units in both arms together in each window
 * @param requestsPerKey number of requests of each unit
 * @param intraKeyCorrelation correlation between two observations of the same unit, from 0 to less than 1
 * @param pairCorrelation in a shadow stage, correlation between both models' observations of the same request, from 0
 *     to less than 1
 * @param baseRateSwing the amplitude of the base rate's periodic swing, as a fraction of the base rate, from 0 to less
 *     than 1
 * @param swingPeriod the period of the swing in windows
 * @param metrics the distributions by metric name
 */
public record Truth(
        int unitsPerWindow,
        int requestsPerKey,
        double intraKeyCorrelation,
        double pairCorrelation,
        double baseRateSwing,
        int swingPeriod,
        Map<String, Arms> metrics) {

    /**
     * The distributions of one metric.
     *
     * @param existing distribution of the existing model's observations
     * @param candidate distribution of the candidate's observations
     */
    record Arms(Distribution existing, Distribution candidate) {}

    /** The swing in window {@code window}, in the form that {@link Distribution#draw} expects. */
    double swing(int window) {
        return baseRateSwing == 0 ? 0 : Math.log1p(baseRateSwing * Math.sin(2 * Math.PI * window / swingPeriod));
    }
}
