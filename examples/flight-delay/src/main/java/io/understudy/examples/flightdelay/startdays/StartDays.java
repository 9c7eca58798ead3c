package io.understudy.examples.flightdelay.startdays;

import io.understudy.examples.flightdelay.Airports;
import io.understudy.plan.RolloutSpec;
import io.understudy.plan.SpecReader;
import io.understudy.schema.Model;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Plays rollouts from every day of a file of flights, and writes how each of them ends as a page. */
@Command(
        name = "flights",
        mixinStandardHelpOptions = true,
        description = "Plays rollouts of the example from every start day of a file of flights, and writes a table.")
public final class StartDays implements Callable<Integer> {

    private static final long MILLIS_PER_SECOND = 1000;

    /** Rollouts do not always start at midnight. The start days take turns. */
    private static final int[] HOURS = {0, 7, 13, 18};

    @Parameters(paramLabel = "FLIGHTS", description = "Flights in order of departure, CSV.gz as in the example.")
    private Path data;

    @Option(
            names = "--rollout",
            paramLabel = "FILE",
            description = "Rollout file in the directory of the example; may be repeated. Default: ${DEFAULT-VALUE}.")
    private List<String> rollouts = List.of("rollout.yaml", "rollout-broken.yaml");

    @Option(
            names = "--home",
            paramLabel = "DIRECTORY",
            description = "Directory of the example. Default: ${DEFAULT-VALUE}.")
    private Path home = Path.of("examples/flight-delay");

    @Option(
            names = "--day",
            paramLabel = "SECONDS",
            description =
                    "How long a day of flights takes on the clock of the rollout. Default: ${DEFAULT-VALUE}, as in the demo.")
    private double day = 8;

    @Option(
            names = "--days",
            paramLabel = "N",
            description =
                    "Days of flights after which a rollout counts as undecided. Later starts are left out. Default: ${DEFAULT-VALUE}.")
    private int days = 28;

    @Option(names = "--output", paramLabel = "FILE", description = "File for the page. Default: standard output.")
    private Path output;

    private StartDays() {}

    public static void main(String[] arguments) {
        Runtime.getRuntime().exit(new CommandLine(new StartDays()).execute(arguments));
    }

    /** A start and how the rollout ended. */
    private record Row(LocalDateTime start, Ending ending) {}

    @Override
    public Integer call() throws Exception {
        Flights flights = Flights.read(data, Airports.read(home.resolve("models/airports.csv")));
        Model existing = SpecReader.deployment(Files.readString(home.resolve("deployment.yaml")))
                .existing();
        float[] existingScores = OnnxScores.of(home, existing, flights.features());
        StringBuilder page = new StringBuilder();
        for (String file : rollouts) {
            RolloutSpec spec = SpecReader.rollout(Files.readString(home.resolve(file)));
            float[] candidateScores = OnnxScores.of(home, spec.candidate(), flights.features());
            FlightRollout rollout = new FlightRollout(
                    spec,
                    flights,
                    existingScores,
                    candidateScores,
                    Duration.ofMillis(Math.round(day * MILLIS_PER_SECOND)));
            List<Row> rows = starts(flights).parallelStream()
                    .map(start -> new Row(
                            start, rollout.play(start.toInstant(ZoneOffset.UTC).toEpochMilli(), days)))
                    .toList();
            page.append(section(file, rows));
        }
        if (output == null) {
            System.out.print(page);
        } else {
            Files.writeString(output, page);
        }
        return 0;
    }

    /** One start on each day that has {@link #days} days of flights after it. */
    private List<LocalDateTime> starts(Flights flights) {
        LocalDate firstDay = flights.flights().get(0).departure().toLocalDate();
        LocalDateTime end = flights.flights()
                .get(flights.size() - 1)
                .departure()
                .toLocalDate()
                .plusDays(1)
                .atStartOfDay();
        List<LocalDateTime> starts = new ArrayList<>();
        for (int i = 0; ; i++) {
            LocalDateTime start = firstDay.plusDays(i).atTime(HOURS[i % HOURS.length], 0);
            if (start.plusDays(days).isAfter(end)) {
                return starts;
            }
            starts.add(start);
        }
    }

    private static String section(String file, List<Row> rows) {
        Map<Ending.Status, Long> totals = rows.stream()
                .collect(Collectors.groupingBy(
                        row -> row.ending().status(), () -> new EnumMap<>(Ending.Status.class), Collectors.counting()));
        String total = totals.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
        return String.format(
                        "## %s%n%n%d starts: %s.%n%n| start | end | in stage | reason | days | flights | Brier, existing | Brier, candidate |%n|---|---|---:|---|---:|---:|---:|---:|%n",
                        file, rows.size(), total)
                + rows.stream().map(StartDays::line).collect(Collectors.joining())
                + "\n";
    }

    private static String line(Row row) {
        Ending ending = row.ending();
        return String.format(
                Locale.ROOT,
                "| %s | %s | %d | %s | %.1f | %,d | %.4f | %.4f |%n",
                row.start().format(DateTimeFormatter.ofPattern("MM-dd HH:mm", Locale.ROOT)),
                ending.status(),
                ending.stage(),
                ending.code().map(Enum::name).orElse(""),
                ending.days(),
                ending.flights(),
                ending.existingBrier(),
                ending.candidateBrier());
    }
}
