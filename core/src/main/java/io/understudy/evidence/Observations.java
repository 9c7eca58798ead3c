package io.understudy.evidence;

import io.understudy.plan.MetricKind;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.OutcomeValue;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;

/**
 * Computes a metric's observation from an answer and, if the metric needs it, the outcome. NaN stands for no
 * observation.
 */
public final class Observations {

    private static final double DEFAULT_THRESHOLD = 0.5;

    private Observations() {}

    /** The observation of a metric that needs only an answer: 1, 0 or milliseconds; NaN for a rejected request. */
    public static double ofPrediction(MetricSpec metric, Prediction prediction) {
        // When the existing model answered instead of the candidate, the status of the candidate's own answer counts.
        PredictionStatus status =
                prediction.getFallbackStatus() == null ? prediction.getStatus() : prediction.getFallbackStatus();
        if (prediction.getStatus() == PredictionStatus.REJECTED) {
            // The caller made a mistake, not a model.
            return Double.NaN;
        }
        return switch (metric.kind()) {
            case ERROR_RATE ->
                Losses.oneOrZero(status == PredictionStatus.ERROR || status == PredictionStatus.REJECTED);
            case TIMEOUT_RATE -> Losses.oneOrZero(status == PredictionStatus.TIMEOUT);
            case FALLBACK_RATE -> Losses.oneOrZero(prediction.getFallback());
            case LATENCY_OVER -> {
                double millis = latencyMillis(prediction);
                yield Double.isNaN(millis)
                        ? Double.NaN
                        : Losses.oneOrZero(millis > metric.threshold().orElseThrow());
            }
            case LATENCY_QUANTILE -> latencyMillis(prediction);
            case ACCURACY,
                    BRIER,
                    LOG_LOSS,
                    SQUARED_ERROR,
                    ABSOLUTE_ERROR,
                    CONVERSION,
                    VALUE,
                    RATIO,
                    AGREEMENT,
                    SCORE_DRIFT ->
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
        if (!metric.classes().isEmpty()) {
            return ClassObservations.of(metric, answer, outcome);
        }
        double actual = OutcomeValue.number(outcome);
        double score = answer.score();
        return withinBounds(
                metric,
                switch (metric.kind()) {
                    case ACCURACY -> accuracy(metric, answer, outcome, actual);
                    case BRIER -> isBinary(actual) && isProbability(score) ? Losses.square(score - actual) : Double.NaN;
                    case LOG_LOSS ->
                        isBinary(actual) && isProbability(score)
                                ? Losses.log(actual == 1 ? score : 1 - score)
                                : Double.NaN;
                    case SQUARED_ERROR -> Losses.square(score - actual);
                    case ABSOLUTE_ERROR -> Math.abs(score - actual);
                    case CONVERSION -> isBinary(actual) ? actual : Double.NaN;
                    case VALUE -> capped(metric, actual);
                    case RATIO -> throw new IllegalArgumentException("RATIO reads two outcomes");
                    case ERROR_RATE,
                            TIMEOUT_RATE,
                            FALLBACK_RATE,
                            LATENCY_OVER,
                            LATENCY_QUANTILE,
                            AGREEMENT,
                            SCORE_DRIFT ->
                        throw new IllegalArgumentException(metric.kind() + " does not read outcomes");
                });
    }

    /** A value outside of the metric's bounds is none: its method would be wrong about it. */
    private static double withinBounds(MetricSpec metric, double value) {
        return metric.bounds()
                        .filter(bounds -> value < bounds.low() || value > bounds.high())
                        .isPresent()
                ? Double.NaN
                : value;
    }

    /** {@code value}, or the metric's cap if that is less. */
    static double capped(MetricSpec metric, double value) {
        return Math.min(value, metric.cap().orElse(Double.POSITIVE_INFINITY));
    }

    /** Whether {@code metric} can use {@code outcome}, if the answer is good. */
    static boolean isUsable(MetricSpec metric, ModelAnswer answer, Object outcome) {
        if (!metric.classes().isEmpty()) {
            return metric.classes().positionOf(outcome).isPresent();
        }
        double actual = OutcomeValue.number(outcome);
        return switch (metric.kind()) {
            case ACCURACY -> comparesLabel(metric, answer) || isBinary(actual);
            case BRIER, LOG_LOSS, CONVERSION -> isBinary(actual);
            default -> !Double.isNaN(actual);
        };
    }

    /** Whether the observation says if the answer's label is the outcome, with no names declared for classes. */
    static boolean comparesLabel(MetricSpec metric, ModelAnswer answer) {
        return metric.kind() == MetricKind.ACCURACY
                && metric.classes().isEmpty()
                && metric.threshold().isEmpty()
                && answer.label() != null;
    }

    /**
     * 1 if two answers agree, otherwise 0: the same class or, without classes, equal labels or, without labels, scores
     * within the tolerance.
     */
    public static double agreement(MetricSpec metric, ModelAnswer existing, ModelAnswer candidate) {
        if (!metric.classes().isEmpty()) {
            return ClassObservations.agreement(metric.classes(), existing, candidate);
        }
        if (existing.label() != null && candidate.label() != null) {
            return Losses.oneOrZero(OutcomeValue.text(existing.label()).equals(OutcomeValue.text(candidate.label())));
        }
        double difference = Math.abs(existing.score() - candidate.score());
        return Double.isNaN(difference) ? Double.NaN : Losses.oneOrZero(difference <= metric.tolerance());
    }

    private static double accuracy(MetricSpec metric, ModelAnswer answer, Object outcome, double actual) {
        if (answer.label() != null && metric.threshold().isEmpty()) {
            return Losses.oneOrZero(OutcomeValue.text(answer.label()).equals(OutcomeValue.text(outcome)));
        }
        if (Double.isNaN(answer.score()) || !isBinary(actual)) {
            return Double.NaN;
        }
        return Losses.oneOrZero((answer.score() >= metric.threshold().orElse(DEFAULT_THRESHOLD)) == (actual == 1));
    }

    private static boolean isBinary(double value) {
        return value == 0 || value == 1;
    }

    private static boolean isProbability(double value) {
        return value >= 0 && value <= 1;
    }
}
