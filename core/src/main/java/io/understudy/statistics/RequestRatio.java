package io.understudy.statistics;

/**
 * Whether the part of the requests that is in the candidate's arm is its configured share, when the independent units
 * are keys. Unlike a mismatch of the keys themselves it does not show that the split is broken: how often a key comes
 * back may be an effect of the candidate.
 *
 * <p>Let n_c be the requests of bucket c in both arms, s_c those in the candidate's arm, N and S their sums, and rho the
 * share. If each key is assigned to the candidate with probability rho, then S / N has the mean rho and the variance
 * {@code rho (1 - rho) sum_k m_k^2 / N^2} over keys k with m_k requests. The sum of squares is not known by key. But keys
 * are hashed to buckets independently of their arm, so {@code B/(B-1) sum_c (n_c - N/B)^2} estimates it without bias.
 * Three variances are computed, and the largest is used: this one, the binomial one {@code rho (1 - rho) / N}, and the
 * ratio estimator's {@code B/(B-1) sum_c (s_c - (S/N) n_c)^2 / N^2}. The first holds where the few keys with many
 * requests are all in the existing model's arm, the last where one of them is in the candidate's.
 *
 * <p>Evidence is a {@link NormalMixture} of both sides, for mismatches of about a tenth of the smaller share.
 */
public final class RequestRatio {

    /** The mismatch that the test is most sensitive to, as a part of the smaller share. */
    private static final double RELATIVE_MISMATCH = 0.1;

    /** The number of keys of equal size that must be expected in the smaller arm. */
    private static final double MIN_EXPECTED_KEYS = 20;

    private RequestRatio() {}

    /**
     * ln E that the candidate's part of the requests is not its share; 0 with too few keys.
     *
     * @param existing requests in the existing model's arm, by bucket
     * @param candidate requests in the candidate's arm, by bucket; as many buckets
     * @param share the candidate's configured share, between 0 and 1
     */
    public static double logEvidence(long[] existing, long[] candidate, double share) {
        if (existing.length != candidate.length || existing.length < 2) {
            throw new IllegalArgumentException("existing has " + existing.length + " buckets, candidate "
                    + candidate.length + "; both must have the same number, at least 2");
        }
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("share is " + share + "; it must be between 0 and 1");
        }
        double requests = 0;
        double ofCandidate = 0;
        for (int i = 0; i < existing.length; i++) {
            requests += existing[i] + candidate[i];
            ofCandidate += candidate[i];
        }
        if (requests == 0) {
            return 0;
        }
        double observed = ofCandidate / requests;
        double betweenBuckets = 0;
        double residuals = 0;
        for (int i = 0; i < existing.length; i++) {
            double inBucket = existing[i] + candidate[i];
            double fromMean = inBucket - requests / existing.length;
            double residual = candidate[i] - observed * inBucket;
            betweenBuckets += fromMean * fromMean;
            residuals += residual * residual;
        }
        double unbiased = existing.length / (existing.length - 1.0);
        double squaredRequests = Math.max(requests, unbiased * betweenBuckets);
        double smallerShare = Math.min(share, 1 - share);
        if (smallerShare * requests * requests / squaredRequests < MIN_EXPECTED_KEYS) {
            return 0;
        }
        double variance = Math.max(share * (1 - share) * squaredRequests, unbiased * residuals) / (requests * requests);
        return NormalMixture.logEvidence(
                new Estimate(observed - share, Math.sqrt(variance)), RELATIVE_MISMATCH * smallerShare, Side.BOTH);
    }
}
