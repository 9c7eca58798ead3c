package io.understudy.examples.flightdelay.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.understudy.cli.Shutdown;
import io.understudy.cli.Subcommand;
import io.understudy.embedded.EmbeddedStack;
import io.understudy.examples.flightdelay.Flight;
import io.understudy.examples.flightdelay.FlightFile;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code understudy demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description =
                "Plays two rollouts with real flights on an embedded stack: a better candidate that is promoted step by step, and a broken one that is aborted. Shows how they go, and ends each with a summary.")
public final class DemoCommand implements Subcommand, Callable<Integer> {

    /** Where the project is; set by the launcher. */
    private static final String HOME_PROPERTY = "understudy.home";

    static final String SLICE = "data/flights-2001-03-05.csv.gz";

    @Option(
            names = "--flights",
            paramLabel = "N",
            description =
                    "How many flights to replay at most; a story ends soon after its rollout. Default ${DEFAULT-VALUE}.")
    private long flights = 150_000;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Flights a second; 0: as fast as they go. Default ${DEFAULT-VALUE}.")
    private long rate = 2000;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description =
                    "Flights in order of departure, CSV or CSV.gz with the columns departure, delay, distance, origin, destination; default: two weeks of March 2001.")
    private Path data;

    @Option(
            names = "--scenario",
            paramLabel = "good|bad|all",
            description =
                    "Which story: the better candidate, the broken one, or one after the other. Default ${DEFAULT-VALUE}.")
    private Story story = Story.all;

    @Option(names = "--json", description = "Print each summary as one JSON object on a line of its own.")
    private boolean json;

    @Option(
            names = "--keep",
            description = "Leave the stack and the console up at the end, until the process is told to stop.")
    private boolean keep;

    @Spec
    private CommandSpec spec;

    /** What can be asked for. */
    enum Story {
        good(Scenario.good),
        bad(Scenario.bad),
        all(Scenario.good, Scenario.bad);

        private final List<Scenario> scenarios;

        Story(Scenario... scenarios) {
            this.scenarios = List.of(scenarios);
        }
    }

    @Override
    public Integer call() throws Exception {
        Path home = home();
        Path file = data == null ? home.resolve(SLICE) : data;
        if (!Files.isReadable(file)) {
            throw new ParameterException(spec.commandLine(), "--data: there is no file " + file);
        }
        checkFlights(file);
        if (flights < 1 || rate < 0) {
            throw new ParameterException(spec.commandLine(), "--flights must be at least 1, --rate at least 0");
        }
        // With --json standard output is for the summaries alone.
        PrintStream out = json ? System.err : System.out;
        out.println("starting a broker and a schema registry");
        Thread player = Thread.currentThread();
        try (Shutdown shutdown = Shutdown.listen(player::interrupt);
                EmbeddedStack stack = EmbeddedStack.temporary()) {
            boolean asExpected = true;
            String token = UUID.randomUUID().toString();
            Demo demo = null;
            for (Scenario scenario : story.scenarios) {
                demo = new Demo(home, scenario, out, token);
                Summary summary = demo.play(stack, file, flights, rate);
                print(summary, System.out);
                asExpected &= isAsExpected(scenario, summary);
            }
            if (keep) {
                System.err.println("the stack is up until this process is told to stop:");
                System.err.println("kafka.bootstrap.servers=" + stack.bootstrapServers());
                System.err.println("registry.url=" + stack.registryUrl());
                System.err.println("prefix="
                        + story.scenarios.get(story.scenarios.size() - 1).name() + ".");
                try (AutoCloseable console = demo.show(stack)) {
                    awaitQuietly(shutdown);
                }
            }
            return asExpected ? 0 : 1;
        }
    }

    /** The example's folder. */
    static Path home() {
        return Path.of(System.getProperty(HOME_PROPERTY, "."))
                .resolve("examples/flight-delay")
                .toAbsolutePath();
    }

    /** Before a broker is started for nothing. */
    private void checkFlights(Path file) {
        String fault = null;
        try (Stream<Flight> read = FlightFile.read(file)) {
            fault = read.findFirst().isEmpty() ? "has no flights" : null;
        } catch (IOException | IllegalArgumentException e) {
            fault = "cannot be used: " + e.getMessage();
        }
        if (fault != null) {
            throw new ParameterException(spec.commandLine(), "--data: " + file + " " + fault);
        }
    }

    private static void awaitQuietly(Shutdown shutdown) {
        try {
            shutdown.await();
        } catch (InterruptedException e) {
            // told to stop
        }
    }

    private static boolean isAsExpected(Scenario scenario, Summary summary) {
        if (!summary.finalStatus().equals(scenario.end().name())) {
            System.err.println("understudy: the rollout was to end " + scenario.end() + " and is "
                    + summary.finalStatus() + " after " + summary.requests() + " flights");
            return false;
        }
        if (!summary.isFlawless()) {
            System.err.println("understudy: not every request was answered once, by whom it should be");
        }
        return summary.isFlawless();
    }

    private void print(Summary summary, PrintStream out) throws JsonProcessingException {
        if (json) {
            out.println(new JsonMapper().writeValueAsString(summary));
            return;
        }
        out.println();
        summary.stages()
                .forEach(stage -> out.printf(
                        Locale.ROOT,
                        "stage %d  %-6s %5s  %s after %,d flights: %s%n",
                        stage.stage(),
                        stage.kind(),
                        stage.share(),
                        stage.event(),
                        stage.flights(),
                        stage.reason()));
        out.printf(
                Locale.ROOT,
                """

                scenario             %s: %s
                requests             %,d
                served               %,d, of which %,d by the candidate
                fallbacks            %,d by the existing model in the candidate's place
                shadowed             %,d by the candidate, kept aside
                lost                 %,d
                duplicated           %,d
                switched back        %,d keys
                unasked              %,d answers to nobody's request
                failed               %,d answers without a score
                dead letters         %,d
                in shadow, existing  Brier %.4f, log loss %.4f
                in shadow, candidate Brier %.4f, log loss %.4f
                served latency       p50 %d ms, p99 %d ms
                """,
                summary.scenario(),
                summary.finalStatus(),
                summary.requests(),
                summary.served(),
                summary.servedByCandidate(),
                summary.fallbacks(),
                summary.shadowed(),
                summary.lost(),
                summary.duplicated(),
                summary.switchedBack(),
                summary.unasked(),
                summary.failed(),
                summary.deadLettered(),
                summary.existing().brier(),
                summary.existing().logLoss(),
                summary.candidate().brier(),
                summary.candidate().logLoss(),
                summary.servedLatencyMillis().p50(),
                summary.servedLatencyMillis().p99());
    }
}
