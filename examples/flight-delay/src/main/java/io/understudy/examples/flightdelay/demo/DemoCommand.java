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
import java.util.Locale;
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
                "Shadows a candidate with real flights on an embedded stack, shows how it goes, and ends with a summary.")
public final class DemoCommand implements Subcommand, Callable<Integer> {

    /** Where the project is; set by the launcher. */
    private static final String HOME_PROPERTY = "understudy.home";

    private static final String SLICE = "data/flights-2001-03-05.csv.gz";

    @Option(
            names = "--flights",
            paramLabel = "N",
            description = "How many flights to replay; default ${DEFAULT-VALUE}.")
    private long flights = 60_000;

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
            names = "--candidate",
            paramLabel = "better|broken",
            description = "Which candidate: ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
    private Candidate candidate = Candidate.better;

    @Option(names = "--json", description = "Print the summary as one JSON object on the last line.")
    private boolean json;

    @Option(names = "--keep", description = "Leave the stack up at the end, until the process is told to stop.")
    private boolean keep;

    @Spec
    private CommandSpec spec;

    /** The candidates there are. */
    enum Candidate {
        better("rollout.yaml"),
        broken("rollout-broken.yaml");

        private final String file;

        Candidate(String file) {
            this.file = file;
        }
    }

    @Override
    public Integer call() throws Exception {
        Path home = Path.of(System.getProperty(HOME_PROPERTY, "."))
                .resolve("examples/flight-delay")
                .toAbsolutePath();
        Path file = data == null ? home.resolve(SLICE) : data;
        if (!Files.isReadable(file)) {
            throw new ParameterException(spec.commandLine(), "--data: there is no file " + file);
        }
        checkFlights(file);
        if (flights < 1 || rate < 0) {
            throw new ParameterException(spec.commandLine(), "--flights must be at least 1, --rate at least 0");
        }
        PrintStream out = System.out;
        out.println("starting a broker and a schema registry");
        Thread player = Thread.currentThread();
        try (Shutdown shutdown = Shutdown.listen(player::interrupt);
                EmbeddedStack stack = EmbeddedStack.temporary()) {
            Summary summary = new Demo(home, home.resolve(candidate.file), out).play(stack, file, flights, rate);
            print(summary, out);
            if (keep) {
                System.err.println("the stack is up until this process is told to stop:");
                System.err.println("kafka.bootstrap.servers=" + stack.bootstrapServers());
                System.err.println("registry.url=" + stack.registryUrl());
                awaitQuietly(shutdown);
            }
            return summary.isFlawless() ? 0 : 1;
        }
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

    private void print(Summary summary, PrintStream out) throws JsonProcessingException {
        if (json) {
            out.println(new JsonMapper().writeValueAsString(summary));
            return;
        }
        out.printf(
                Locale.ROOT,
                """

                requests             %,d
                served               %,d by the existing model
                shadowed             %,d by the candidate, kept aside
                lost                 %,d
                duplicated           %,d
                unasked              %,d answers to nobody's request
                failed               %,d answers without a score
                dead letters         %,d
                existing             Brier %.4f, log loss %.4f
                candidate            Brier %.4f, log loss %.4f
                mean difference      %+.4f (absolute %.4f)
                agreement            %.1f %%
                served latency       p50 %d ms, p99 %d ms
                verdict              %s%s
                because              %s
                """,
                summary.requests(),
                summary.served(),
                summary.shadowed(),
                summary.lost(),
                summary.duplicated(),
                summary.unasked(),
                summary.failed(),
                summary.deadLettered(),
                summary.existing().brier(),
                summary.existing().logLoss(),
                summary.candidate().brier(),
                summary.candidate().logLoss(),
                summary.meanDifference(),
                summary.meanAbsoluteDifference(),
                100 * summary.agreement(),
                summary.servedLatencyMillis().p50(),
                summary.servedLatencyMillis().p99(),
                summary.judgement().verdict(),
                summary.judgement().flightsToVerdict() == null
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                " after %,d flights",
                                summary.judgement().flightsToVerdict()),
                summary.judgement().reason());
    }
}
