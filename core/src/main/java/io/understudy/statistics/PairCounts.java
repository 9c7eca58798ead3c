package io.understudy.statistics;

/**
 * How two models did on the same requests, each right or wrong.
 *
 * @param bothRight requests both got right
 * @param existingOnly requests the existing model alone got right
 * @param candidateOnly requests the candidate alone got right
 * @param bothWrong requests both got wrong
 */
public record PairCounts(long bothRight, long existingOnly, long candidateOnly, long bothWrong) {

    /** No request. */
    public static final PairCounts NONE = new PairCounts(0, 0, 0, 0);

    /** These and one request more. */
    public PairCounts plus(boolean existingRight, boolean candidateRight) {
        return new PairCounts(
                bothRight + (existingRight && candidateRight ? 1 : 0),
                existingOnly + (existingRight && !candidateRight ? 1 : 0),
                candidateOnly + (!existingRight && candidateRight ? 1 : 0),
                bothWrong + (existingRight || candidateRight ? 0 : 1));
    }

    /** These and those. */
    public PairCounts merge(PairCounts other) {
        return new PairCounts(
                bothRight + other.bothRight,
                existingOnly + other.existingOnly,
                candidateOnly + other.candidateOnly,
                bothWrong + other.bothWrong);
    }

    /** All requests. */
    public long pairs() {
        return bothRight + existingOnly + candidateOnly + bothWrong;
    }

    /** Requests that one model alone got right. */
    public long discordant() {
        return existingOnly + candidateOnly;
    }

    /** The share the existing model got right; NaN without requests. */
    public double existingRate() {
        return (double) (bothRight + existingOnly) / pairs();
    }

    /** The share the candidate got right; NaN without requests. */
    public double candidateRate() {
        return (double) (bothRight + candidateOnly) / pairs();
    }

    /** The difference of the shares, and its standard error by the paired binomial variance. */
    public Estimate difference() {
        double n = pairs();
        double d = (candidateOnly - existingOnly) / n;
        return new Estimate(d, Math.sqrt((discordant() / n - d * d) / n));
    }
}
