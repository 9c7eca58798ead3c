package io.understudy.analysis;

import io.understudy.evidence.UnitCounts;
import io.understudy.plan.MetricKind;
import io.understudy.plan.MetricSpec;
import io.understudy.schema.Arm;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.DuplicateHeaderMode;

/**
 * Reads recorded data from CSV. The columns are {@code time} (see {@link TimeColumn}) and {@code key}, and either {@code arm} and a column for each metric or, for pairs, {@code existing.METRIC} and
 * {@code candidate.METRIC}. A ratio has two columns, {@code METRIC.numerator} and {@code METRIC.denominator}. An empty cell is an unknown outcome.
 */
final class ObservationFile implements AutoCloseable {

    private static final String TIME = "time";
    private static final String ARM = "arm";
    private static final String KEY = "key";
    private static final String EXISTING = "existing.";
    private static final String CANDIDATE = "candidate.";
    private static final String BINARY = "0 or 1, true or false, or empty if it is unknown";
    private static final String NUMBER = "a finite number, or empty if it is unknown";
    private static final Map<String, String> OTHER_SEPARATORS = Map.of(";", "semicolons", "\t", "tabs", "|", "bars");
    private static final String NUMERATOR = ".numerator";
    private static final String DENOMINATOR = ".denominator";

    private final CSVParser parser;
    private final Iterator<CSVRecord> rows;
    private final TimeColumn times = new TimeColumn();
    private long line;

    /**
     * Reads the header.
     *
     * @throws InvalidDataException when it names no columns, or the same one twice
     */
    ObservationFile(InputStream source) throws IOException {
        try {
            // A line is a row: lines are counted here, so that a fault is where it begins.
            this.parser = CSVFormat.DEFAULT
                    .builder()
                    .setHeader()
                    .setSkipHeaderRecord(true)
                    .setDuplicateHeaderMode(DuplicateHeaderMode.DISALLOW)
                    .setTrim(true)
                    .setIgnoreEmptyLines(false)
                    .get()
                    .parse(new TextReader(source));
        } catch (IllegalArgumentException e) {
            throw new InvalidDataException("the header line cannot be used: " + e.getMessage());
        } catch (CSVException e) {
            throw wrongQuotes(1);
        }
        checkHeader(parser.getHeaderNames());
        this.rows = parser.iterator();
    }

    private static void checkHeader(List<String> columns) {
        if (columns.isEmpty()) {
            throw new InvalidDataException("the data are empty; the first line must name the columns");
        }
        columns.stream().filter(ObservationFile::hasLineBreak).forEach(column -> {
            throw wrongQuotes(1);
        });
        if (columns.size() == 1) {
            OTHER_SEPARATORS.forEach((separator, name) -> {
                if (columns.get(0).contains(separator)) {
                    throw new InvalidDataException(
                            "the header line has " + name + " and no comma; the columns must be separated by commas");
                }
            });
        }
    }

    private static InvalidDataException wrongQuotes(long line) {
        return new InvalidDataException("line " + line + " has a quote that is not closed in the line, or text after a"
                + " closing quote; a cell in quotes must end with one, and a quote in it is written twice");
    }

    private static boolean hasLineBreak(String cell) {
        return cell.indexOf('\n') >= 0 || cell.indexOf('\r') >= 0;
    }

    /** The next row that is not empty; empty at the end of the file. {@code line} is then its line. */
    private Optional<CSVRecord> next() throws IOException {
        while (true) {
            line = parser.getCurrentLineNumber() + 1;
            CSVRecord row;
            try {
                if (!rows.hasNext()) {
                    return Optional.empty();
                }
                row = rows.next();
            } catch (UncheckedIOException e) {
                if (e.getCause() instanceof CSVException) {
                    throw wrongQuotes(line);
                }
                throw e.getCause();
            }
            if (row.stream().anyMatch(ObservationFile::hasLineBreak)) {
                throw wrongQuotes(line);
            }
            if (row.size() > 1 || !row.get(0).isEmpty()) {
                return Optional.of(row);
            }
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

    /** The number of rows of each arm, or of different keys among them. Reads the whole file. */
    UnitCounts units(boolean byKey) throws IOException {
        if (byKey) {
            require(KEY);
        }
        long[] rowCounts = new long[2];
        List<Set<String>> keys = List.of(new HashSet<>(), new HashSet<>());
        for (Optional<CSVRecord> row = next(); row.isPresent(); row = next()) {
            checkSize(row.get());
            int arm = arm(row.get()) == Arm.EXISTING ? 0 : 1;
            rowCounts[arm]++;
            if (byKey) {
                keys.get(arm).add(key(row.get()));
            }
        }
        return byKey
                ? new UnitCounts(keys.get(0).size(), keys.get(1).size())
                : new UnitCounts(rowCounts[0], rowCounts[1]);
    }

    /** All rows in order of time, with the values of {@code metrics}. Reads the whole file. */
    List<Observation> read(List<MetricSpec> metrics) throws IOException {
        boolean paired = isPaired();
        require(TIME);
        require(KEY);
        for (MetricSpec metric : metrics) {
            if (paired) {
                require(EXISTING + metric.name());
                require(CANDIDATE + metric.name());
            } else if (metric.kind() == MetricKind.RATIO) {
                require(metric.name() + NUMERATOR);
                require(metric.name() + DENOMINATOR);
            } else {
                require(metric.name());
            }
        }
        List<Observation> observations = new ArrayList<>();
        for (Optional<CSVRecord> row = next(); row.isPresent(); row = next()) {
            checkSize(row.get());
            observations.add(observation(row.get(), paired, metrics));
        }
        long unit = times.millisPerNumber();
        observations.replaceAll(observation -> observation.at(observation.time() * unit));
        observations.sort(Comparator.comparingLong(Observation::time));
        return observations;
    }

    private void checkSize(CSVRecord row) {
        if (!row.isConsistent()) {
            throw new InvalidDataException("line " + line + " has " + row.size() + " cells; it must have "
                    + parser.getHeaderNames().size());
        }
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
                : new Observation.Single(
                        time(row), arm(row), key(row), values(row, metrics, ""), denominators(row, metrics));
    }

    private double[] values(CSVRecord row, List<MetricSpec> metrics, String prefix) {
        double[] values = new double[metrics.size()];
        for (int i = 0; i < values.length; i++) {
            MetricSpec metric = metrics.get(i);
            String column = prefix + metric.name() + (metric.kind() == MetricKind.RATIO ? NUMERATOR : "");
            double value = value(row, metric, column);
            values[i] = Math.min(value, metric.cap().orElse(Double.POSITIVE_INFINITY));
        }
        return values;
    }

    private double[] denominators(CSVRecord row, List<MetricSpec> metrics) {
        double[] denominators = new double[metrics.size()];
        for (int i = 0; i < denominators.length; i++) {
            boolean ratio = metrics.get(i).kind() == MetricKind.RATIO;
            String column = metrics.get(i).name() + DENOMINATOR;
            denominators[i] = ratio ? value(row, metrics.get(i), column) : 1;
            if (denominators[i] < 0) {
                throw invalidCell(column, row.get(column), "at least 0");
            }
        }
        return denominators;
    }

    private double value(CSVRecord row, MetricSpec metric, String column) {
        String cell = row.get(column);
        if (cell.isEmpty()) {
            return Double.NaN;
        }
        boolean binary = metric.kind().isBinary();
        if (binary && ("true".equalsIgnoreCase(cell) || "false".equalsIgnoreCase(cell))) {
            return "true".equalsIgnoreCase(cell) ? 1 : 0;
        }
        double value = number(cell, column, binary);
        if (binary ? value != 0 && value != 1 : !Double.isFinite(value)) {
            throw invalidCell(column, cell, binary ? BINARY : NUMBER);
        }
        if (metric.bounds()
                .filter(bounds -> value < bounds.low() || value > bounds.high())
                .isPresent()) {
            throw invalidCell(column, cell, "within the bounds of the metric");
        }
        return value;
    }

    private double number(String cell, String column, boolean binary) {
        try {
            return Double.parseDouble(cell);
        } catch (NumberFormatException e) {
            throw invalidCell(column, cell, binary ? BINARY : NUMBER);
        }
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
            return times.read(text, line);
        } catch (DateTimeException e) {
            throw invalidCell(TIME, text, "like 2026-03-05T12:00:00Z, or whole milliseconds or seconds since 1970");
        }
    }

    private InvalidDataException invalidCell(String column, String cell, String allowed) {
        return new InvalidDataException(
                "line " + line + ", column " + column + ": '" + cell + "' is not allowed; it must be " + allowed);
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
