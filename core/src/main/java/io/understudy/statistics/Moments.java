package io.understudy.statistics;

/**
 * Count, mean and centred power sums of observations. Adding and merging lose no precision by cancellation, however far
 * the values are from zero.
 *
 * <p>Merging: T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample
 * variances" (1979), and P. Pébay, "Formulas for robust, one-pass parallel computation of covariances and
 * arbitrary-order statistical moments" (2008), equations 2.1 and 2.9.
 *
 * @param n number of observations, at least 0
 * @param mean the mean; 0 without observations
 * @param m2 sum of (x - mean)^2, at least 0
 * @param m3 sum of (x - mean)^3
 */
public record Moments(long n, double mean, double m2, double m3) {

    /** No observations. */
    public static final Moments NONE = new Moments(0, 0, 0, 0);

    private static final long MIN_FOR_VARIANCE = 2;

    /** The moments of {@code values}. */
    public static Moments of(double... values) {
        Moments moments = NONE;
        for (double value : values) {
            moments = moments.plus(value);
        }
        return moments;
    }

    /** The moments with one more observation. */
    public Moments plus(double value) {
        return merge(new Moments(1, value, 0, 0));
    }

    /** The moments of the observations of both. */
    public Moments merge(Moments other) {
        if (n == 0) {
            return other;
        }
        if (other.n == 0) {
            return this;
        }
        double na = n;
        double nb = other.n;
        double total = na + nb;
        double delta = other.mean - mean;
        double perTotal = delta / total;
        return new Moments(
                n + other.n,
                mean + nb * perTotal,
                m2 + other.m2 + delta * perTotal * na * nb,
                m3
                        + other.m3
                        + delta * perTotal * perTotal * na * nb * (na - nb)
                        + 3 * perTotal * (na * other.m2 - nb * m2));
    }

    /** The sample variance, m2 / (n - 1); NaN for fewer than two observations. */
    public double variance() {
        return n < MIN_FOR_VARIANCE ? Double.NaN : m2 / (n - 1);
    }

    /** The skewness, sqrt(n) m3 / m2^1.5; 0 without variance. */
    public double skewness() {
        return m2 > 0 ? Math.sqrt((double) n) * m3 / Math.pow(m2, 1.5) : 0;
    }
}
