package io.understudy.statistics;

/**
 * Right and wrong answers of two models to the same requests.
 *
 * @param bothRight requests that both models answered right
 * @param existingOnly requests that only the existing model answered right
 * @param candidateOnly requests that only the candidate answered right
 * @param bothWrong requests that both models answered wrong
 */
public record PairCounts(long bothRight, long existingOnly, long candidateOnly, long bothWrong) {

    /** No requests. */
    public static final PairCounts NONE = new PairCounts(0, 0, 0, 0);

    /** The counts with one more request. */
    public PairCounts plus(boolean existingRight, boolean candidateRight) {
        return new PairCounts(
                bothRight + (existingRight && candidateRight ? 1 : 0),
                existingOnly + (existingRight && !candidateRight ? 1 : 0),
                candidateOnly + (!existingRight && candidateRight ? 1 : 0),
                bothWrong + (existingRight || candidateRight ? 0 : 1));
    }

    /** The counts of both together. */
    public PairCounts merge(PairCounts other) {
        return new PairCounts(
                bothRight + other.bothRight,
                existingOnly + other.existingOnly,
                candidateOnly + other.candidateOnly,
                bothWrong + other.bothWrong);
    }

    /** The number of requests. */
    public long pairs() {
        return bothRight + existingOnly + candidateOnly + bothWrong;
    }

    /** The number of requests that only one of the models answered right. */
    public long discordant() {
        return existingOnly + candidateOnly;
    }

    /** The share that the existing model answered right; NaN without requests. */
    public double existingRate() {
        return (double) (bothRight + existingOnly) / pairs();
    }

    /** The share that the candidate answered right; NaN without requests. */
    public double candidateRate() {
        return (double) (bothRight + candidateOnly) / pairs();
    }

    /**
     * The difference between the shares: the mean of 1, 0 and -1, one for each request. Its standard error is from the
     * paired binomial variance.
     */
    public Estimate difference() {
        double n = pairs();
        double difference = (candidateOnly - existingOnly) / n;
        return Estimate.ofMean(Moments.constant(candidateOnly, 1)
                        .merge(Moments.constant(existingOnly, -1))
                        .merge(Moments.constant(bothRight + bothWrong, 0)))
                .with(difference, Math.sqrt((discordant() / n - difference * difference) / n));
    }
}
