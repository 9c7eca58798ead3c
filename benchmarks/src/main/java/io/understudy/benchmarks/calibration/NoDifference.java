package io.understudy.benchmarks.calibration;

import io.understudy.benchmarks.calibration.Section.Row;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** The error rates of the judge and of other tests without a difference, and the time to a decision with one. */
final class NoDifference {

    private static final int LOOKS = 200;

    /** With a better candidate, a rollout counts as undecided after this multiple of the windows. */
    private static final int POWER_FACTOR = 20;

    private NoDifference() {}

    static Section section() {
        return new Section(
                "no difference",
                "No difference, and the time to see one",
                String.format(Locale.ROOT, """
                In each setting the models do not differ. The judge looks at each rollout %d times and continues after a
                verdict. Alpha is .05 for a false promotion and .05 for a false abort.

                Two other tests see the same data. The *naive test* is a z-test at .05 after every window. The *plain
                confidence sequence* is the usual asymptotic one, with its unpooled variance. Both are two-sided and
                treat requests as independent. For means, both use the judge's own standard error, which is the larger
                of the unpooled and the pooled one.

                *Units to decide* is the median number of requests, in both arms together, until the candidate passes,
                in other rollouts in which it is better by exactly the effect declared worth detecting. The *oracle* is
                the sequential probability ratio test that knows everything except whether there is an effect:
                conditional odds for rates, true variances for means. The last column divides the judge's units by the
                oracle's.
                """, LOOKS),
                List.of(
                        "runs",
                        "false promotions",
                        "false aborts",
                        "naive test",
                        "plain sequence",
                        "runs, better",
                        "units to decide",
                        "judge / oracle"),
                CalibrationSettings.all().stream()
                        .map(setting -> new Row(setting.name(), runs -> cells(setting, runs)))
                        .toList());
    }

    private static List<String> cells(CalibrationSetting setting, Runs runs) {
        List<Trial> equal = trials(
                runs.rates(), run -> Trial.play(setting, setting.plan(), setting.equalTruth(), 11, run, LOOKS, false));
        List<Trial> better = trials(
                runs.medians(),
                run -> Trial.play(setting, setting.plan(), setting.betterTruth(), 12, run, POWER_FACTOR * LOOKS, true));
        long units = (long) setting.unitSize() * setting.betterTruth().unitsPerWindow();
        double judge = Cells.median(better.stream()
                .mapToDouble(trial -> trial.promoted() ? trial.windowOfPromotion() : Double.NaN)
                .toArray());
        double oracle = Cells.median(better.stream()
                .mapToDouble(trial -> trial.windowOfOracle() > 0 ? trial.windowOfOracle() : Double.NaN)
                .toArray());
        boolean comparable = setting.kind() != CalibrationSetting.Kind.PAIRS;
        return List.of(
                Cells.count(runs.rates()),
                Cells.share(equal, Trial::promoted),
                Cells.share(equal, Trial::aborted),
                comparable ? Cells.share(equal, Trial::naive) : "-",
                comparable ? Cells.share(equal, Trial::plainSequence) : "-",
                Cells.count(runs.medians()),
                Cells.median(judge * units, POWER_FACTOR * LOOKS * units),
                Cells.ratio(judge, oracle));
    }

    private static List<Trial> trials(int count, IntFunction<Trial> play) {
        return IntStream.range(0, count).parallel().mapToObj(play).toList();
    }
}
