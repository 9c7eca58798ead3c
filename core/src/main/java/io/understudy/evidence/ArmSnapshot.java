package io.understudy.evidence;

import java.util.List;

/**
 * One arm's traffic.
 *
 * @param requests requests of the stage
 * @param units independent units among them: distinct keys (an estimate beyond 4096), or the requests themselves
 * @param keys distinct keys among them, however units are counted
 * @param labelled requests whose outcome is known
 * @param scores the fraction of the stage's scores in each bin of {@link StageSnapshot#scoreEdges}; empty without a score
 * @param latency latencies of the last window
 */
public record ArmSnapshot(
        long requests, long units, long keys, long labelled, List<Double> scores, LatencyQuantiles latency) {

    /** The fraction of the requests whose outcome is known, 0 to 1. */
    public double coverage() {
        return requests == 0 ? 0 : Math.min(1, (double) labelled / requests);
    }
}
