package io.understudy.examples.flightdelay.startdays;

import io.understudy.cli.SecondsConverter;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
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

    /** Rollouts do not always start at midnight. The start days take turns. */
    private static final int[] HOURS = {0, 7, 13, 18};

    @Parameters(paramLabel = "FLIGHTS", description = "Flights in order of departure, CSV.gz as in the example.")
    private Path data;

    @Option(
            names = "--rollout",
            paramLabel = "FILE",
            description = "Rollout file in the directory of the example; may be repeated. Default: ${DEFAULT-VALUE}.")
    private List<String> rollouts = List.of("rollout.yaml", "rollout-inverted.yaml", "rollout-broken.yaml");

    @Option(
            names = "--home",
            paramLabel = "DIRECTORY",
            description = "Directory of the example. Default: ${DEFAULT-VALUE}.")
    private Path home = Path.of("examples/flight-delay");

    @Option(
            names = "--day",
            paramLabel = "DURATION",
            converter = SecondsConverter.class,
            description = "How long a day of flights takes on the clock of the rollout. Default: 8s, as in the demo.")
    private Duration day = Duration.ofSeconds(8);

    @Option(
            names = "--days",
            paramLabel = "N",
            description =
                    "Days of flights after which a rollout counts as undecided. Later starts are left out. Default: ${DEFAULT-VALUE}.")
    private int days = 28;

    @Option(names = "--output", paramLabel = "FILE", description = "File for the page. Default: ${DEFAULT-VALUE}.")
    private Path output = Path.of("docs/flights.md");

    private StartDays() {}

    public static void main(String[] arguments) {
        Runtime.getRuntime().exit(new CommandLine(new StartDays()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Flights flights = Flights.read(data, Airports.read(home.resolve("models/airports.csv")));
        Model existing = SpecReader.deployment(Files.readString(home.resolve("deployment.yaml")))
                .existing();
        float[] existingScores = OnnxScores.of(home, existing, flights.features());
        StartDaysPage page = new StartDaysPage();
        for (String file : rollouts) {
            RolloutSpec spec = SpecReader.rollout(Files.readString(home.resolve(file)));
            float[] candidateScores = OnnxScores.of(home, spec.candidate(), flights.features());
            page.add(
                    new StartDaysPage.Candidate(file, spec.candidate().getVersion()),
                    play(spec, flights, existingScores, candidateScores),
                    play(WithoutCycles.of(spec), flights, existingScores, candidateScores),
                    speeds(spec, flights, new CyclesToShow(flights, existingScores, candidateScores)));
        }
        Files.writeString(output, page.text(flights, day, days, starts(flights).size()));
        return 0;
    }

    private List<StartDaysPage.Row> play(
            RolloutSpec spec, Flights flights, float[] existingScores, float[] candidateScores) {
        FlightRollout rollout = new FlightRollout(spec, flights, existingScores, candidateScores, day);
        return starts(flights).parallelStream()
                .map(start -> new StartDaysPage.Row(start, rollout.play(millis(start), days)))
                .toList();
    }

    private List<StartDaysPage.Speed> speeds(RolloutSpec spec, Flights flights, CyclesToShow cycles) {
        return Arrays.stream(CyclesToShow.Claim.values())
                .map(claim -> {
                    double threshold = claim.threshold(spec.evidence());
                    return new StartDaysPage.Speed(
                            claim,
                            threshold,
                            starts(flights).parallelStream()
                                    .map(start -> cycles.of(claim, millis(start), days, threshold))
                                    .toList());
                })
                .toList();
    }

    private static long millis(LocalDateTime start) {
        return start.toInstant(ZoneOffset.UTC).toEpochMilli();
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
}
