package io.understudy.benchmarks.calibration;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.function.Predicate;

/** Numbers as the tables show them. */
final class Cells {

    private Cells() {}

    static String count(double number) {
        return String.format(Locale.ROOT, "%,.0f", number);
    }

    /** The fraction of {@code trials} for which {@code predicate} holds; a dash without trials. */
    static <T> String share(Collection<T> trials, Predicate<T> predicate) {
        return trials.isEmpty()
                ? "-"
                : String.format(
                        Locale.ROOT,
                        "%.4f",
                        (double) trials.stream().filter(predicate).count() / trials.size());
    }

    /** The median of {@code values}, where NaN is more than any number; NaN without values. */
    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    }

    /** A median; {@code limit} is the largest number that could be seen. */
    static String median(double median, long limit) {
        return Double.isNaN(median) ? "over " + count((double) limit) : count(median);
    }

    static String ratio(double numerator, double denominator) {
        double ratio = numerator / denominator;
        return Double.isNaN(ratio) ? "-" : String.format(Locale.ROOT, "%.2f", ratio);
    }
}
