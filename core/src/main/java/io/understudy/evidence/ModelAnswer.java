package io.understudy.evidence;

import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import org.jspecify.annotations.Nullable;

/**
 * A model's answer to a request.
 *
 * @param score the score; NaN without a score, or if it is not finite
 * @param label the predicted class; null without a label
 */
public record ModelAnswer(double score, @Nullable String label) {

    /** The answer in {@code prediction}, without score and label if the model failed. */
    public static ModelAnswer of(Prediction prediction) {
        boolean ok = prediction.getStatus() == PredictionStatus.OK;
        // Any program may serve a lane, and an infinite score has no place in a histogram.
        boolean scored = ok && prediction.getScore() != null && Double.isFinite(prediction.getScore());
        return new ModelAnswer(scored ? prediction.getScore() : Double.NaN, ok ? prediction.getLabel() : null);
    }
}
