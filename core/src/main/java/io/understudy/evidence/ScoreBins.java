package io.understudy.evidence;

import java.util.Arrays;
import java.util.List;

/** Equally wide bins from the lowest to the highest score of either model. */
final class ScoreBins {

    private static final int BINS = 20;

    private final double[] edges;

    private ScoreBins(double[] edges) {
        this.edges = edges;
    }

    /** The bins that hold every score of both models; none without a score. */
    static ScoreBins around(LogHistogram existing, LogHistogram candidate) {
        double low = outer(existing.lowest(), candidate.lowest(), true);
        double high = outer(existing.highest(), candidate.highest(), false);
        double[] edges = new double[Double.isNaN(low) ? 0 : BINS + 1];
        for (int i = 0; i < edges.length; i++) {
            edges[i] = low + (high - low) * i / BINS;
        }
        return new ScoreBins(edges);
    }

    /** The lower or the higher of two numbers, either of which may be undefined. */
    private static double outer(double one, double other, boolean lower) {
        if (Double.isNaN(one) || Double.isNaN(other)) {
            return Double.isNaN(one) ? other : one;
        }
        return lower ? Math.min(one, other) : Math.max(one, other);
    }

    List<Double> edges() {
        return Arrays.stream(edges).boxed().toList();
    }

    /** The fraction of {@code scores} in each bin; empty without a score. */
    List<Double> fractions(LogHistogram scores) {
        return scores.total() == 0
                ? List.of()
                : Arrays.stream(scores.partsBetween(edges)).boxed().toList();
    }
}
