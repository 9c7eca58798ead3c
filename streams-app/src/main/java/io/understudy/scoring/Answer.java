package io.understudy.scoring;

import io.understudy.schema.PredictionStatus;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer of a model to one request.
 *
 * @param status status of the answer
 * @param score single number that the model returned, or null
 * @param label predicted class, or null
 * @param vector all numbers if the model returned more than one, or null
 * @param error description of the failure, or null
 */
record Answer(
        PredictionStatus status,
        @Nullable Double score,
        @Nullable String label,
        @Nullable List<Double> vector,
        @Nullable String error) {

    /** The maximum length of an error. An inference server may answer with a whole page. */
    private static final int MAX_ERROR_LENGTH = 1000;

    static Answer rejected(String why) {
        return failed(PredictionStatus.REJECTED, why);
    }

    static Answer error(String why) {
        return failed(PredictionStatus.ERROR, why);
    }

    static Answer timeout(String why) {
        return failed(PredictionStatus.TIMEOUT, why);
    }

    private static Answer failed(PredictionStatus status, String why) {
        String error = why.length() > MAX_ERROR_LENGTH ? why.substring(0, MAX_ERROR_LENGTH) + "..." : why;
        return new Answer(status, null, null, null, error);
    }

    /**
     * Creates the answer from a row of output numbers. One number is the score. Two numbers are the probabilities of a
     * binary classifier, and the second one is the score. More numbers are a vector without a score.
     */
    static Answer of(double[] numbers, int from, int width, @Nullable String label) {
        for (int i = from; i < from + width; i++) {
            if (!Double.isFinite(numbers[i])) {
                return error("the model answered " + numbers[i]);
            }
        }
        return switch (width) {
            case 1 -> new Answer(PredictionStatus.OK, numbers[from], label, null, null);
            case 2 ->
                new Answer(
                        PredictionStatus.OK, numbers[from + 1], label, List.of(numbers[from], numbers[from + 1]), null);
            default ->
                new Answer(
                        PredictionStatus.OK,
                        null,
                        label,
                        Arrays.stream(numbers, from, from + width).boxed().toList(),
                        null);
        };
    }
}
