package io.understudy.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** The results of a campaign as a table: a row for each kind of fault, with medians and maxima in seconds. */
final class Table {

    private static final double MILLIS_PER_SECOND = 1000;

    private final Map<String, List<Result>> rows = new TreeMap<>();

    Table(List<Result> results) {
        results.forEach(result ->
                rows.computeIfAbsent(result.row(), absent -> new ArrayList<>()).add(result));
    }

    String markdown() {
        StringBuilder table = new StringBuilder("""
                | fault | times | answers: silent | a request waited | a command waited | between evaluations | reader paused |
                |---|---:|---:|---:|---:|---:|---:|
                """);
        rows.forEach((row, results) -> table.append("| ")
                .append(row)
                .append(" | ")
                .append(results.size())
                .append(cell(results, Result::silence))
                .append(cell(results, Result::longestWait))
                .append(cell(results, Result::command))
                .append(cell(results, Result::evaluation))
                .append(cell(results, Result::pause))
                .append(" |\n"));
        return table.toString();
    }

    private static String cell(List<Result> results, ToLongFunction<Result> value) {
        long[] sorted = results.stream().mapToLong(value).sorted().toArray();
        double median = sorted[sorted.length / 2] / MILLIS_PER_SECOND;
        double maximum = sorted[sorted.length - 1] / MILLIS_PER_SECOND;
        return sorted.length == 1
                ? String.format(Locale.ROOT, " | %.1f", maximum)
                : String.format(Locale.ROOT, " | %.1f, max %.1f", median, maximum);
    }
}
