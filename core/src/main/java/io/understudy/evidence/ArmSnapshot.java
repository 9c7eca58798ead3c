package io.understudy.evidence;

import java.util.List;

/**
 * The traffic of one arm in a stage.
 *
 * @param requests number of requests
 * @param units number of independent units: distinct keys (an estimate above 4096) or requests
 * @param keys number of distinct keys, whatever the independent unit is
 * @param labelled number of requests with a known outcome
 * @param scores the fraction of scores in each bin of {@link StageSnapshot#scoreEdges}; empty without scores
 * @param latency latencies in the last window
 */
public record ArmSnapshot(
        long requests, long units, long keys, long labelled, List<Double> scores, LatencyQuantiles latency) {

    /** The fraction of requests with a known outcome, 0 to 1. */
    public double coverage() {
        return requests == 0 ? 0 : Math.min(1, (double) labelled / requests);
    }
}
