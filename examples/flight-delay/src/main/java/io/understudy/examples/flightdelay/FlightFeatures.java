package io.understudy.examples.flightdelay;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Computes the features of a flight at its departure. Flights must be passed in order of departure. */
public final class FlightFeatures {

    /** The names of the features, in the order of the candidate's vector. */
    public static final List<String> NAMES = List.of(
            "hour", "weekday", "distance", "origin_late_rate", "destination_late_rate", "origin_recent_late_share");

    private final Airports airports;
    private final RecentLateShare recent;

    /** Creates features with the late rates from the training data. */
    public FlightFeatures(Airports airports) {
        this.airports = airports;
        this.recent = new RecentLateShare(airports.overall());
    }

    /**
     * The features of a flight: hour 0 to 23 and weekday 1 (Monday) to 7 on the clock of the origin, distance in miles,
     * and three late rates, 0 to 1.
     */
    public double[] of(Flight flight) {
        return new double[] {
            flight.departure().getHour(),
            flight.departure().getDayOfWeek().getValue(),
            flight.distance(),
            airports.origin(flight.origin()),
            airports.destination(flight.destination()),
            recent.atDepartureOf(flight)
        };
    }

    /** The features by name, as in a request. */
    public Map<String, Object> named(Flight flight) {
        double[] values = of(flight);
        Map<String, Object> features = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            features.put(NAMES.get(i), values[i]);
        }
        return features;
    }
}
