package io.understudy.statistics;

import java.util.function.IntPredicate;
import org.apache.commons.numbers.gamma.LogBeta;
import org.apache.commons.numbers.gamma.LogGamma;

/** Sums and Beta functions of numbers that are only known by their logarithms. */
final class Logarithms {

    private Logarithms() {}

    /** ln of the sum of exp(value) over the indices that {@code which} takes; minus infinity when it takes none. */
    static double sum(double[] values, IntPredicate which) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < values.length; i++) {
            if (which.test(i)) {
                largest = Math.max(largest, values[i]);
            }
        }
        if (Double.isInfinite(largest)) {
            return largest;
        }
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            if (which.test(i)) {
                sum += Math.exp(values[i] - largest);
            }
        }
        return largest + Math.log(sum);
    }

    /** ln B(a, b). */
    static double beta(double a, double b) {
        return LogBeta.value(a, b);
    }

    /** ln of the multivariate Beta function: the sum of ln Gamma(a_i), minus ln Gamma of the sum of a_i. */
    static double beta(double[] a) {
        double total = 0;
        double logs = 0;
        for (double value : a) {
            total += value;
            logs += LogGamma.value(value);
        }
        return logs - LogGamma.value(total);
    }
}
