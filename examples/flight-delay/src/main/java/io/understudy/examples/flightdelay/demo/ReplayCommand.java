package io.understudy.examples.flightdelay.demo;

import io.understudy.cli.SecondsConverter;
import io.understudy.cli.SettingsOptions;
import io.understudy.cli.Subcommand;
import io.understudy.examples.flightdelay.Airports;
import io.understudy.examples.flightdelay.Flight;
import io.understudy.examples.flightdelay.FlightFeatures;
import io.understudy.examples.flightdelay.FlightFile;
import io.understudy.registry.Registry;
import io.understudy.runtime.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code understudy replay}: the part of upstream, for a running installation. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description =
                "Sends the flights of the example as requests, and their outcomes when they land, to an installation with the deployment flight-delay.")
public final class ReplayCommand implements Subcommand, Callable<Integer> {

    @Option(names = "--flights", paramLabel = "N", description = "Number of flights. Default: ${DEFAULT-VALUE}.")
    private long flights = 60_000;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Flights per second; 0: as fast as possible. Default: ${DEFAULT-VALUE}.")
    private long rate = 1000;

    @Option(
            names = "--day",
            paramLabel = "DURATION",
            converter = SecondsConverter.class,
            description =
                    "Send the flights at their own times instead, so much faster that a day takes this long, like 8s.")
    private Optional<Duration> day = Optional.empty();

    @Option(
            names = "--check",
            description =
                    "Read the answers, and fail unless each flight has exactly one. Gives up when nothing moves for 3 minutes.")
    private boolean check;

    @Mixin
    private SettingsOptions options;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Settings settings = options.settings();
        Path home = DemoCommand.home();
        try (Registry registry = SettingsOptions.registry(settings);
                Stream<Flight> read =
                        FlightFile.read(home.resolve(DemoCommand.SLICE)).limit(flights)) {
            Replay replay = new Replay(
                    read,
                    new FlightFeatures(Airports.read(home.resolve("models/airports.csv"))),
                    day.map(Pace::ofDay).orElseGet(() -> Pace.ofRate(rate)),
                    settings.topics(),
                    registry,
                    Map.copyOf(settings.kafka()));
            return check ? sendAndCheck(replay, settings, registry) : send(replay);
        }
    }

    private int send(Replay replay) {
        print("sent " + replay.call() + " flights and their outcomes");
        return 0;
    }

    private int sendAndCheck(Replay replay, Settings settings, Registry registry) throws Exception {
        ExecutorService upstream = Executors.newSingleThreadExecutor();
        try (AnswerCheck answers = new AnswerCheck(settings.topics(), registry, settings.kafka());
                Backlog backlog = new Backlog(settings)) {
            Future<Long> sending = upstream.submit(replay);
            AnswerWait.State end = answers.await(() -> sending.isDone() ? replay.sent() : Long.MAX_VALUE, backlog);
            long sent = sending.get();
            long missing = sent - answers.answered();
            boolean stalled = end == AnswerWait.State.STALLED;
            print("sent " + sent + " flights and their outcomes; answered " + answers.answered() + ", lost "
                    + (stalled ? 0 : missing) + ", duplicated " + answers.duplicated() + ", without a score "
                    + answers.failed() + (stalled ? ", not answered yet " + missing + ": " + backlog : ""));
            return missing == 0 && answers.duplicated() == 0 ? 0 : 1;
        } finally {
            upstream.shutdownNow();
        }
    }

    private void print(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }
}
