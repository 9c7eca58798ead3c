package io.understudy.simulation;

import java.util.Map;

/**
 * What the world is like in a simulation.
 *
 * @param unitsPerWindow units of both arms together in each window
 * @param requestsPerKey requests of each unit
 * @param intraKeyCorrelation correlation of two observations of the same unit, 0 to 1
 * @param pairCorrelation in shadow, correlation of both models' observations of the same request, 0 to 1
 * @param baseRateSwing how far the base rate swings, 0 to 1: by this part of itself up and down
 * @param swingPeriod windows from one height to the next
 * @param metrics by metric
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
     * One metric's distributions.
     *
     * @param existing of the existing model
     * @param candidate of the candidate
     */
    record Arms(Distribution existing, Distribution candidate) {}

    /** The swing in window {@code window}, as {@link Distribution#draw} takes it. */
    double swing(int window) {
        return baseRateSwing == 0 ? 0 : Math.log1p(baseRateSwing * Math.sin(2 * Math.PI * window / swingPeriod));
    }
}
