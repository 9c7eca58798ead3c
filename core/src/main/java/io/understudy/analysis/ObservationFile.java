package io.understudy.analysis;

import io.understudy.plan.MetricSpec;
import io.understudy.schema.Arm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.DuplicateHeaderMode;

/**
 * Reads recorded data from CSV. The columns are {@code time} (ISO 8601, or milliseconds since 1970) and {@code key},
 * and either {@code arm} and a column for each metric or, for pairs, {@code existing.METRIC} and
 * {@code candidate.METRIC}. An empty cell is an unknown outcome.
 */
final class ObservationFile implements AutoCloseable {

    /** Some spreadsheets write it at the start of a file. */
    private static final int BYTE_ORDER_MARK = 0xFEFF;

    private static final String TIME = "time";
    private static final String ARM = "arm";
    private static final String KEY = "key";
    private static final String EXISTING = "existing.";
    private static final String CANDIDATE = "candidate.";

    private final CSVParser parser;

    ObservationFile(Reader source) throws IOException {
        BufferedReader reader = new BufferedReader(source);
        reader.mark(1);
        if (reader.read() != BYTE_ORDER_MARK) {
            reader.reset();
        }
        try {
            this.parser = CSVFormat.DEFAULT
                    .builder()
                    .setHeader()
                    .setSkipHeaderRecord(true)
                    .setDuplicateHeaderMode(DuplicateHeaderMode.DISALLOW)
                    .setTrim(true)
                    .setIgnoreEmptyLines(true)
                    .get()
                    .parse(reader);
        } catch (IllegalArgumentException e) {
            throw new InvalidDataException("the header line cannot be used: " + e.getMessage());
        }
        if (parser.getHeaderNames().isEmpty()) {
            throw new InvalidDataException("the data are empty; the first line must name the columns");
        }
    }

    /** Whether the rows are pairs. */
    boolean isPaired() {
        List<String> columns = parser.getHeaderNames();
        boolean paired = columns.stream().anyMatch(column -> column.startsWith(EXISTING));
        if (!paired && !columns.contains(ARM)) {
            throw new InvalidDataException("the data have neither a column " + ARM + " nor a column that begins with "
                    + EXISTING + "; the columns are " + String.join(", ", columns));
        }
        return paired;
    }

    /** The share of the candidate's rows, 0 to 1; 0 without rows. Reads the whole file. */
    double candidateShare() {
        long rows = 0;
        long candidateRows = 0;
        for (CSVRecord row : parser) {
            rows++;
            candidateRows += row.isConsistent() && "candidate".equalsIgnoreCase(row.get(ARM)) ? 1 : 0;
        }
        return rows == 0 ? 0 : (double) candidateRows / rows;
    }

    /** All rows in order of time, with the values of {@code metrics}. Reads the whole file. */
    List<Observation> read(List<MetricSpec> metrics) {
        boolean paired = isPaired();
        require(TIME);
        require(KEY);
        for (MetricSpec metric : metrics) {
            if (paired) {
                require(EXISTING + metric.name());
                require(CANDIDATE + metric.name());
            } else {
                require(metric.name());
            }
        }
        List<Observation> rows = new ArrayList<>();
        for (CSVRecord row : parser) {
            if (!row.isConsistent()) {
                throw new InvalidDataException("line " + parser.getCurrentLineNumber() + " has " + row.size()
                        + " cells; it must have " + parser.getHeaderNames().size());
            }
            rows.add(observation(row, paired, metrics));
        }
        rows.sort(Comparator.comparingLong(Observation::time));
        return rows;
    }

    private void require(String column) {
        if (!parser.getHeaderNames().contains(column)) {
            throw new InvalidDataException("the column " + column + " is missing; the columns are "
                    + String.join(", ", parser.getHeaderNames()));
        }
    }

    private Observation observation(CSVRecord row, boolean paired, List<MetricSpec> metrics) {
        return paired
                ? new Observation.Pair(
                        time(row), key(row), values(row, metrics, EXISTING), values(row, metrics, CANDIDATE))
                : new Observation.Single(time(row), arm(row), key(row), values(row, metrics, ""));
    }

    private double[] values(CSVRecord row, List<MetricSpec> metrics, String prefix) {
        double[] values = new double[metrics.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(row, metrics.get(i), prefix + metrics.get(i).name());
        }
        return values;
    }

    private double value(CSVRecord row, MetricSpec metric, String column) {
        String cell = row.get(column);
        if (cell.isEmpty()) {
            return Double.NaN;
        }
        boolean binary = metric.kind().isBinary();
        double value;
        if (binary && ("true".equalsIgnoreCase(cell) || "false".equalsIgnoreCase(cell))) {
            return "true".equalsIgnoreCase(cell) ? 1 : 0;
        }
        try {
            value = Double.parseDouble(cell);
        } catch (NumberFormatException e) {
            throw invalidCell(column, cell, binary ? "0 or 1, true or false" : "a number");
        }
        if (binary ? value != 0 && value != 1 : !Double.isFinite(value)) {
            throw invalidCell(column, cell, binary ? "0 or 1, true or false" : "finite");
        }
        return metric.cap().map(cap -> Math.min(cap, value)).orElse(value);
    }

    private String key(CSVRecord row) {
        String key = row.get(KEY);
        if (key.isEmpty()) {
            throw invalidCell(KEY, key, "the key of the row's unit");
        }
        return key;
    }

    private Arm arm(CSVRecord row) {
        String arm = row.get(ARM);
        if ("existing".equalsIgnoreCase(arm)) {
            return Arm.EXISTING;
        }
        if ("candidate".equalsIgnoreCase(arm)) {
            return Arm.CANDIDATE;
        }
        throw invalidCell(ARM, arm, "existing or candidate");
    }

    private long time(CSVRecord row) {
        String text = row.get(TIME);
        try {
            return text.matches("-?\\d{1,18}") ? Long.parseLong(text) : iso(text);
        } catch (DateTimeException e) {
            throw invalidCell(TIME, text, "like 2026-03-05T12:00:00Z, or milliseconds since 1970");
        }
    }

    /** An ISO 8601 time in milliseconds since 1970. A time without an offset is in UTC. */
    private static long iso(String text) {
        if (text.endsWith("Z")) {
            return Instant.parse(text).toEpochMilli();
        }
        return text.matches(".*T.*[+-]\\d\\d:?\\d\\d$")
                ? OffsetDateTime.parse(text).toInstant().toEpochMilli()
                : LocalDateTime.parse(text.replace(' ', 'T'))
                        .toInstant(ZoneOffset.UTC)
                        .toEpochMilli();
    }

    private InvalidDataException invalidCell(String column, String cell, String allowed) {
        return new InvalidDataException("line " + parser.getCurrentLineNumber() + ", column " + column + ": '" + cell
                + "' is not allowed; it must be " + allowed);
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
