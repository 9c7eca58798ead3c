package io.understudy.statistics;

import java.util.function.IntPredicate;
import org.apache.commons.numbers.gamma.LogBeta;
import org.apache.commons.numbers.gamma.LogGamma;
import org.apache.commons.numbers.gamma.RegularizedBeta;

/** Sums and Beta functions, computed with logarithms because the numbers themselves would overflow or underflow. */
final class Logarithms {

    private static final double SMALLEST_TRUSTED = 1e-280;
    private static final int MAX_TERMS = 10_000;
    private static final double PRECISE = 1e-14;

    private Logarithms() {}

    /**
     * ln of the sum of exp(value) over the indices that {@code included} accepts; minus infinity when it accepts none.
     */
    static double sum(double[] values, IntPredicate included) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < values.length; i++) {
            if (included.test(i)) {
                largest = Math.max(largest, values[i]);
            }
        }
        if (Double.isInfinite(largest)) {
            return largest;
        }
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            if (included.test(i)) {
                sum += Math.exp(values[i] - largest);
            }
        }
        return largest + Math.log(sum);
    }

    /** ln B(a, b). */
    static double beta(double a, double b) {
        return LogBeta.value(a, b);
    }

    /**
     * ln of the regularised incomplete Beta function I_x(a, b). Where the function itself would underflow, x is far
     * below the mean, and the continued fraction (modified Lentz; W. Press et al., "Numerical Recipes", section 6.4)
     * converges quickly.
     */
    static double regularizedBeta(double x, double a, double b) {
        double value = RegularizedBeta.value(x, a, b);
        if (value > SMALLEST_TRUSTED) {
            return Math.log(value);
        }
        double c = 1;
        double d = 1 / (1 - (a + b) * x / (a + 1));
        double fraction = d;
        for (int m = 1; m <= MAX_TERMS; m++) {
            double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / (1 + even * d);
            c = 1 + even / c;
            fraction *= d * c;
            double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / (1 + odd * d);
            c = 1 + odd / c;
            double step = d * c;
            fraction *= step;
            if (Math.abs(step - 1) < PRECISE) {
                break;
            }
        }
        return a * Math.log(x) + b * Math.log1p(-x) - Math.log(a) - beta(a, b) + Math.log(fraction);
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
