package io.understudy.evidence;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

/** Bins of equal width from the lowest to the highest score of both models. */
final class ScoreBins {

    private static final int COUNT = 20;

    private final double[] edges;

    private ScoreBins(double[] edges) {
        this.edges = edges;
    }

    /** Bins that cover all scores of both models; no bins without scores. */
    static ScoreBins around(LogHistogram existing, LogHistogram candidate) {
        double low = ofDefined(existing.lowest(), candidate.lowest(), Math::min);
        double high = ofDefined(existing.highest(), candidate.highest(), Math::max);
        double[] edges = new double[Double.isNaN(low) ? 0 : COUNT + 1];
        for (int i = 0; i < edges.length; i++) {
            edges[i] = low + (high - low) * i / COUNT;
        }
        return new ScoreBins(edges);
    }

    /** {@code function} of two numbers; if one of them is NaN, the other. */
    private static double ofDefined(double existing, double candidate, DoubleBinaryOperator function) {
        if (Double.isNaN(existing) || Double.isNaN(candidate)) {
            return Double.isNaN(existing) ? candidate : existing;
        }
        return function.applyAsDouble(existing, candidate);
    }

    List<Double> edges() {
        return Arrays.stream(edges).boxed().toList();
    }

    /** The fraction of {@code scores} in each bin; empty without scores. */
    List<Double> fractions(LogHistogram scores) {
        return scores.total() == 0
                ? List.of()
                : Arrays.stream(scores.fractionsBetween(edges)).boxed().toList();
    }
}
