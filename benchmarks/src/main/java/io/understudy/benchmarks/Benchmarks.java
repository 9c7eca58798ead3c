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

/** Runs the benchmarks and writes their results as tables. */
@Command(
        name = "benchmarks",
        mixinStandardHelpOptions = true,
        description = "Measures the cost of the roles and the effect of a rollout on latency.")
public final class Benchmarks implements Callable<Integer> {

    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = "Directory of the project. Default: the current directory.")
    private Path home = Path.of(".");

    @Option(names = "--records", paramLabel = "N", description = "Records per contender. Default: ${DEFAULT-VALUE}.")
    private int records = 600_000;

    @Option(
            names = "--settled",
            paramLabel = "N",
            description = "Records of these before the measurement starts. Default: ${DEFAULT-VALUE}.")
    private int settled = 200_000;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Requests per second for latency. Default: ${DEFAULT-VALUE}.")
    private int rate = 500;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "Seconds per round of latency. Default: ${DEFAULT-VALUE}.")
    private int seconds = 15;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Measured rounds of each contender. Default: ${DEFAULT-VALUE}.")
    private int rounds = 3;

    @Option(
            names = "--only",
            paramLabel = "TEXT",
            description = "Run only the contenders whose name contains this text. Skips latency and writes no results.")
    private String only;

    @Option(names = "--output", paramLabel = "FILE", description = "File for the results. Default: ${DEFAULT-VALUE}.")
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

                ## How quickly an abort takes effect

                The time from sending the abort until the candidate's last answer is read. The candidate serves half of
                500 requests a second. %d aborts: median %d ms, p99 %d ms.
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

                ## What the evaluator sends and stores

                | | at 1,000 predictions per second | at 10,000 |
                |---|---:|---:|
                | bytes to the repartition topic, per window of 5 s and partition | %s | %s |
                | bytes to the repartition topic, per million predictions | %s | %s |

                Each request that waits for its outcome takes %.0f bytes on disk.

                The time from the arrival of an outcome until an evaluation includes it, with windows of 5 s and 200
                outcomes a second: median %.1f s, maximum %.1f s.

                ## Cost of an observation

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

    /**
     * Kafka Streams deletes records that it has read, sometimes before they are measured. A result of 0 is then not a
     * measurement.
     */
    private static String bytes(double measured) {
        return measured == 0 ? "not measured" : String.format(Locale.ROOT, "%,.0f", measured);
    }

    private void write(Map<String, Cost> costs, Map<String, Quantiles> latencies, String evaluation)
            throws IOException {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                """
                # Results

                Written by `benchmarks/run` on %d cores with Java %s. Each run uses one broker. Compare numbers within a
                table, not across runs.

                ## Cost of the roles

                Each contender processes %,d real flights per round, of which the first %,d are not measured. The
                numbers are medians of %d rounds, after one warm-up round. Topics have 3 partitions, and the broker runs
                in its own process.

                | contender | records/s | CPU s per million: client | broker | both | ratio to the copy | ratio to the 1-to-2 copy | ratio to the mirroring router |
                |---|---:|---:|---:|---:|---:|---:|---:|
                """,
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

                The guard's cost for a million requests that the candidate serves: %.2f CPU s with one deployment, %.2f
                with a hundred. It is twice the difference between serving 50%% and serving 0%%.
                """,
                2
                        * (costs.get("router, 1 deployment, 50% served").cpu()
                                - costs.get("router, 1 deployment, 0% served").cpu()),
                2
                        * (costs.get("router, 100 deployments, 50% served").cpu()
                                - costs.get("router, 100 deployments, 0% served")
                                        .cpu())));
        text.append(String.format(Locale.ROOT, """

                ## Effect of a rollout on the served latency

                %d requests a second, in %d rounds of %d s per setting; the settings take turns. Latency is measured
                from the request's record until its answer is read with `read_committed`. The numbers are medians over
                the rounds. The rows with *the candidate's share* cover only requests that are assigned to the
                candidate, including fallbacks.

                | setting | p50 ms | p99 ms | p99 ratio |
                |---|---:|---:|---:|
                """, rate, rounds, seconds));
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
