package io.understudy.examples.flightdelay.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.understudy.cli.SecondsConverter;
import io.understudy.cli.Shutdown;
import io.understudy.cli.Subcommand;
import io.understudy.embedded.EmbeddedStack;
import io.understudy.examples.flightdelay.Flight;
import io.understudy.examples.flightdelay.FlightFile;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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
                "Runs two rollouts with real flights on an embedded stack: a better candidate that is promoted step by step, and a broken one that is aborted. "
                        + "Shows their progress, and prints a summary of each.")
public final class DemoCommand implements Subcommand, Callable<Integer> {

    /** System property with the directory of the project; set by the launcher. */
    private static final String HOME_PROPERTY = "understudy.home";

    static final String SLICE = "data/flights-2001-03-05.csv.gz";

    @Option(
            names = "--flights",
            paramLabel = "N",
            description =
                    "Maximum number of flights per scenario. A scenario ends soon after its rollout. Default: ${DEFAULT-VALUE}.")
    private long flights = 300_000;

    @Option(
            names = "--day",
            paramLabel = "DURATION",
            converter = SecondsConverter.class,
            description = "How long a day of flights takes. A cycle of the demo's rollouts takes as long. Default: 8s.")
    private Duration day = Pace.DEMO_DAY;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Flights per second, instead of the flights' own times; 0: as fast as possible.")
    private Optional<Long> rate = Optional.empty();

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description =
                    "Flights in order of departure, CSV or CSV.gz with the columns departure, delay, distance, origin, destination. Default: two weeks of March 2001.")
    private Path data;

    @Option(
            names = "--scenario",
            paramLabel = "good|bad|all",
            description =
                    "The better candidate (good), the broken one (bad), or first one and then the other (all). Default: ${DEFAULT-VALUE}.")
    private Selection selection = Selection.all;

    @Option(names = "--json", description = "Print each summary as a JSON object on one line.")
    private boolean json;

    @Option(
            names = "--keep",
            description = "Keep the stack and the console running at the end, until the process is stopped.")
    private boolean keep;

    @Spec
    private CommandSpec spec;

    /** The values of {@code --scenario}. */
    enum Selection {
        good(Scenario.good),
        bad(Scenario.bad),
        all(Scenario.good, Scenario.bad);

        private final List<Scenario> scenarios;

        Selection(Scenario... scenarios) {
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
        if (flights < 1 || rate.orElse(0L) < 0) {
            throw new ParameterException(spec.commandLine(), "--flights must be at least 1, --rate at least 0");
        }
        // With --json, only the summaries go to standard output.
        PrintStream out = json ? System.err : System.out;
        out.println("starting a broker and a schema registry");
        Thread thisThread = Thread.currentThread();
        try (Shutdown shutdown = Shutdown.listen(thisThread::interrupt);
                EmbeddedStack stack = EmbeddedStack.temporary()) {
            boolean asExpected = true;
            String token = UUID.randomUUID().toString();
            Demo demo = null;
            for (Scenario scenario : selection.scenarios) {
                demo = new Demo(home, scenario, out, token);
                Summary summary = demo.play(stack, file, flights, Pace.of(rate, day));
                print(summary, System.out);
                asExpected &= isAsExpected(scenario, summary);
            }
            if (keep) {
                System.err.println("the stack runs until this process is stopped:");
                System.err.println("kafka.bootstrap.servers=" + stack.bootstrapServers());
                System.err.println("registry.url=" + stack.registryUrl());
                System.err.println("prefix="
                        + selection
                                .scenarios
                                .get(selection.scenarios.size() - 1)
                                .name()
                        + ".");
                try (AutoCloseable console = demo.show(stack)) {
                    awaitShutdown(shutdown);
                }
            }
            return asExpected ? 0 : 1;
        }
    }

    /** The directory of the example. */
    static Path home() {
        return Path.of(System.getProperty(HOME_PROPERTY, "."))
                .resolve("examples/flight-delay")
                .toAbsolutePath();
    }

    /** Checks the file before a broker is started. */
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

    private static void awaitShutdown(Shutdown shutdown) {
        try {
            shutdown.await();
        } catch (InterruptedException e) {
            // the process must stop
        }
    }

    private static boolean isAsExpected(Scenario scenario, Summary summary) {
        if (!summary.finalStatus().equals(scenario.end().name())) {
            System.err.println("understudy: the rollout is " + summary.finalStatus() + " after " + summary.requests()
                    + " flights; it was expected to be " + scenario.end());
            return false;
        }
        if (!summary.isFlawless()) {
            System.err.println("understudy: not every request was answered exactly once and by the right model");
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
                served               %,d, %,d of them by the candidate
                fallbacks            %,d by the existing model instead of the candidate
                shadowed             %,d by the candidate, not served
                lost                 %,d
                duplicated           %,d
                switched back        %,d keys
                unasked              %,d answers to unknown requests
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
