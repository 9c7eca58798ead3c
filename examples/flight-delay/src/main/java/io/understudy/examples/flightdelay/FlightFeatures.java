package io.understudy.examples.flightdelay;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a request tells the models about a flight that leaves now. Flights must come in order of departure. */
public final class FlightFeatures {

    /** The features, in the order of the candidate's vector. */
    public static final List<String> NAMES = List.of(
            "hour", "weekday", "distance", "origin_late_rate", "destination_late_rate", "origin_recent_late_share");

    private final Airports airports;
    private final RecentLateShare recent;

    /** Features with what training learnt about airports. */
    public FlightFeatures(Airports airports) {
        this.airports = airports;
        this.recent = new RecentLateShare(airports.overall());
    }

    /**
     * The flight's features: hour 0 to 23 and weekday 1 (Monday) to 7 on the origin's clock, distance in miles, and three rates
     * of being late, 0 to 1.
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

    /** The same by name, as a request carries them. */
    public Map<String, Object> named(Flight flight) {
        double[] values = of(flight);
        Map<String, Object> features = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            features.put(NAMES.get(i), values[i]);
        }
        return features;
    }
}
