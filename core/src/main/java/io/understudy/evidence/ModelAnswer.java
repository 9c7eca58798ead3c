package io.understudy.evidence;

import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model's answer to a request.
 *
 * @param score the score; NaN without a score, or if it is not finite
 * @param label the predicted class; null without a label
 * @param vector all numbers of a model with several outputs, in the order of the model; empty for any other model
 */
public record ModelAnswer(double score, @Nullable String label, List<Double> vector) {

    /** The answer of a model that failed. */
    public static final ModelAnswer NONE = new ModelAnswer(Double.NaN, null);

    /** The answer of a model without a vector. */
    public ModelAnswer(double score, @Nullable String label) {
        this(score, label, List.of());
    }

    /** The answer in {@code prediction}, without score, label and vector if the model failed. */
    public static ModelAnswer of(Prediction prediction) {
        if (prediction.getStatus() != PredictionStatus.OK) {
            return NONE;
        }
        // Any program may serve a lane, and an infinite score has no place in a histogram.
        boolean scored = prediction.getScore() != null && Double.isFinite(prediction.getScore());
        return new ModelAnswer(
                scored ? prediction.getScore() : Double.NaN,
                prediction.getLabel(),
                prediction.getVector() == null ? List.of() : prediction.getVector());
    }

    /** Whether the answer says nothing, as that of a model that failed. */
    boolean isEmpty() {
        return Double.isNaN(score) && label == null && vector.isEmpty();
    }
}
