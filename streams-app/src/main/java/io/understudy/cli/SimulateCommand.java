package io.understudy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;
import io.understudy.simulation.Simulation;
import io.understudy.simulation.Simulation.End;
import io.understudy.simulation.Simulation.Run;
import io.understudy.simulation.TruthReader;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code understudy simulate}. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description = {
            "Simulates whole rollouts on generated data: how long does a decision take, and how often is it wrong?",
            "TRUTH is YAML: the traffic (units-per-window, requests-per-key, keys, intra-key-correlation, pair-correlation, "
                    + "base-rate-swing, swing-period, lost-units, label-delay, ahead), and metrics, by name: "
                    + "{distribution: bernoulli, existing: 0.1, candidate: 0.12}, "
                    + "{distribution: normal, existing: {mean: 5, sd: 2}, candidate: ...} or "
                    + "{distribution: lognormal, existing: {mu: 0, sigma: 1.5}, candidate: ...}, "
                    + "with changes, effect-by-cycle and lost. A ratio's distribution is that of its numerator; every "
                    + "denominator is 1. docs/simulation.md describes every field."
        })
final class SimulateCommand implements Callable<Integer> {

    @Option(
            names = {"-f", "--file"},
            required = true,
            paramLabel = "FILE",
            description = "The rollout, YAML. It needs no candidate yet.")
    private Path file;

    @Option(
            names = "--truth",
            required = true,
            paramLabel = "FILE",
            description = "The true behaviour of both models, YAML.")
    private Path truth;

    @Option(
            names = "--runs",
            paramLabel = "N",
            description = "Number of rollouts to simulate. Default: ${DEFAULT-VALUE}.")
    private int runs = 1000;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description =
                    "Seed of the random numbers: the same seed gives the same rollouts. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(
            names = "--max-windows",
            paramLabel = "N",
            description = "Number of windows after which a rollout counts as undecided. Default: ${DEFAULT-VALUE}.")
    private int maxWindows = 500;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    private record Quantiles(long p10, long median, long p90) {}

    @Override
    public Integer call() throws Exception {
        if (runs < 1 || maxWindows < 1) {
            throw new ParameterException(spec.commandLine(), "--runs and --max-windows must be at least 1");
        }
        EvidencePlan plan = SpecReader.evidence(Files.readString(file));
        Simulation simulation = new Simulation(plan, TruthReader.read(Files.readString(truth), plan), maxWindows);
        print(simulation.play(runs, seed, progress()), plan.stages().size());
        return 0;
    }

    /** Draws a progress bar on a terminal; does nothing when the output is not a terminal. */
    @SuppressWarnings("SystemConsoleNull") // Java 17 has no Console.isTerminal().
    private IntConsumer progress() {
        if (System.console() == null) {
            return done -> {};
        }
        int step = Math.max(1, runs / 100);
        return done -> {
            if (done % step == 0 || done == runs) {
                int filled = (int) (40L * done / runs);
                System.err.printf(
                        "\r%s%s %d/%d%s",
                        "█".repeat(filled), "░".repeat(40 - filled), done, runs, done == runs ? "\n" : "");
            }
        };
    }

    private void print(List<Run> rollouts, int stages) throws JsonProcessingException {
        Map<String, @Nullable Object> summary = new LinkedHashMap<>();
        summary.put("runs", rollouts.size());
        for (End end : End.values()) {
            summary.put(
                    end.name().toLowerCase(Locale.ROOT),
                    rollouts.stream().filter(run -> run.end() == end).count());
        }
        summary.put(
                "endedInStage",
                IntStream.range(0, stages)
                        .mapToLong(stage -> rollouts.stream()
                                .filter(run -> run.stage() == stage)
                                .count())
                        .boxed()
                        .toList());
        List<Run> decided =
                rollouts.stream().filter(run -> run.end() != End.UNDECIDED).toList();
        summary.put(
                "unitsToDecide",
                quantiles(decided.stream().map(Run::units).sorted().toList()));
        summary.put(
                "windowsToDecide",
                quantiles(decided.stream()
                        .map(run -> (long) run.windows())
                        .sorted()
                        .toList()));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new JsonMapper().writeValueAsString(summary));
        } else {
            summary.forEach((name, value) -> out.printf("%-16s %s%n", name, format(value)));
        }
        out.flush();
    }

    private static String format(@Nullable Object value) {
        if (value instanceof Quantiles quantiles) {
            return String.format(
                    Locale.ROOT,
                    "median %,d (10th percentile %,d, 90th percentile %,d)",
                    quantiles.median(),
                    quantiles.p10(),
                    quantiles.p90());
        }
        return value == null ? "-" : value.toString();
    }

    /** Quantiles of the decided rollouts; null when no rollout was decided. */
    private static @Nullable Quantiles quantiles(List<Long> sorted) {
        return sorted.isEmpty() ? null : new Quantiles(at(sorted, 0.1), at(sorted, 0.5), at(sorted, 0.9));
    }

    private static long at(List<Long> sorted, double quantile) {
        return sorted.get((int) Math.min(sorted.size() - 1, Math.floor(quantile * sorted.size())));
    }
}
