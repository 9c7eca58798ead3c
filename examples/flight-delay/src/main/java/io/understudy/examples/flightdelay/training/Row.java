package io.understudy.examples.flightdelay.training;

/**
 * One flight of the training data.
 *
 * @param features features, in the order of {@link io.understudy.examples.flightdelay.FlightFeatures#NAMES}
 * @param late whether the flight was late
 */
record Row(double[] features, boolean late) {}
