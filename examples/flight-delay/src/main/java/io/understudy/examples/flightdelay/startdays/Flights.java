package io.understudy.examples.flightdelay.startdays;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.evidence.WindowCounts;
import io.understudy.examples.flightdelay.Airports;
import io.understudy.examples.flightdelay.Flight;
import io.understudy.examples.flightdelay.FlightFeatures;
import io.understudy.examples.flightdelay.FlightFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * All flights of a file, in order of departure, with their features.
 *
 * @param flights the flights
 * @param features the features of each flight, in the order of {@link FlightFeatures#NAMES}
 * @param services the service of each flight
 * @param inOrderOfLanding indexes of the flights in order of landing
 */
record Flights(List<Flight> flights, List<float[]> features, List<Service> services, int[] inOrderOfLanding) {

    /**
     * A route at an hour of the day.
     *
     * @param key the key of its requests
     * @param bytes the key as a record has it
     * @param group the group of keys that it belongs to in the evidence
     */
    record Service(String key, byte[] bytes, int group) {

        static Service of(String key) {
            byte[] bytes = key.getBytes(UTF_8);
            return new Service(key, bytes, WindowCounts.bucket(bytes));
        }
    }

    static Flights read(Path file, Airports airports) throws IOException {
        List<Flight> flights = new ArrayList<>();
        List<float[]> rows = new ArrayList<>();
        List<Service> services = new ArrayList<>();
        Map<String, Service> byKey = new HashMap<>();
        FlightFeatures features = new FlightFeatures(airports);
        try (Stream<Flight> read = FlightFile.read(file)) {
            read.forEach(flight -> {
                flights.add(flight);
                rows.add(floats(features.of(flight)));
                services.add(byKey.computeIfAbsent(flight.service(), Service::of));
            });
        }
        int[] landings = IntStream.range(0, flights.size())
                .boxed()
                .sorted(Comparator.comparingLong(i -> flights.get(i).landedAt()))
                .mapToInt(Integer::intValue)
                .toArray();
        return new Flights(flights, rows, services, landings);
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    int size() {
        return flights.size();
    }

    /** The index of the first flight that departs at {@code time} or later, milliseconds since 1970. */
    int firstFrom(long time) {
        int low = 0;
        int high = flights.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (flights.get(middle).departedAt() < time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The position in {@link #inOrderOfLanding} of the first flight that lands at {@code time} or later. */
    int firstLandingFrom(long time) {
        int low = 0;
        int high = inOrderOfLanding.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (flights.get(inOrderOfLanding[middle]).landedAt() < time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
