package io.understudy.examples.flightdelay.startdays;

import io.understudy.plan.RolloutSpec;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes the ends of rollouts as a page. */
final class StartDaysPage {

    private static final DateTimeFormatter START = DateTimeFormatter.ofPattern("d MMM HH:mm", Locale.ROOT);

    private final StringBuilder totals = new StringBuilder();
    private final StringBuilder sections = new StringBuilder();

    /** A start, and how the rollout ended. */
    record Row(LocalDateTime start, Ending ending) {}

    /** Adds the rollouts of one file, of which there is at least one. */
    void add(String file, RolloutSpec spec, List<Row> rows) {
        List<Ending> endings = rows.stream().map(Row::ending).toList();
        totals.append(String.format(
                Locale.ROOT,
                "| `%s`, %s | %d | %s | %s | %s |%n",
                file,
                spec.candidate().getVersion(),
                rows.size(),
                Arrays.stream(Ending.Status.values())
                        .map(status -> Long.toString(count(endings, status)))
                        .collect(Collectors.joining(" | ")),
                quantiles(endings.stream().flatMap(ending -> ending.shadowDays().stream())),
                quantiles(endings.stream()
                        .filter(ending ->
                                ending.status() == Ending.Status.PROMOTED || ending.status() == Ending.Status.ABORTED)
                        .map(Ending::days))));
        sections.append(String.format("""

                ## %s

                | start | end | in stage | reason | shadow passed, days | end, days | flights | Brier, existing | Brier, candidate |
                |---|---|---:|---|---:|---:|---:|---:|---:|
                """, spec.candidate().getVersion()));
        rows.forEach(row -> sections.append(line(row)));
    }

    private static long count(List<Ending> endings, Ending.Status status) {
        return endings.stream().filter(ending -> ending.status() == status).count();
    }

    private static String quantiles(Stream<Double> values) {
        double[] sorted = values.mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted.length == 0
                ? "-"
                : String.format(Locale.ROOT, "%.1f (%.1f)", sorted[sorted.length / 2], sorted[sorted.length - 1]);
    }

    private static String line(Row row) {
        Ending ending = row.ending();
        return String.format(
                Locale.ROOT,
                "| %s | %s | %d | %s | %s | %.1f | %,d | %.4f | %.4f |%n",
                row.start().format(START),
                ending.status(),
                ending.stage(),
                ending.code().map(Enum::name).orElse("-"),
                ending.shadowDays()
                        .map(days -> String.format(Locale.ROOT, "%.1f", days))
                        .orElse("-"),
                ending.days(),
                ending.flights(),
                ending.existingBrier(),
                ending.candidateBrier());
    }

    /**
     * The page.
     *
     * @param flights number of flights in the file
     * @param day how long a day of flights takes on the clock of the rollouts
     * @param days days of flights after which a rollout counts as undecided
     */
    String text(Flights flights, Duration day, int days) {
        return String.format(
                        Locale.ROOT,
                        """
                # Flights from every start day

                Written by `benchmarks/flights`. It plays rollouts of the [example](../examples/flight-delay/README.md)
                from every day of %s to %s (%,d flights), at 0, 7, 13 and 18 h in turn. Each rollout sees the same
                records as an installation: requests at departure, outcomes at landing, windows cut by time, and the
                arms that the router would choose. The judge is the one that runs in production. There is no Kafka, so
                there are no failures and no delays.

                A day of flights takes %,d s on the clock of the rollouts, as in the demo, so their `cycle` is a day of
                flights. A rollout that has no end after %d days of flights is UNDECIDED. Start days that have fewer
                days of flights after them are left out. HELD means that the rollout waits for an operator.

                The models were trained on January and February. March is new to them.

                | rollout | starts | PROMOTED | ABORTED | HELD | UNDECIDED | shadow passed, days: median (longest) | end, days: median (longest) |
                |---|---:|---:|---:|---:|---:|---:|---:|
                """,
                        flights.flights().get(0).departure().toLocalDate(),
                        flights.flights().get(flights.size() - 1).departure().toLocalDate(),
                        flights.size(),
                        day.toSeconds(),
                        days)
                + totals
                + "\nThe columns of days in the table above count only the rollouts that passed their shadow stage, and"
                + " those that were\npromoted or aborted. Brier scores below are over all flights from the start to the"
                + " end.\n"
                + sections;
    }
}
