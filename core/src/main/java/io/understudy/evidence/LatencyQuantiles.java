package io.understudy.evidence;

/**
 * Quantiles of the latencies from routing to answer, in milliseconds, accurate to 5 %; NaN without answers.
 *
 * @param p50 the median
 * @param p95 the 95th percentile
 * @param p99 the 99th percentile
 */
public record LatencyQuantiles(double p50, double p95, double p99) {

    private static final double MEDIAN = 0.5;
    private static final double P95 = 0.95;
    private static final double P99 = 0.99;

    static LatencyQuantiles of(LogHistogram latencies) {
        return new LatencyQuantiles(latencies.quantile(MEDIAN), latencies.quantile(P95), latencies.quantile(P99));
    }
}
