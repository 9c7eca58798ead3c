package io.understudy.statistics;

/**
 * Distances between two histograms over the same bins.
 *
 * <p>Population stability index: {@code sum (q - p) ln(q/p)}, with half a count added to every bin. Without drift its
 * expectation is (B-1)(1/n + 1/m), so a fixed threshold gives false alarms on small samples. Jensen-Shannon divergence
 * in nats: {@code (KL(p||m) + KL(q||m)) / 2}, where m is the mean of p and q (J. Lin, 1991); between 0 and ln 2. Bayes
 * factor: the counts under two distributions against the counts under one common distribution, each with a uniform
 * Dirichlet prior (I. J. Good, 1967): {@code lnB(1+a) + lnB(1+b) - lnB(1) - lnB(1+a+b)}.
 */
public final class Drift {

    private static final double HALF = 0.5;

    private Drift() {}

    /** The population stability index of {@code candidate} against {@code existing}. */
    public static double populationStability(long[] existing, long[] candidate) {
        check(existing, candidate);
        double n = total(existing) + HALF * existing.length;
        double m = total(candidate) + HALF * candidate.length;
        double index = 0;
        for (int i = 0; i < existing.length; i++) {
            double p = (existing[i] + HALF) / n;
            double q = (candidate[i] + HALF) / m;
            index += (q - p) * Math.log(q / p);
        }
        return index;
    }

    /** The Jensen-Shannon divergence in nats; NaN when a histogram is empty. */
    public static double jensenShannon(long[] existing, long[] candidate) {
        check(existing, candidate);
        double n = total(existing);
        double m = total(candidate);
        double divergence = 0;
        for (int i = 0; i < existing.length; i++) {
            double p = existing[i] / n;
            double q = candidate[i] / m;
            divergence += relativeEntropyTerm(p, (p + q) / 2) + relativeEntropyTerm(q, (p + q) / 2);
        }
        return divergence / 2;
    }

    private static double relativeEntropyTerm(double p, double mean) {
        return p == 0 ? 0 : p * Math.log(p / mean);
    }

    /** ln of the Bayes factor of two distributions against one common distribution. */
    public static double logBayesFactor(long[] existing, long[] candidate) {
        check(existing, candidate);
        double[] prior = new double[existing.length];
        double[] a = new double[existing.length];
        double[] b = new double[existing.length];
        double[] both = new double[existing.length];
        for (int i = 0; i < existing.length; i++) {
            prior[i] = 1;
            a[i] = 1.0 + existing[i];
            b[i] = 1.0 + candidate[i];
            both[i] = 1.0 + existing[i] + candidate[i];
        }
        return Logarithms.beta(a) + Logarithms.beta(b) - Logarithms.beta(prior) - Logarithms.beta(both);
    }

    private static double total(long[] counts) {
        double total = 0;
        for (long count : counts) {
            total += count;
        }
        return total;
    }

    private static void check(long[] existing, long[] candidate) {
        if (existing.length != candidate.length || existing.length < 2) {
            throw new IllegalArgumentException("existing has " + existing.length + " bins, candidate "
                    + candidate.length + "; both must have the same number, at least 2");
        }
        for (int i = 0; i < existing.length; i++) {
            if (existing[i] < 0 || candidate[i] < 0) {
                throw new IllegalArgumentException("counts must be at least 0");
            }
        }
    }
}
