package io.understudy.examples.flightdelay.training;

/**
 * A flight as training sees it.
 *
 * @param features in the order of {@link io.understudy.examples.flightdelay.FlightFeatures#NAMES}
 * @param late whether it was
 */
record Row(double[] features, boolean late) {}
