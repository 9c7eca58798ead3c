package io.understudy.statistics;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Sums and counts of observations by group of keys, for a mean over requests when the independent units are the keys
 * and not the requests. Each key is hashed to one of {@value #COUNT} groups, called buckets. All requests of a key fall
 * into the same bucket, so buckets are independent if keys are.
 *
 * <p>{@code R = sum / requests}, {@code var(R) = B/(B-1) sum_c (s_c - R n_c)^2 / N^2}: the ratio estimator of cluster
 * sampling (W. G. Cochran, "Sampling Techniques", 1977, section 6.3; A. Deng et al., "Applying the Delta Method in
 * Metric Analytics", 2018), with the buckets as clusters. It assumes many keys in many buckets; {@link Estimate#isNormal}
 * and the caller's count of keys tell when that holds.
 *
 * <p>Mutable, for one thread: every request updates it. Merging adds bucket by bucket.
 */
public final class KeyGroupSums {

    /** The number of buckets. */
    public static final int COUNT = 512;

    private final long[] requests;
    private final double[] sums;
    private long requestsInAll;

    /** Kept until more is added, because a look after a window asks for them many times. */
    private @Nullable Totals totals;

    /** What all buckets together say: R, and the moments of s_c - R n_c. */
    private record Totals(double ratio, Moments residuals) {}

    private KeyGroupSums(long[] requests, double[] sums) {
        this.requests = requests;
        this.sums = sums;
    }

    /** No requests yet, in {@value #COUNT} buckets. */
    public static KeyGroupSums empty() {
        return empty(COUNT);
    }

    /**
     * No requests yet.
     *
     * @param buckets the number of buckets, a power of 2 of at most {@value #COUNT}
     */
    public static KeyGroupSums empty(int buckets) {
        return new KeyGroupSums(new long[buckets], new double[buckets]);
    }

    /** Adds one observation to {@code bucket}, from 0. */
    public void add(int bucket, double value) {
        add(bucket, 1, value);
    }

    /** Adds {@code count} observations with the sum {@code sum} to {@code bucket}. */
    public void add(int bucket, long count, double sum) {
        requests[bucket] += count;
        sums[bucket] += sum;
        requestsInAll += count;
        totals = null;
    }

    /** Adds all observations of {@code other}, which has as many buckets as this or a multiple of them. */
    public void addAll(KeyGroupSums other) {
        if (other.requestsInAll == 0) {
            return;
        }
        int bucketsInOne = other.requests.length / requests.length;
        int next = 0;
        for (int i = 0; i < requests.length; i++) {
            for (int last = next + bucketsInOne; next < last; next++) {
                requests[i] += other.requests[next];
                sums[i] += other.sums[next];
            }
        }
        requestsInAll += other.requestsInAll;
        totals = null;
    }

    /** Passes each bucket that has a request to {@code visitor}: its number, and an array of its count and its sum. */
    public void forEach(BiConsumer<Integer, double[]> visitor) {
        for (int i = 0; i < requests.length; i++) {
            if (requests[i] > 0) {
                visitor.accept(i, new double[] {requests[i], sums[i]});
            }
        }
    }

    /** The number of requests in all buckets. */
    public long requests() {
        return requestsInAll;
    }

    /** R, the mean over all requests; NaN without requests. */
    public double ratio() {
        return totals().ratio();
    }

    /** The moments of s_c - R n_c over the buckets that have requests. */
    private Moments residuals() {
        return totals().residuals();
    }

    private Totals totals() {
        if (totals == null) {
            double sum = 0;
            for (double value : sums) {
                sum += value;
            }
            totals = new Totals(sum / requestsInAll, residuals(sum / requestsInAll));
        }
        return totals;
    }

    /** The residuals sum to zero, so the sums of their powers are their central moments. */
    private Moments residuals(double ratio) {
        long n = 0;
        double m2 = 0;
        double m3 = 0;
        double m4 = 0;
        for (int i = 0; i < requests.length; i++) {
            if (requests[i] > 0) {
                double residual = sums[i] - ratio * requests[i];
                double square = residual * residual;
                n++;
                m2 += square;
                m3 += square * residual;
                m4 += square * square;
            }
        }
        return new Moments(n, 0, m2, m3, m4);
    }

    /** R with its standard error, estimated from the variance between buckets. */
    public Estimate estimate() {
        Moments residuals = residuals();
        double n = requests();
        double variance = residuals.n() * residuals.variance() / (n * n);
        return Estimate.of(
                ratio(), Math.sqrt(variance), residuals.n() - 1.0, thirdCumulant(residuals), fourthCumulant(residuals));
    }

    /** The third cumulant of R. */
    private double thirdCumulant(Moments residuals) {
        double buckets = (double) residuals.n() / requests();
        return buckets * buckets * buckets * residuals.thirdCumulantOfMean(residuals.n());
    }

    /** The fourth cumulant of R. */
    private double fourthCumulant(Moments residuals) {
        double buckets = (double) residuals.n() / requests();
        return buckets * buckets * buckets * buckets * residuals.fourthCumulantOfMean(residuals.n());
    }

    /**
     * The difference between two arms. se^2 is the larger of the sum of the arms' variances and the variance with the
     * arms' pooled variance per request; {@link Estimate#between} says why.
     */
    public static Estimate difference(KeyGroupSums existing, KeyGroupSums candidate) {
        Moments residualsOfExisting = existing.residuals();
        Moments residualsOfCandidate = candidate.residuals();
        double na = existing.requests();
        double nb = candidate.requests();
        double va = residualsOfExisting.n() * residualsOfExisting.variance() / (na * na);
        double vb = residualsOfCandidate.n() * residualsOfCandidate.variance() / (nb * nb);
        double pooledPerRequest = (na * na * va + nb * nb * vb) / (na + nb);
        double pooled = pooledPerRequest * (1 / na + 1 / nb);
        return Estimate.of(
                candidate.ratio() - existing.ratio(),
                Math.sqrt(Math.max(va + vb, pooled)),
                Math.min(residualsOfExisting.n(), residualsOfCandidate.n()) - 1.0,
                candidate.thirdCumulant(residualsOfCandidate) - existing.thirdCumulant(residualsOfExisting),
                candidate.fourthCumulant(residualsOfCandidate) + existing.fourthCumulant(residualsOfExisting));
    }
}
