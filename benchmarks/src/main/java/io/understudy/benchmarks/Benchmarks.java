package io.understudy.benchmarks;

import io.understudy.benchmarks.Latency.Quantiles;
import io.understudy.benchmarks.Meter.Cost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures, and writes the tables down. */
@Command(
        name = "benchmarks",
        mixinStandardHelpOptions = true,
        description = "Measures what the roles cost and what a rollout does to latency.")
public final class Benchmarks implements Callable<Integer> {

    @Option(names = "--home", paramLabel = "DIR", description = "The project's directory; default: here.")
    private Path home = Path.of(".");

    @Option(names = "--records", paramLabel = "N", description = "Records a contender; default ${DEFAULT-VALUE}.")
    private int records = 600_000;

    @Option(names = "--settled", paramLabel = "N", description = "Of these, not measured; default ${DEFAULT-VALUE}.")
    private int settled = 200_000;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Requests a second for latency; default ${DEFAULT-VALUE}.")
    private int rate = 500;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "Seconds a round of latency; default ${DEFAULT-VALUE}.")
    private int seconds = 15;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds that count, of each; default ${DEFAULT-VALUE}.")
    private int rounds = 3;

    @Option(
            names = "--only",
            paramLabel = "TEXT",
            description = "Only the contenders whose name has this in it, without latency and without writing.")
    private String only;

    @Option(names = "--output", paramLabel = "FILE", description = "Where the tables go; default ${DEFAULT-VALUE}.")
    private Path output = Path.of("benchmarks/RESULTS.md");

    private Benchmarks() {}

    private static final int ABORTS = 30;

    public static void main(String[] arguments) {
        Runtime.getRuntime().exit(new CommandLine(new Benchmarks()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path example = home.resolve("examples/flight-delay").toAbsolutePath();
        Path state = Files.createTempDirectory("understudy-benchmarks-");
        try (BrokerProcess broker = BrokerProcess.start()) {
            Throughput throughput = new Throughput(broker, example, state, settled, records);
            Map<String, Cost> costs = throughput.measure(rounds, only == null ? "" : only);
            if (only != null) {
                return 0;
            }
            Map<String, Quantiles> latencies = new Latency(broker, example, state, rate, seconds, rounds).measure();
            EvaluatorCost evaluator = new EvaluatorCost(broker, example, state, 0, records);
            String aborts = aborts(new AbortDelay(broker, example, state).measure(ABORTS));
            write(
                    costs,
                    latencies,
                    aborts + evaluation(evaluator, new VerdictDelay(broker, example, state).measure(30)));
        } finally {
            delete(state);
        }
        return 0;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static String aborts(Histogram delays) {
        return String.format(
                Locale.ROOT,
                """

                ## How fast an abort is

                From the abort's being sent to the last answer of the candidate's that is read, half of 500 requests a second served by it, %d aborts: median %d ms, p99 %d ms.
                """,
                delays.getTotalCount(),
                delays.getValueAtPercentile(50),
                delays.getValueAtPercentile(99));
    }

    private String evaluation(EvaluatorCost evaluator, Histogram delays) throws Exception {
        EvaluatorCost.Traffic usual = evaluator.repartitioned(1000, records / 4);
        EvaluatorCost.Traffic tenfold = evaluator.repartitioned(10_000, records);
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                """

                ## What the evaluator sends and keeps

                | | at 1,000 predictions a second | at 10,000 |
                |---|---:|---:|
                | bytes to the repartition topic, a window of 5 s and partition | %s | %s |
                | the same, a million predictions | %s | %s |

                A request that waits for its outcome takes %.0f bytes on disk.

                From an outcome's arrival to an evaluation that has it, windows of 5 s, 200 outcomes a second: median %.1f s, longest %.1f s.

                ## What an observation costs

                | step | nanoseconds |
                |---|---:|
                """,
                bytes(usual.perWindow()),
                bytes(tenfold.perWindow()),
                bytes(usual.perMillion()),
                bytes(tenfold.perMillion()),
                evaluator.stateBytesPerPendingRequest(records / 2),
                delays.getValueAtPercentile(50) / 1000.0,
                delays.getMaxValue() / 1000.0));
        ObservationCost.measure()
                .forEach((step, nanos) -> text.append(String.format(Locale.ROOT, "| %s | %,.0f |%n", step, nanos)));
        return text.toString();
    }

    /** Streams deletes what it has read, sometimes before it is measured: nothing is then known, and 0 would be untrue. */
    private static String bytes(double measured) {
        return measured == 0 ? "not measured" : String.format(Locale.ROOT, "%,.0f", measured);
    }

    private void write(Map<String, Cost> costs, Map<String, Quantiles> latencies, String evaluation)
            throws IOException {
        StringBuilder text = new StringBuilder();
        text.append("""
                # Results

                Written by `benchmarks/run`; %d cores, Java %s. One run, one broker: compare within a table, not across runs.

                ## What the roles cost

                %,d real flights a contender and round, the first %,d not measured; medians of %d rounds after one that does not count; 3 partitions; broker in a process of its own.

                | contender | records/s | CPU s per million: client | broker | both | ratio to the copy | ratio to the 1-to-2 copy | ratio to the shadow's router |
                |---|---:|---:|---:|---:|---:|---:|---:|
                """.formatted(
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("java.version"),
                        records,
                        settled,
                        rounds));
        double copy = costs.get("plain copy").cpu();
        double fanOut = costs.get("plain 1-to-2 copy, transactions").cpu();
        double shadow = costs.get("router, everything mirrored").cpu();
        costs.forEach((name, cost) -> text.append(String.format(
                Locale.ROOT,
                "| %s | %,.0f | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f |%n",
                name,
                cost.recordsPerSecond(),
                cost.clientCpu(),
                cost.brokerCpu(),
                cost.cpu(),
                cost.cpu() / copy,
                cost.cpu() / fanOut,
                cost.cpu() / shadow)));
        text.append(String.format(
                Locale.ROOT,
                """

                The guard's cost, a million requests that the candidate serves (half of them served, less none, doubled): %.2f CPU s with one deployment, %.2f with a hundred.
                """,
                2
                        * (costs.get("router, 1 deployment, 50% served").cpu()
                                - costs.get("router, 1 deployment, 0% served").cpu()),
                2
                        * (costs.get("router, 100 deployments, 50% served").cpu()
                                - costs.get("router, 100 deployments, 0% served")
                                        .cpu())));
        text.append("""

                ## What a rollout does to the served latency

                %d requests a second, %d rounds of %d s, the settings taking turns; from the request's record to its answer read committed; medians over the rounds.

                | setting | p50 ms | p99 ms | p99 ratio |
                |---|---:|---:|---:|
                """.formatted(rate, rounds, seconds));
        double base = latencies.values().iterator().next().p99();
        latencies.forEach((name, quantiles) -> text.append(String.format(
                Locale.ROOT,
                "| %s | %.0f | %.0f | %.2f |%n",
                name,
                quantiles.p50(),
                quantiles.p99(),
                quantiles.p99() / base)));
        text.append(evaluation);
        Files.writeString(output, text);
        System.out.print(text);
    }
}
