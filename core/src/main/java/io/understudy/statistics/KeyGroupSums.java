package io.understudy.statistics;

import java.util.Arrays;
import java.util.function.BiConsumer;

/**
 * Sum and count of observations per bucket of units: what a mean over requests needs when not the requests but the units (keys) are
 * independent. A unit's requests fall into one bucket, and buckets are independent where units are.
 *
 * <p>{@code R = sum / requests}, {@code var(R) = B/(B-1) sum_c (s_c - R n_c)^2 / N^2}: the ratio estimator of cluster sampling (W. G.
 * Cochran, "Sampling Techniques", 1977, section 6.3; A. Deng et al., "Applying the Delta Method in Metric Analytics", 2018), with
 * hashed buckets for the clusters. Assumes many units over many buckets: {@link Gate} and the caller's count of units say when.
 *
 * <p>Mutable, for one thread: it lies on the path of every request. Merging adds bucket by bucket.
 */
public final class KeyGroupSums {

    /** Buckets an arm has. */
    public static final int COUNT = 512;

    private final long[] requests;
    private final double[] sums;

    private KeyGroupSums(long[] requests, double[] sums) {
        this.requests = requests;
        this.sums = sums;
    }

    /** Buckets without a request. */
    public static KeyGroupSums empty() {
        return new KeyGroupSums(new long[COUNT], new double[COUNT]);
    }

    /** Adds an observation of the unit in {@code bucket}, 0 to {@code COUNT - 1}. */
    public void add(int bucket, double value) {
        add(bucket, 1, value);
    }

    /** Adds {@code count} observations that sum to {@code sum}. */
    public void add(int bucket, long count, double sum) {
        requests[bucket] += count;
        sums[bucket] += sum;
    }

    /** Adds what {@code other} has. */
    public void addAll(KeyGroupSums other) {
        for (int i = 0; i < COUNT; i++) {
            requests[i] += other.requests[i];
            sums[i] += other.sums[i];
        }
    }

    /** Shows each bucket that has a request to {@code visitor}: its number, and its count and sum as an array of two. */
    public void forEach(BiConsumer<Integer, double[]> visitor) {
        for (int i = 0; i < COUNT; i++) {
            if (requests[i] > 0) {
                visitor.accept(i, new double[] {requests[i], sums[i]});
            }
        }
    }

    /** All requests. */
    public long requests() {
        return Arrays.stream(requests).sum();
    }

    /** R; NaN without requests. */
    public double ratio() {
        double sum = 0;
        for (double value : sums) {
            sum += value;
        }
        return sum / requests();
    }

    /** Over the buckets in use: the moments of s_c - R n_c. */
    private Moments residuals() {
        double ratio = ratio();
        Moments residuals = Moments.NONE;
        for (int i = 0; i < COUNT; i++) {
            if (requests[i] > 0) {
                residuals = residuals.plus(sums[i] - ratio * requests[i]);
            }
        }
        return residuals;
    }

    /** R with the standard error that the spread between buckets gives it. */
    public Estimate estimate() {
        return estimate(residuals());
    }

    private Estimate estimate(Moments residuals) {
        double n = requests();
        // The residuals sum to zero, so m2 is the sum of their squares.
        double variance = residuals.n() * residuals.variance() / (n * n);
        return new Estimate(ratio(), Math.sqrt(variance));
    }

    /** Buckets that must be in use before R may be taken for normal, and those that are. */
    public boolean isNormal() {
        Moments residuals = residuals();
        return residuals.n() >= Gate.units(residuals.skewness());
    }

    /**
     * The difference between two arms. se^2 is the larger of the sum of the arms' variances and what both would have with their
     * pooled spread a request: see {@link Estimate#between}.
     */
    public static Estimate difference(KeyGroupSums existing, KeyGroupSums candidate) {
        Estimate a = existing.estimate();
        Estimate b = candidate.estimate();
        double na = existing.requests();
        double nb = candidate.requests();
        double va = a.standardError() * a.standardError();
        double vb = b.standardError() * b.standardError();
        double spread = (na * na * va + nb * nb * vb) / (na + nb);
        double pooled = spread * (1 / na + 1 / nb);
        return new Estimate(b.difference() - a.difference(), Math.sqrt(Math.max(va + vb, pooled)));
    }
}
