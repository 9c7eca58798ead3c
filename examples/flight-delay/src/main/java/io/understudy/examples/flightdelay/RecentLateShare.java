package io.understudy.examples.flightdelay;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * The share of late flights among the recent departures of an origin. Each landed flight has the weight {@code
 * 2^(-age/120 min)}, with its age measured from landing. Five imaginary flights with the prior rate keep the share
 * defined. Flights in the air do not count, because their delay is not known yet. Flights must be passed in order of
 * departure.
 */
public final class RecentLateShare {

    private static final double HALF_LIFE_MILLIS = 120 * 60_000.0;
    private static final double PRIOR_FLIGHTS = 5;

    private final double priorRate;
    private final PriorityQueue<Flight> inTheAir = new PriorityQueue<>(Comparator.comparingLong(Flight::landedAt));
    private final Map<String, Decayed> byOrigin = new HashMap<>();

    /** Creates shares that shrink towards {@code priorRate}, 0 to 1. */
    public RecentLateShare(double priorRate) {
        this.priorRate = priorRate;
    }

    /**
     * The share at the origin of the flight at its departure, 0 to 1. Adds the flight, which counts once it has landed.
     */
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
        return (decayed.late + PRIOR_FLIGHTS * priorRate) / (decayed.flights + PRIOR_FLIGHTS);
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
