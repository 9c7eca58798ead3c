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
    /** Answers with status ERROR. */
    ERROR_RATE(Source.PREDICTION, true, Side.LESS),
    /** Answers with status TIMEOUT. */
    TIMEOUT_RATE(Source.PREDICTION, true, Side.LESS),
    /** Answers of the existing model in place of a candidate that failed or was late. */
    FALLBACK_RATE(Source.PREDICTION, true, Side.LESS),
    /** Answers that took longer than {@code threshold} from routing to scoring. */
    LATENCY_OVER(Source.PREDICTION, true, Side.LESS),
    /** Whether the answer is right: its label is the outcome, or its score is on the outcome's side of {@code threshold}. */
    ACCURACY(Source.OUTCOME, true, Side.GREATER),
    /** Squared error of a probability against a binary outcome. */
    BRIER(Source.OUTCOME, false, Side.LESS),
    /** Negative logarithm of what a probability gave to what happened. */
    LOG_LOSS(Source.OUTCOME, false, Side.LESS),
    /** Squared difference of score and outcome. */
    SQUARED_ERROR(Source.OUTCOME, false, Side.LESS),
    /** Absolute difference of score and outcome. */
    ABSOLUTE_ERROR(Source.OUTCOME, false, Side.LESS),
    /** A binary outcome that the answer may have caused. */
    CONVERSION(Source.OUTCOME, true, Side.GREATER),
    /** A numeric outcome that the answer may have caused, e.g. revenue. */
    VALUE(Source.OUTCOME, false, Side.GREATER),
    /** Whether both models say the same, to within {@code tolerance}. */
    AGREEMENT(Source.BOTH_MODELS, true, Side.GREATER),
    /** How far the distributions of the two models' scores are apart. */
    SCORE_DRIFT(Source.SCORES, false, null);

    /** What an observation is made of. */
    enum Source {
        /** One answer. */
        PREDICTION,
        /** An answer, or both, and an outcome. */
        OUTCOME,
        /** Both models' answers to one request. */
        BOTH_MODELS,
        /** Either model's score. */
        SCORES
    }

    private final Source source;
    private final boolean binary;
    private final Side usual;

    MetricKind(Source source, boolean binary, Side usual) {
        this.source = source;
        this.binary = binary;
        this.usual = usual;
    }

    /** The name in specifications. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether an observation is yes or no. */
    public boolean isBinary() {
        return binary;
    }

    /** The direction that is better; none where a distance has no direction. */
    public Optional<Side> better() {
        return Optional.ofNullable(usual);
    }

    /** Whether an observation needs an outcome. */
    public boolean needsOutcome() {
        return source == Source.OUTCOME;
    }

    /** Whether one answer alone makes an observation. */
    public boolean isMeasuredOnAnswers() {
        return source == Source.PREDICTION;
    }

    /** Whether, in shadow, both answers to one request make one observation. */
    public boolean isPairedInShadow() {
        return source == Source.OUTCOME || source == Source.BOTH_MODELS;
    }

    /** Whether a stage of this kind can measure it: what the answer causes is only seen where it is served. */
    public boolean isMeasuredIn(StageKind stage) {
        return switch (this) {
            case CONVERSION, VALUE, FALLBACK_RATE -> stage != StageKind.SHADOW;
            case AGREEMENT -> stage == StageKind.SHADOW;
            case ERROR_RATE,
                    TIMEOUT_RATE,
                    LATENCY_OVER,
                    ACCURACY,
                    BRIER,
                    LOG_LOSS,
                    SQUARED_ERROR,
                    ABSOLUTE_ERROR,
                    SCORE_DRIFT -> true;
        };
    }

    /** What it may decide. */
    public Set<MetricRole> roles() {
        return switch (this) {
            case SCORE_DRIFT -> EnumSet.of(MetricRole.DIAGNOSTIC);
            case AGREEMENT -> EnumSet.of(MetricRole.GUARDRAIL, MetricRole.DIAGNOSTIC);
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
                    VALUE -> EnumSet.of(MetricRole.SUCCESS, MetricRole.GUARDRAIL, MetricRole.DIAGNOSTIC);
        };
    }
}
