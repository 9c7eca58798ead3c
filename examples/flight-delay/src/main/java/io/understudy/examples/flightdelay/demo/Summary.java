package io.understudy.examples.flightdelay.demo;

/**
 * What the demo ends with; all of it computed from the topics.
 *
 * @param requests requests sent
 * @param served answers in the topic that downstream reads
 * @param shadowed answers of the candidate, kept aside
 * @param lost answers that are missing, of either model
 * @param duplicated answers beyond the first to a request, of either model
 * @param unasked answers to requests that nobody sent
 * @param failed answers that are no score
 * @param deadLettered records that no role could use
 * @param outcomes flights whose outcome is known
 * @param existing how good the existing model was
 * @param candidate how good the candidate was, on the same flights
 * @param meanDifference the candidate's probability minus the existing model's, on average
 * @param meanAbsoluteDifference how far the two were apart, on average
 * @param agreement the share of flights that both call late, or both not
 * @param servedLatencyMillis from a request's record to its served answer
 * @param seconds how long the replay took
 */
record Summary(
        long requests,
        long served,
        long shadowed,
        long lost,
        long duplicated,
        long unasked,
        long failed,
        long deadLettered,
        long outcomes,
        Quality existing,
        Quality candidate,
        double meanDifference,
        double meanAbsoluteDifference,
        double agreement,
        Latency servedLatencyMillis,
        double seconds) {

    /**
     * How good one model's probabilities were.
     *
     * @param brier mean squared error; lower is better
     * @param logLoss mean negative logarithm of what was given to what happened; lower is better
     */
    record Quality(double brier, double logLoss) {}

    /**
     * Quantiles in milliseconds.
     *
     * @param p50 the median
     * @param p99 what one in a hundred exceeds
     */
    record Latency(long p50, long p99) {}

    /** Whether every request was answered exactly once by either model, and nothing else was. */
    boolean isFlawless() {
        return requests > 0 && lost == 0 && duplicated == 0 && unasked == 0 && deadLettered == 0;
    }
}
