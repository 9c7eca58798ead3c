package io.understudy.examples.flightdelay.startdays;

import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes the ends of rollouts as a page. */
final class StartDaysPage {

    private static final DateTimeFormatter START = DateTimeFormatter.ofPattern("d MMM HH:mm", Locale.ROOT);

    /** The numbers of cycles in the columns of the table of speeds. */
    private static final int[] CYCLES = {5, 6, 7, 9, 11, 14, 21, 28};

    private final StringBuilder totals = new StringBuilder();
    private final StringBuilder speeds = new StringBuilder();
    private final StringBuilder sections = new StringBuilder();

    /** A rollout file and the version of its candidate. */
    record Candidate(String file, String version) {}

    /** A start, and how the rollout ended. */
    record Row(LocalDateTime start, Ending ending) {}

    /**
     * How soon the evidence of cycles shows a claim.
     *
     * @param threshold the log evidence that shows it
     * @param cycles from each start, the number of cycles until it was shown
     */
    record Speed(CyclesToShow.Claim claim, double threshold, List<OptionalInt> cycles) {}

    /**
     * Adds a candidate.
     *
     * @param rows its rollouts, of which there is at least one
     * @param withoutCycles the same rollouts without cycles
     */
    void add(Candidate candidate, List<Row> rows, List<Row> withoutCycles, List<Speed> claims) {
        totals.append(total("`" + candidate.file() + "`, " + candidate.version(), rows));
        totals.append(total(candidate.version() + ", without cycles", withoutCycles));
        claims.forEach(claim -> speeds.append(line(candidate.version(), claim)));
        sections.append(String.format("""

                ## %s

                | start | end | in stage | reason | shadow passed, days | end, days | flights | Brier, existing | Brier, candidate |
                |---|---|---:|---|---:|---:|---:|---:|---:|
                """, candidate.version()));
        rows.forEach(row -> sections.append(line(row)));
    }

    private static String total(String name, List<Row> rows) {
        List<Ending> endings = rows.stream().map(Row::ending).toList();
        return String.format(
                Locale.ROOT,
                "| %s | %d | %s | %s | %s |%n",
                name,
                rows.size(),
                Arrays.stream(Ending.Status.values())
                        .map(status -> Long.toString(count(endings, status)))
                        .collect(Collectors.joining(" | ")),
                quantiles(endings.stream().flatMap(ending -> ending.shadowDays().stream())),
                quantiles(endings.stream()
                        .filter(ending ->
                                ending.status() == Ending.Status.PROMOTED || ending.status() == Ending.Status.ABORTED)
                        .map(Ending::days)));
    }

    private static String line(String version, Speed speed) {
        return String.format(
                Locale.ROOT,
                "| %s is %s | %.1f | %s |%n",
                version,
                speed.claim().name().toLowerCase(Locale.ROOT),
                speed.threshold(),
                Arrays.stream(CYCLES)
                        .mapToObj(most -> Long.toString(speed.cycles().stream()
                                .filter(cycles -> cycles.isPresent() && cycles.getAsInt() <= most)
                                .count()))
                        .collect(Collectors.joining(" | ")));
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
                ending.code().orElse("-"),
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
     * @param starts number of starts of each rollout
     */
    String text(Flights flights, Duration day, int days, int starts) {
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
                + String.format(
                        Locale.ROOT,
                        """

                The columns of days in the table above count only the rollouts that passed their shadow stage, and
                those that were promoted or aborted. *Without cycles* is the same judge without `cycle` and `maximum`,
                and with `inconclusive: hold`: a stage passes as soon as its flights show enough, and is given up as
                soon as any improvement seems too small.

                ## How soon cycles show it

                A stage with cycles passes, or aborts in shadow, when the effects of its days show the claim, each day
                as one observation, and the flights show it, too. The table has the number of start days, of %d, from
                which the days' Brier scores alone had shown a claim at the end of the cycle. Being worse needs more
                than being better, because every metric of every stage could abort. No number of signs can show
                anything sooner than 5 cycles.

                | claim | ln E | %s |
                |---|---:|%s
                """,
                        starts,
                        Arrays.stream(CYCLES)
                                .mapToObj(cycles -> cycles + " cycles")
                                .collect(Collectors.joining(" | ")),
                        "---:|".repeat(CYCLES.length))
                + speeds
                + "\nBrier scores below are over all flights from the start to the end.\n"
                + sections;
    }
}
