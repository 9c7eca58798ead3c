package io.understudy.examples.flightdelay;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Of an origin's recent departures that have landed, the share that was late: each flight counts {@code 2^(-age/120 min)}, its
 * age counted from landing, and five imaginary flights at the usual rate keep the share defined. Flights must come in order of
 * departure; one still in the air does not count, for nobody could know.
 */
public final class RecentLateShare {

    private static final double HALF_LIFE_MILLIS = 120 * 60_000.0;
    private static final double PRIOR_FLIGHTS = 5;

    private final double usual;
    private final PriorityQueue<Flight> inTheAir = new PriorityQueue<>(Comparator.comparingLong(Flight::landedAt));
    private final Map<String, Decayed> byOrigin = new HashMap<>();

    /** Shares shrunk towards {@code usual}, 0 to 1. */
    public RecentLateShare(double usual) {
        this.usual = usual;
    }

    /** The share at the flight's origin when it leaves, 0 to 1; takes note of the flight. */
    public double atDepartureOf(Flight flight) {
        long now = flight.departedAt();
        while (!inTheAir.isEmpty() && inTheAir.peek().landedAt() <= now) {
            Flight landed = inTheAir.poll();
            Decayed decayed = byOrigin.computeIfAbsent(landed.origin(), origin -> new Decayed());
            decayed.decayTo(landed.landedAt());
            decayed.flights++;
            decayed.late += landed.isLate() ? 1 : 0;
        }
        inTheAir.add(flight);
        Decayed decayed = byOrigin.computeIfAbsent(flight.origin(), origin -> new Decayed());
        decayed.decayTo(now);
        return (decayed.late + PRIOR_FLIGHTS * usual) / (decayed.flights + PRIOR_FLIGHTS);
    }

    private static final class Decayed {
        private double flights;
        private double late;
        private long at;

        private void decayTo(long time) {
            if (time > at) {
                double factor = Math.pow(2, -(time - at) / HALF_LIFE_MILLIS);
                flights *= factor;
                late *= factor;
                at = time;
            }
        }
    }
}
