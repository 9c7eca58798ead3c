package io.understudy.examples.flightdelay;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;

/**
 * The late rates of airports in the training data, stored next to the models: a feature store in one file.
 *
 * @param originLateRate fraction of late flights by airport of origin, 0 to 1
 * @param destinationLateRate fraction of late flights by airport of destination, 0 to 1
 * @param overall fraction of late flights, 0 to 1; used for airports that are not in the training data
 */
public record Airports(Map<String, Double> originLateRate, Map<String, Double> destinationLateRate, double overall) {

    private static final String OVERALL = "overall";

    /** Reads a file that {@link #write} wrote. */
    public static Airports read(Path file) throws IOException {
        Map<String, Double> origins = new HashMap<>();
        Map<String, Double> destinations = new HashMap<>();
        try (CSVParser parser = CSVFormat.DEFAULT
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get()
                .parse(Files.newBufferedReader(file))) {
            for (CSVRecord row : parser) {
                origins.put(row.get("airport"), Double.valueOf(row.get("origin_late_rate")));
                destinations.put(row.get("airport"), Double.valueOf(row.get("destination_late_rate")));
            }
        }
        return new Airports(origins, destinations, origins.remove(OVERALL));
    }

    /** Writes one row per airport, and one for all airports together. */
    public void write(Path file) throws IOException {
        try (Writer writer = Files.newBufferedWriter(file);
                CSVPrinter printer = CSVFormat.DEFAULT
                        .builder()
                        .setHeader("airport", "origin_late_rate", "destination_late_rate")
                        .setRecordSeparator('\n')
                        .get()
                        .print(writer)) {
            printer.printRecord(OVERALL, format(overall), format(overall));
            TreeSet<String> codes = new TreeSet<>(originLateRate.keySet());
            codes.addAll(destinationLateRate.keySet());
            for (String code : codes) {
                printer.printRecord(code, format(origin(code)), format(destination(code)));
            }
        }
    }

    private static String format(double rate) {
        return String.format(Locale.ROOT, "%.6f", rate);
    }

    double origin(String airport) {
        return originLateRate.getOrDefault(airport, overall);
    }

    double destination(String airport) {
        return destinationLateRate.getOrDefault(airport, overall);
    }
}
