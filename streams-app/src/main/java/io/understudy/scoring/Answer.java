package io.understudy.scoring;

import io.understudy.schema.PredictionStatus;
import java.util.Arrays;
import java.util.List;

/**
 * What a model said to one request.
 *
 * @param status how it ended
 * @param score the model's single number, or null
 * @param label the class it chose, or null
 * @param vector all its numbers when it has more than one, or null
 * @param error what went wrong, or null
 */
record Answer(PredictionStatus status, Double score, String label, List<Double> vector, String error) {

    /** Longer messages are cut: an inference server may answer with a page. */
    private static final int LONGEST_ERROR = 1000;

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
        String error = why.length() > LONGEST_ERROR ? why.substring(0, LONGEST_ERROR) + "..." : why;
        return new Answer(status, null, null, null, error);
    }

    /**
     * The answer in a row of output numbers: one is the score; of two, the probabilities of a binary classifier, the second is
     * the score; more are a vector without a score.
     */
    static Answer of(double[] numbers, int from, int width, String label) {
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
