package io.understudy.plan;

import io.understudy.schema.MetricRole;
import io.understudy.schema.StageKind;
import io.understudy.statistics.Side;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What a metric measures. */
public enum MetricKind {
    /** The rate of answers with status ERROR. */
    ERROR_RATE(Source.PREDICTION, true, Side.LESS),
    /** The rate of answers with status TIMEOUT. */
    TIMEOUT_RATE(Source.PREDICTION, true, Side.LESS),
    /** The rate of answers that the existing model gave because the candidate failed or was late. */
    FALLBACK_RATE(Source.PREDICTION, true, Side.LESS),
    /** The rate of answers that took longer than {@code threshold} from routing to scoring. */
    LATENCY_OVER(Source.PREDICTION, true, Side.LESS),
    /** A {@code quantile} of the time from routing to scoring. */
    LATENCY_QUANTILE(Source.PREDICTION, false, Side.LESS),
    /**
     * The rate of right answers: the label equals the outcome, or the score is on the outcome's side of
     * {@code threshold}, or the class with the largest number is the outcome.
     */
    ACCURACY(Source.OUTCOME, true, Side.GREATER),
    /** The squared error of a probability against a binary outcome, or the sum of those of all classes. */
    BRIER(Source.OUTCOME, false, Side.LESS),
    /** The negative logarithm of the probability that the model gave to the outcome that happened. */
    LOG_LOSS(Source.OUTCOME, false, Side.LESS),
    /** The squared difference between score and outcome. */
    SQUARED_ERROR(Source.OUTCOME, false, Side.LESS),
    /** The absolute difference between score and outcome. */
    ABSOLUTE_ERROR(Source.OUTCOME, false, Side.LESS),
    /** A binary outcome that the answer may have caused. */
    CONVERSION(Source.OUTCOME, true, Side.GREATER),
    /** A numeric outcome that the answer may have caused, for example revenue. */
    VALUE(Source.OUTCOME, false, Side.GREATER),
    /** The sum of one numeric outcome over the sum of another, for example revenue per session. */
    RATIO(Source.OUTCOME, false, Side.GREATER),
    /** The rate of requests to which both models give the same answer, within {@code tolerance}. */
    AGREEMENT(Source.BOTH_MODELS, true, Side.GREATER),
    /** The distance between the distributions of the two models' scores. */
    SCORE_DRIFT(Source.SCORES, false, Optional.empty());

    /** The input of one observation. */
    enum Source {
        /** One answer. */
        PREDICTION,
        /** One model's or both models' answer, and an outcome. */
        OUTCOME,
        /** Both models' answers to one request. */
        BOTH_MODELS,
        /** One model's score. */
        SCORES
    }

    private final Source source;
    private final boolean binary;
    private final Optional<Side> better;

    MetricKind(Source source, boolean binary, Side better) {
        this(source, binary, Optional.of(better));
    }

    MetricKind(Source source, boolean binary, Optional<Side> better) {
        this.source = source;
        this.binary = binary;
        this.better = better;
    }

    /** The name in specifications. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether an observation is either 0 or 1. */
    public boolean isBinary() {
        return binary;
    }

    /** The direction that is normally better; empty for a distance, which has no direction. */
    public Optional<Side> better() {
        return better;
    }

    /** Whether an observation needs an outcome. */
    public boolean needsOutcome() {
        return source == Source.OUTCOME;
    }

    /** Whether the outcome is one of a few classes, and not a number. */
    public boolean readsClasses() {
        return this == ACCURACY || this == BRIER || this == LOG_LOSS || this == CONVERSION;
    }

    /** Whether a metric of this kind can be measured on a vector of numbers, one for each class. */
    public boolean canHaveClasses() {
        return this == ACCURACY || this == BRIER || this == LOG_LOSS || this == AGREEMENT;
    }

    /** Whether it depends on the time that answers take. */
    public boolean isLatency() {
        return this == LATENCY_OVER || this == LATENCY_QUANTILE;
    }

    /** Whether one answer alone makes an observation. */
    public boolean isMeasuredOnAnswers() {
        return source == Source.PREDICTION;
    }

    /** Whether, in shadow, both answers to one request make one observation. */
    public boolean isPairedInShadow() {
        return source == Source.OUTCOME || source == Source.BOTH_MODELS;
    }

    /**
     * Whether a stage of kind {@code stage} can measure this. The effects of an answer show only where the answer is
     * served.
     */
    public boolean isMeasuredIn(StageKind stage) {
        return switch (this) {
            case CONVERSION, VALUE, RATIO, FALLBACK_RATE -> stage != StageKind.SHADOW;
            case AGREEMENT -> stage == StageKind.SHADOW;
            case ERROR_RATE,
                    TIMEOUT_RATE,
                    LATENCY_OVER,
                    LATENCY_QUANTILE,
                    ACCURACY,
                    BRIER,
                    LOG_LOSS,
                    SQUARED_ERROR,
                    ABSOLUTE_ERROR,
                    SCORE_DRIFT -> true;
        };
    }

    /** The roles that a metric of this kind may have. */
    public Set<MetricRole> roles() {
        return switch (this) {
            case SCORE_DRIFT -> EnumSet.of(MetricRole.DIAGNOSTIC);
            case AGREEMENT, LATENCY_QUANTILE -> EnumSet.of(MetricRole.GUARDRAIL, MetricRole.DIAGNOSTIC);
            case ERROR_RATE,
                    TIMEOUT_RATE,
                    FALLBACK_RATE,
                    LATENCY_OVER,
                    ACCURACY,
                    BRIER,
                    LOG_LOSS,
                    SQUARED_ERROR,
                    ABSOLUTE_ERROR,
                    CONVERSION,
                    VALUE,
                    RATIO -> EnumSet.of(MetricRole.SUCCESS, MetricRole.GUARDRAIL, MetricRole.DIAGNOSTIC);
        };
    }
}
