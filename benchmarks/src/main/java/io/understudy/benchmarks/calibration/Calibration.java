package io.understudy.benchmarks.calibration;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Simulates every setting with equal and with better candidates, and writes a table of the error rates of the judge and
 * of other tests, and of the time to a decision.
 */
@Command(
        name = "calibration",
        mixinStandardHelpOptions = true,
        description = "Measures false promotions, false aborts and units to decide, and writes docs/calibration.md.")
public final class Calibration implements Callable<Integer> {

    /** With a better candidate, a rollout counts as undecided after this multiple of the windows. */
    private static final int POWER_FACTOR = 20;

    @Option(names = "--runs", paramLabel = "N", description = "Rollouts per setting. Default: ${DEFAULT-VALUE}.")
    private int runs = 2000;

    @Option(names = "--looks", paramLabel = "N", description = "Windows per rollout. Default: ${DEFAULT-VALUE}.")
    private int looks = 200;

    @Option(
            names = "--power-runs",
            paramLabel = "N",
            description = "Rollouts per setting with a better candidate. Default: ${DEFAULT-VALUE}.")
    private int powerRuns = 400;

    @Option(
            names = "--only",
            paramLabel = "TEXT",
            description = "Run only the settings whose name contains this text. Writes no file.")
    private String only = "";

    @Option(names = "--output", paramLabel = "FILE", description = "File for the table. Default: ${DEFAULT-VALUE}.")
    private Path output = Path.of("docs/calibration.md");

    private Calibration() {}

    public static void main(String[] arguments) {
        Runtime.getRuntime().exit(new CommandLine(new Calibration()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        StringBuilder table = new StringBuilder();
        for (CalibrationSetting setting : CalibrationSettings.all()) {
            if (setting.name().contains(only)) {
                String row = row(setting);
                System.out.print(row);
                System.out.flush();
                table.append(row);
            }
        }
        if (only.isEmpty()) {
            Files.writeString(output, page(table));
        }
        return 0;
    }

    private String row(CalibrationSetting setting) {
        List<Trial> equal =
                trials(runs, run -> Trial.play(setting, setting.plan(), setting.equalTruth(), 11, run, looks, false));
        List<Trial> better = trials(
                powerRuns,
                run -> Trial.play(setting, setting.plan(), setting.betterTruth(), 12, run, POWER_FACTOR * looks, true));
        double units = (double) setting.unitSize() * setting.betterTruth().unitsPerWindow();
        double judge = median(better, trial -> trial.promoted() ? trial.windowOfPromotion() : Integer.MAX_VALUE);
        double oracle =
                median(better, trial -> trial.windowOfOracle() > 0 ? trial.windowOfOracle() : Integer.MAX_VALUE);
        boolean comparable = setting.kind() != CalibrationSetting.Kind.PAIRS;
        return String.format(
                Locale.ROOT,
                "| %s | %s | %s | %s | %s | %s | %s |%n",
                setting.name(),
                share(equal, Trial::promoted),
                share(equal, Trial::aborted),
                comparable ? share(equal, Trial::naive) : "-",
                comparable ? share(equal, Trial::plainSequence) : "-",
                judge == Integer.MAX_VALUE
                        ? String.format(Locale.ROOT, "over %,.0f", POWER_FACTOR * looks * units)
                        : String.format(Locale.ROOT, "%,.0f", judge * units),
                judge == Integer.MAX_VALUE ? "-" : String.format(Locale.ROOT, "%.2f", judge / oracle));
    }

    private static List<Trial> trials(int count, IntFunction<Trial> play) {
        return IntStream.range(0, count).parallel().mapToObj(play).toList();
    }

    private static double median(List<Trial> trials, ToIntFunction<Trial> window) {
        int[] sorted = trials.stream().mapToInt(window).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static String share(List<Trial> trials, Predicate<Trial> predicate) {
        return String.format(
                Locale.ROOT, "%.4f", (double) trials.stream().filter(predicate).count() / trials.size());
    }

    private String page(StringBuilder table) {
        return String.format(Locale.ROOT, """
                # Calibration

                Written by `benchmarks/calibrate`. For each setting it simulates %,d rollouts in which the models do not
                differ. The judge is the one that runs in production. It looks at each rollout %d times and continues
                after a verdict. Alpha is .05 for a false promotion and .05 for a false abort.

                Two other tests see the same data. The *naive test* is a z-test at .05 after every window. The *plain
                confidence sequence* is the usual asymptotic one, with its unpooled variance. Both are two-sided and
                treat requests as independent. For means, both use the judge's own standard error, which is the larger
                of the unpooled and the pooled one.

                *Units to decide* is the median number of requests, in both arms together, until the candidate passes.
                Here the candidate is better by exactly the effect declared worth detecting; the median is over %,d
                rollouts. The *oracle* is the sequential probability ratio test that knows everything except whether
                there is an effect: conditional odds for rates, true variances for means. The last column divides the
                judge's units by the oracle's.

                | setting | false promotions | false aborts | naive test | plain sequence | units to decide | judge / oracle |
                |---|---:|---:|---:|---:|---:|---:|
                """, runs, looks, powerRuns) + table;
    }
}
