package io.understudy.statistics;

/**
 * Whether outcomes are known for the same part of the requests in both arms. If one arm lacks more of them, for reasons
 * that depend on the outcome, the arms are compared on different requests.
 *
 * <p>The coverage of an arm is a ratio of sums: requests with an observation by requests. With several buckets of keys
 * the variance of the difference is the one of {@link KeyGroupSums#difference}, which includes that requests of one key
 * share their fate. It is never taken to be below the variance of independent requests with the coverage of both arms
 * together, which is used alone when there is one bucket.
 */
public final class Coverage {

    /** The units that each arm needs before the difference is treated as normal. */
    private static final long MIN_UNITS = 200;

    /** The smallest difference that the test is tuned to: a tolerance of 0 has no scale. */
    private static final double MIN_SCALE = 0.01;

    private Coverage() {}

    /**
     * The candidate's coverage minus the existing model's; undefined without requests in an arm.
     *
     * @param existing requests of the existing model's arm by bucket; a single bucket for independent requests
     * @param existingObserved those of them that have an observation
     * @param candidate requests of the candidate's arm by bucket
     * @param candidateObserved those of them that have an observation
     */
    public static Estimate difference(
            long[] existing, long[] existingObserved, long[] candidate, long[] candidateObserved) {
        double na = sum(existing);
        double nb = sum(candidate);
        if (na == 0 || nb == 0) {
            return Estimate.UNDEFINED;
        }
        double xa = sum(existingObserved);
        double xb = sum(candidateObserved);
        // One half of a request keeps the variance above 0 while nothing is missing.
        double pooled = Math.min(1, (xa + xb + 0.5) / (na + nb + 1));
        double standardError = Math.sqrt(pooled * (1 - pooled) * (1 / na + 1 / nb));
        if (existing.length > 1) {
            double byKey = KeyGroupSums.difference(
                            groups(existing, existingObserved), groups(candidate, candidateObserved))
                    .standardError();
            standardError = Double.isFinite(byKey) ? Math.max(standardError, byKey) : Double.NaN;
        }
        return new Estimate(xb / nb - xa / na, standardError);
    }

    private static double sum(long[] counts) {
        double sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }

    private static KeyGroupSums groups(long[] requests, long[] observed) {
        KeyGroupSums groups = KeyGroupSums.empty();
        for (int i = 0; i < requests.length; i++) {
            groups.add(i, requests[i], (double) observed[i]);
        }
        return groups;
    }

    /**
     * ln E that the coverages differ by more than {@code tolerance}, in either direction: the larger of the one-sided
     * evidences, less ln 2 for the choice.
     *
     * @param units units of the smaller arm; with fewer than 200 there is no evidence
     * @param tolerance 0 to 1
     */
    public static double logEvidenceBeyond(Estimate difference, long units, double tolerance) {
        if (units < MIN_UNITS || !difference.isDefined()) {
            return 0;
        }
        Estimate beyond = new Estimate(Math.abs(difference.difference()) - tolerance, difference.standardError());
        return NormalMixture.logEvidence(beyond, scale(tolerance), Side.GREATER) - Math.log(2);
    }

    /** ln E that the coverages differ at all. The arguments are those of {@link #logEvidenceBeyond}. */
    public static double logEvidence(Estimate difference, long units, double tolerance) {
        return units < MIN_UNITS ? 0 : NormalMixture.logEvidence(difference, scale(tolerance), Side.BOTH);
    }

    private static double scale(double tolerance) {
        return Math.max(tolerance, MIN_SCALE);
    }
}
