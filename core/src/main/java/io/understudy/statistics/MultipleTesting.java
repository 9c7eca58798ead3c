package io.understudy.statistics;

import java.util.Arrays;
import java.util.Comparator;

/** Corrections for multiple tests. */
public final class MultipleTesting {

    private MultipleTesting() {}

    /**
     * S. Holm's adjusted p-values (1979), in input order. Compared with alpha, they keep the probability of any false
     * claim at most alpha.
     */
    public static double[] holm(double... p) {
        check(p);
        Integer[] order = order(p, Comparator.naturalOrder());
        double[] adjusted = new double[p.length];
        double largest = 0;
        for (int rank = 0; rank < p.length; rank++) {
            largest = Math.max(largest, Math.min(1, (p.length - rank) * p[order[rank]]));
            adjusted[order[rank]] = largest;
        }
        return adjusted;
    }

    /**
     * Y. Benjamini's and Y. Hochberg's adjusted p-values (1995), in input order. Compared with alpha, they bound the
     * expected share of false claims.
     */
    public static double[] benjaminiHochberg(double... p) {
        check(p);
        Integer[] order = order(p, Comparator.reverseOrder());
        double[] adjusted = new double[p.length];
        double smallest = 1;
        for (int i = 0; i < p.length; i++) {
            int rank = p.length - i;
            smallest = Math.min(smallest, p[order[i]] * p.length / rank);
            adjusted[order[i]] = smallest;
        }
        return adjusted;
    }

    /**
     * Which of m hypotheses the e-BH procedure rejects (R. Wang, A. Ramdas, 2022), in input order: those with the k
     * largest e-values, where k is the largest number such that the k-th largest e-value is at least m/(alpha k).
     */
    public static boolean[] eBenjaminiHochberg(double[] e, double alpha) {
        for (double value : e) {
            if (!(value >= 0)) {
                throw new IllegalArgumentException("an e-value is " + value + "; every e-value must be at least 0");
            }
        }
        Integer[] order = order(e, Comparator.reverseOrder());
        int rejections = 0;
        for (int k = 1; k <= e.length; k++) {
            if (e[order[k - 1]] >= e.length / (alpha * k)) {
                rejections = k;
            }
        }
        boolean[] rejected = new boolean[e.length];
        for (int i = 0; i < rejections; i++) {
            rejected[order[i]] = true;
        }
        return rejected;
    }

    private static void check(double[] p) {
        for (double value : p) {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException("a p-value is " + value + "; every p-value must be from 0 to 1");
            }
        }
    }

    private static Integer[] order(double[] values, Comparator<Double> by) {
        Integer[] order = new Integer[values.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparing(i -> values[i], by));
        return order;
    }
}
