package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;

/**
 * Computes a metric's observation from an answer and, if the metric needs it, the outcome. NaN stands for no
 * observation.
 */
public final class Observations {

    /** Smaller probabilities count as this one, so that a single certain mistake does not outweigh everything else. */
    private static final double MIN_PROBABILITY = 1e-15;

    private static final double DEFAULT_THRESHOLD = 0.5;

    private Observations() {}

    /** The observation of a metric that needs only an answer: 1 or 0; NaN for a rejected request. */
    public static double ofPrediction(MetricSpec metric, Prediction prediction) {
        // When the existing model answered instead of the candidate, the status of the candidate's own answer counts.
        PredictionStatus status =
                prediction.getFallbackStatus() == null ? prediction.getStatus() : prediction.getFallbackStatus();
        if (prediction.getStatus() == PredictionStatus.REJECTED) {
            // The caller made a mistake, not a model.
            return Double.NaN;
        }
        return switch (metric.kind()) {
            case ERROR_RATE -> oneOrZero(status == PredictionStatus.ERROR || status == PredictionStatus.REJECTED);
            case TIMEOUT_RATE -> oneOrZero(status == PredictionStatus.TIMEOUT);
            case FALLBACK_RATE -> oneOrZero(prediction.getFallback());
            case LATENCY_OVER -> {
                double millis = latencyMillis(prediction);
                yield Double.isNaN(millis)
                        ? Double.NaN
                        : oneOrZero(millis > metric.threshold().orElseThrow());
            }
            case ACCURACY, BRIER, LOG_LOSS, SQUARED_ERROR, ABSOLUTE_ERROR, CONVERSION, VALUE, AGREEMENT, SCORE_DRIFT ->
                throw new IllegalArgumentException(metric.kind() + " cannot be measured on one answer alone");
        };
    }

    /** The milliseconds from routing to answer; NaN when either time is unknown. */
    public static double latencyMillis(Prediction prediction) {
        return prediction.getRoutedAt() == null || prediction.getScoredAt() == null
                ? Double.NaN
                : prediction.getScoredAt().toEpochMilli()
                        - prediction.getRoutedAt().toEpochMilli();
    }

    /**
     * The observation of a metric that needs an answer and its outcome.
     *
     * @param outcome a Double, Boolean or String
     */
    public static double ofOutcome(MetricSpec metric, ModelAnswer answer, Object outcome) {
        double actual = number(outcome);
        double score = answer.score();
        return switch (metric.kind()) {
            case ACCURACY -> accuracy(metric, answer, outcome, actual);
            case BRIER -> isBinary(actual) && isProbability(score) ? square(score - actual) : Double.NaN;
            case LOG_LOSS ->
                isBinary(actual) && isProbability(score)
                        ? -Math.log(Math.max(MIN_PROBABILITY, actual == 1 ? score : 1 - score))
                        : Double.NaN;
            case SQUARED_ERROR -> square(score - actual);
            case ABSOLUTE_ERROR -> Math.abs(score - actual);
            case CONVERSION -> isBinary(actual) ? actual : Double.NaN;
            case VALUE -> Math.min(actual, metric.cap().orElse(Double.POSITIVE_INFINITY));
            case ERROR_RATE, TIMEOUT_RATE, FALLBACK_RATE, LATENCY_OVER, AGREEMENT, SCORE_DRIFT ->
                throw new IllegalArgumentException(metric.kind() + " does not read outcomes");
        };
    }

    /** 1 if two answers agree, otherwise 0: equal labels or, without labels, scores within the tolerance. */
    public static double agreement(MetricSpec metric, ModelAnswer existing, ModelAnswer candidate) {
        if (existing.label() != null && candidate.label() != null) {
            return oneOrZero(existing.label().equals(candidate.label()));
        }
        double difference = Math.abs(existing.score() - candidate.score());
        return Double.isNaN(difference) ? Double.NaN : oneOrZero(difference <= metric.tolerance());
    }

    private static double accuracy(MetricSpec metric, ModelAnswer answer, Object outcome, double actual) {
        if (answer.label() != null && metric.threshold().isEmpty()) {
            return oneOrZero(answer.label().equals(String.valueOf(outcome)));
        }
        if (Double.isNaN(answer.score()) || !isBinary(actual)) {
            return Double.NaN;
        }
        return oneOrZero((answer.score() >= metric.threshold().orElse(DEFAULT_THRESHOLD)) == (actual == 1));
    }

    private static double number(Object outcome) {
        if (outcome instanceof Double number) {
            return Double.isFinite(number) ? number : Double.NaN;
        }
        if (outcome instanceof Boolean happened) {
            return oneOrZero(happened);
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

    private static double oneOrZero(boolean value) {
        return value ? 1 : 0;
    }
}
