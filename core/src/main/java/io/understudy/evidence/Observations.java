package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;

/** What an answer, and the outcome where there is one, say of a metric. {@code NaN}: nothing. */
public final class Observations {

    /** Probabilities nearer to 0 and 1 are taken for this: one certain mistake must not outweigh all else. */
    private static final double SUREST = 1e-15;

    private static final double HALF = 0.5;

    private Observations() {}

    /** The value of a metric that is measured on answers alone: 1 or 0; NaN for a request that no model can answer. */
    public static double ofPrediction(MetricSpec metric, Prediction prediction) {
        // Where the existing model stood in, the question is how the candidate's own answer ended.
        PredictionStatus status =
                prediction.getFallbackStatus() == null ? prediction.getStatus() : prediction.getFallbackStatus();
        if (prediction.getStatus() == PredictionStatus.REJECTED) {
            // The caller's mistake, and no model's.
            return Double.NaN;
        }
        return switch (metric.kind()) {
            case ERROR_RATE -> flag(status == PredictionStatus.ERROR || status == PredictionStatus.REJECTED);
            case TIMEOUT_RATE -> flag(status == PredictionStatus.TIMEOUT);
            case FALLBACK_RATE -> flag(prediction.getFallback());
            case LATENCY_OVER -> {
                double millis = latencyMillis(prediction);
                yield Double.isNaN(millis)
                        ? Double.NaN
                        : flag(millis > metric.threshold().orElseThrow());
            }
            case ACCURACY, BRIER, LOG_LOSS, SQUARED_ERROR, ABSOLUTE_ERROR, CONVERSION, VALUE, AGREEMENT, SCORE_DRIFT ->
                throw new IllegalArgumentException(metric.kind() + " needs more than an answer");
        };
    }

    /** Milliseconds from routing to answer; NaN when either time is unknown. */
    public static double latencyMillis(Prediction prediction) {
        return prediction.getRoutedAt() == null || prediction.getScoredAt() == null
                ? Double.NaN
                : prediction.getScoredAt().toEpochMilli()
                        - prediction.getRoutedAt().toEpochMilli();
    }

    /**
     * The value of a metric that is measured on an answer and its outcome.
     *
     * @param answer what the model said
     * @param outcome a Double, Boolean or String
     */
    public static double ofOutcome(MetricSpec metric, ModelAnswer answer, Object outcome) {
        double happened = number(outcome);
        double score = answer.score();
        return switch (metric.kind()) {
            case ACCURACY -> accuracy(metric, answer, outcome, happened);
            case BRIER -> isBinary(happened) && isProbability(score) ? square(score - happened) : Double.NaN;
            case LOG_LOSS ->
                isBinary(happened) && isProbability(score)
                        ? -Math.log(Math.max(SUREST, happened == 1 ? score : 1 - score))
                        : Double.NaN;
            case SQUARED_ERROR -> square(score - happened);
            case ABSOLUTE_ERROR -> Math.abs(score - happened);
            case CONVERSION -> isBinary(happened) ? happened : Double.NaN;
            case VALUE -> Math.min(happened, metric.cap().orElse(Double.POSITIVE_INFINITY));
            case ERROR_RATE, TIMEOUT_RATE, FALLBACK_RATE, LATENCY_OVER, AGREEMENT, SCORE_DRIFT ->
                throw new IllegalArgumentException(metric.kind() + " does not read outcomes");
        };
    }

    /** Whether two answers agree: labels are equal, or scores within the tolerance. */
    public static double agreement(MetricSpec metric, ModelAnswer existing, ModelAnswer candidate) {
        if (existing.label() != null && candidate.label() != null) {
            return flag(existing.label().equals(candidate.label()));
        }
        double difference = Math.abs(existing.score() - candidate.score());
        return Double.isNaN(difference) ? Double.NaN : flag(difference <= metric.tolerance());
    }

    private static double accuracy(MetricSpec metric, ModelAnswer answer, Object outcome, double happened) {
        if (answer.label() != null && metric.threshold().isEmpty()) {
            return flag(answer.label().equals(String.valueOf(outcome)));
        }
        if (Double.isNaN(answer.score()) || !isBinary(happened)) {
            return Double.NaN;
        }
        return flag((answer.score() >= metric.threshold().orElse(HALF)) == (happened == 1));
    }

    private static double number(Object outcome) {
        if (outcome instanceof Double number) {
            return number;
        }
        if (outcome instanceof Boolean yes) {
            return flag(yes);
        }
        return Double.NaN;
    }

    private static boolean isBinary(double value) {
        return value == 0 || value == 1;
    }

    private static boolean isProbability(double value) {
        return value >= 0 && value <= 1;
    }

    private static double square(double value) {
        return value * value;
    }

    private static double flag(boolean value) {
        return value ? 1 : 0;
    }
}
