package io.understudy.examples.flightdelay;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * A file of flights in order of departure: CSV with the columns {@code departure} (local time, ISO), {@code delay}
 * (minutes), {@code distance} (miles), {@code origin} and {@code destination}; gzipped when its name ends in {@code
 * .gz}.
 */
public final class FlightFile {

    private static final List<String> COLUMNS = List.of("departure", "delay", "distance", "origin", "destination");

    private FlightFile() {}

    /**
     * The flights, read lazily. The caller must close the stream.
     *
     * @throws IllegalArgumentException when a column is missing; the stream throws it for a row that is not a flight
     */
    public static Stream<Flight> read(Path file) throws IOException {
        InputStream bytes = Files.newInputStream(file);
        if (file.toString().endsWith(".gz")) {
            bytes = new GZIPInputStream(bytes, 1 << 16);
        }
        CSVParser parser = CSVFormat.DEFAULT
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get()
                .parse(new BufferedReader(new InputStreamReader(bytes, UTF_8)));
        if (!parser.getHeaderNames().containsAll(COLUMNS)) {
            parser.close();
            throw new IllegalArgumentException(
                    file + " has the columns " + parser.getHeaderNames() + "; it must have " + COLUMNS);
        }
        return parser.stream().map(row -> flight(file, row)).onClose(() -> close(parser));
    }

    private static Flight flight(Path file, CSVRecord row) {
        try {
            return new Flight(
                    LocalDateTime.parse(row.get("departure")),
                    Integer.parseInt(row.get("delay")),
                    Integer.parseInt(row.get("distance")),
                    row.get("origin"),
                    row.get("destination"));
        } catch (DateTimeException | IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ", row " + row.getRecordNumber() + ": " + e.getMessage(), e);
        }
    }

    private static void close(CSVParser parser) {
        try {
            parser.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
