package io.understudy.statistics;

import java.util.Arrays;
import java.util.function.BiConsumer;

/**
 * Sums and counts of observations by group of keys, for a mean over requests when the independent units are the keys
 * and not the requests. Each key is hashed to one of {@value #COUNT} groups, called buckets. All requests of a key fall
 * into the same bucket, so buckets are independent if keys are.
 *
 * <p>{@code R = sum / requests}, {@code var(R) = B/(B-1) sum_c (s_c - R n_c)^2 / N^2}: the ratio estimator of cluster
 * sampling (W. G. Cochran, "Sampling Techniques", 1977, section 6.3; A. Deng et al., "Applying the Delta Method in
 * Metric Analytics", 2018), with the buckets as clusters. It assumes many keys in many buckets; {@link SampleSizeGate}
 * and the caller's count of keys tell when that holds.
 *
 * <p>Mutable, for one thread: every request updates it. Merging adds bucket by bucket.
 */
public final class KeyGroupSums {

    /** The number of buckets. */
    public static final int COUNT = 512;

    private final long[] requests;
    private final double[] sums;

    private KeyGroupSums(long[] requests, double[] sums) {
        this.requests = requests;
        this.sums = sums;
    }

    /** No requests yet. */
    public static KeyGroupSums empty() {
        return new KeyGroupSums(new long[COUNT], new double[COUNT]);
    }

    /** Adds one observation to {@code bucket}, 0 to {@code COUNT - 1}. */
    public void add(int bucket, double value) {
        add(bucket, 1, value);
    }

    /** Adds {@code count} observations with the sum {@code sum} to {@code bucket}. */
    public void add(int bucket, long count, double sum) {
        requests[bucket] += count;
        sums[bucket] += sum;
    }

    /** Adds all observations of {@code other}. */
    public void addAll(KeyGroupSums other) {
        for (int i = 0; i < COUNT; i++) {
            requests[i] += other.requests[i];
            sums[i] += other.sums[i];
        }
    }

    /** Passes each bucket that has a request to {@code visitor}: its number, and an array of its count and its sum. */
    public void forEach(BiConsumer<Integer, double[]> visitor) {
        for (int i = 0; i < COUNT; i++) {
            if (requests[i] > 0) {
                visitor.accept(i, new double[] {requests[i], sums[i]});
            }
        }
    }

    /** The number of requests in all buckets. */
    public long requests() {
        return Arrays.stream(requests).sum();
    }

    /** R, the mean over all requests; NaN without requests. */
    public double ratio() {
        double sum = 0;
        for (double value : sums) {
            sum += value;
        }
        return sum / requests();
    }

    /** The moments of s_c - R n_c over the buckets that have requests. */
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

    /** R with its standard error, estimated from the variance between buckets. */
    public Estimate estimate() {
        return estimate(residuals());
    }

    private Estimate estimate(Moments residuals) {
        double n = requests();
        // The residuals sum to zero, so m2 is the sum of their squares.
        double variance = residuals.n() * residuals.variance() / (n * n);
        return new Estimate(ratio(), Math.sqrt(variance));
    }

    /** Whether enough buckets have requests for R to be treated as normal. */
    public boolean isNormal() {
        Moments residuals = residuals();
        return residuals.n() >= SampleSizeGate.units(residuals.skewness());
    }

    /**
     * The difference between two arms. se^2 is the larger of the sum of the arms' variances and the variance with the
     * arms' pooled variance per request; {@link Estimate#between} says why.
     */
    public static Estimate difference(KeyGroupSums existing, KeyGroupSums candidate) {
        Estimate a = existing.estimate();
        Estimate b = candidate.estimate();
        double na = existing.requests();
        double nb = candidate.requests();
        double va = a.standardError() * a.standardError();
        double vb = b.standardError() * b.standardError();
        double pooledPerRequest = (na * na * va + nb * nb * vb) / (na + nb);
        double pooled = pooledPerRequest * (1 / na + 1 / nb);
        return new Estimate(b.difference() - a.difference(), Math.sqrt(Math.max(va + vb, pooled)));
    }
}
