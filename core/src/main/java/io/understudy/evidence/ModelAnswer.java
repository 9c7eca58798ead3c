package io.understudy.evidence;

import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;

/**
 * What a model said.
 *
 * @param score its single number; NaN when it gave none
 * @param label the class it chose, or null
 */
public record ModelAnswer(double score, String label) {

    /** The answer in a prediction; no score and no label when it failed. */
    public static ModelAnswer of(Prediction prediction) {
        boolean ok = prediction.getStatus() == PredictionStatus.OK;
        return new ModelAnswer(
                ok && prediction.getScore() != null ? prediction.getScore() : Double.NaN,
                ok ? prediction.getLabel() : null);
    }
}
