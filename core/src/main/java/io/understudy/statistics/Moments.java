package io.understudy.statistics;

/**
 * Count, mean and centred power sums of observations. Adding and merging lose no precision by cancellation, however far
 * the values are from zero.
 *
 * <p>Merging: T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample
 * variances" (1979), and P. Pébay, "Formulas for robust, one-pass parallel computation of covariances and
 * arbitrary-order statistical moments" (2008), equations 2.1, 2.9 and 2.10.
 *
 * @param n number of observations, at least 0
 * @param mean the mean; 0 without observations
 * @param m2 sum of (x - mean)^2, at least 0
 * @param m3 sum of (x - mean)^3
 * @param m4 sum of (x - mean)^4; NaN when unknown
 */
public record Moments(long n, double mean, double m2, double m3, double m4) {

    /** No observations. */
    public static final Moments NONE = new Moments(0, 0, 0, 0, 0);

    private static final long MIN_FOR_VARIANCE = 2;

    /** The moments of {@code values}. */
    public static Moments of(double... values) {
        Moments moments = NONE;
        for (double value : values) {
            moments = moments.plus(value);
        }
        return moments;
    }

    /** The moments of {@code n} observations of the same value. */
    public static Moments constant(long n, double value) {
        return new Moments(n, n == 0 ? 0 : value, 0, 0, 0);
    }

    /** The moments with one more observation. */
    public Moments plus(double value) {
        return merge(constant(1, value));
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
                        + 3 * perTotal * (na * other.m2 - nb * m2),
                m4
                        + other.m4
                        + delta * perTotal * perTotal * perTotal * na * nb * (na * na - na * nb + nb * nb)
                        + 6 * perTotal * perTotal * (na * na * other.m2 + nb * nb * m2)
                        + 4 * perTotal * (na * other.m3 - nb * m3));
    }

    /**
     * The moments of these observations and of {@code other}, each around the mean of its own sample: the spread that
     * both share, without the difference between them.
     */
    Moments withSpreadOf(Moments other) {
        return new Moments(n + other.n, 0, m2 + other.m2, m3 + other.m3, m4 + other.m4);
    }

    /** The sample variance, m2 / (n - 1); NaN for fewer than two observations. */
    public double variance() {
        return n < MIN_FOR_VARIANCE ? Double.NaN : m2 / (n - 1);
    }

    /** The third cumulant of a mean of {@code count} such observations; 0 without observations. */
    double thirdCumulantOfMean(long count) {
        double size = count;
        return n == 0 || size == 0 ? 0 : m3 / n / (size * size);
    }

    /** The fourth cumulant of a mean of {@code count} such observations; 0 without observations. */
    double fourthCumulantOfMean(long count) {
        double size = count;
        double variance = m2 / n;
        return n == 0 || size == 0 ? 0 : (m4 / n - 3 * variance * variance) / (size * size * size);
    }
}
