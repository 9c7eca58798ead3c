package io.understudy.evidence;

import io.understudy.statistics.TwoByTwoTable;
import java.util.Optional;

/**
 * A latency that the existing model's answers exceed about as often as its quantile says, known before the window in
 * which it is used.
 *
 * <p>A candidate whose quantile is greater by less than the margin exceeds the threshold times the margin less often
 * than the existing model exceeds the threshold. So a quantile is compared by comparing two rates, each in the same
 * window, whose base may drift.
 *
 * <p>The threshold is itself estimated, from the windows before. Where the candidate's tail falls r times as steeply as
 * the existing model's, an error of it moves the two rates apart, as if the existing arm's variance were greater. The
 * threshold of a window is a mean over all windows before; summed over the windows, the error of one window's answers
 * counts 1 + (r - 1) ln(1/u) times, where u is its place in the stage, 0 to 1. The mean square of that is
 * {@code 1 + 2 (r - 1) + 2 (r - 1)^2}.
 *
 * @param bin the bin above which an answer of the existing model counts
 * @param inflation the factor of the existing arm's variance, at least 1
 */
record LatencyThreshold(int bin, double inflation) {

    /** Answers above the quantile that a threshold needs. */
    private static final double ANSWERS_ABOVE = 20;

    /** A tail's steepness is measured between the quantiles that this factor more and fewer answers exceed. */
    private static final double SPAN = 2;

    /** The number of answers of the existing model that a threshold needs. */
    static long answersNeeded(double quantile) {
        return (long) Math.ceil(ANSWERS_ABOVE / (1 - quantile));
    }

    /** The threshold after the windows in {@code tally}; empty while the existing model has too few answers. */
    static Optional<LatencyThreshold> after(LatencyTally tally, double quantile) {
        LogHistogram existing = tally.existing().histogram();
        LogHistogram candidate = tally.candidate().histogram();
        if (existing.total() < answersNeeded(quantile)) {
            return Optional.empty();
        }
        return Optional.of(
                new LatencyThreshold(existing.quantileBin(quantile), inflation(existing, candidate, quantile)));
    }

    private static double inflation(LogHistogram existing, LogHistogram candidate, double quantile) {
        if (candidate.total() < answersNeeded(quantile)) {
            return 1;
        }
        double steeper = steepness(candidate, quantile) / steepness(existing, quantile) - 1;
        return Math.max(1, 1 + 2 * steeper + 2 * steeper * steeper);
    }

    /** How steeply the tail falls: ln of a factor of answers for each bin. */
    private static double steepness(LogHistogram latencies, double quantile) {
        // Milliseconds are coarser than the bins of a few of them, so the span begins after the last bin in use.
        int from = latencies.binBelow(latencies.quantileBin(1 - SPAN * (1 - quantile)));
        int to = latencies.quantileBin(1 - (1 - quantile) / SPAN);
        // For the logarithm, half an answer stands for none.
        return Math.log(latencies.above(from) / Math.max(0.5, (double) latencies.above(to))) / (to - from);
    }

    /** The part of its information that a table keeps, from 0 to 1: the variance it shows over the one that it has. */
    double weight(TwoByTwoTable table) {
        double units = table.existingUnits() + (double) table.candidateUnits();
        return units == 0 ? 1 : units / (inflation * table.candidateUnits() + table.existingUnits());
    }
}
