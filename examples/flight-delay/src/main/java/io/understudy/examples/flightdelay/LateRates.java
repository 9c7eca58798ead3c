package io.understudy.examples.flightdelay;

import java.util.Map;
import java.util.TreeMap;

/**
 * The late rate of flights from, or to, each airport: {@code (late + 100 r) / (flights + 100)}, where r is the overall
 * rate. The rate of an airport with few flights stays close to r.
 */
public final class LateRates {

    private static final double PRIOR_FLIGHTS = 100;

    private final Map<String, long[]> counts = new TreeMap<>();
    private long flights;
    private long late;

    /** Adds a flight of {@code airport}. */
    public void add(String airport, boolean isLate) {
        long[] count = counts.computeIfAbsent(airport, absent -> new long[2]);
        count[0]++;
        flights++;
        if (isLate) {
            count[1]++;
            late++;
        }
    }

    /** The rate over all airports, 0 to 1. */
    public double overall() {
        return (double) late / flights;
    }

    /** The rate of each airport, 0 to 1. */
    public Map<String, Double> byAirport() {
        Map<String, Double> rates = new TreeMap<>();
        counts.forEach((airport, count) ->
                rates.put(airport, (count[1] + PRIOR_FLIGHTS * overall()) / (count[0] + PRIOR_FLIGHTS)));
        return rates;
    }
}
