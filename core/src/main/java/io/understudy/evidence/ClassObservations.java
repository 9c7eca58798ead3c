package io.understudy.evidence;

import io.understudy.plan.ClassNames;
import io.understudy.plan.MetricKind;
import io.understudy.plan.MetricSpec;
import java.util.List;
import java.util.OptionalInt;

/**
 * Observations of models that tell several classes apart: losses of a vector with a probability for each class, and
 * whether the class of the largest number is the outcome. NaN stands for no observation.
 *
 * <p>The loss of Brier is the sum of the squared errors of all classes, from 0 to 2 (G. W. Brier, "Verification of
 * forecasts expressed in terms of probability", 1950). For two classes it is twice that of a score.
 */
final class ClassObservations {

    /** How far the sum of a model's probabilities may be from 1; half precision rounds each by up to 0.05 %. */
    private static final double SUM_TOLERANCE = 0.01;

    private ClassObservations() {}

    static double of(MetricSpec metric, ModelAnswer answer, Object outcome) {
        OptionalInt actual = metric.classes().positionOf(outcome);
        if (actual.isEmpty()) {
            return Double.NaN;
        }
        if (metric.kind() == MetricKind.ACCURACY) {
            OptionalInt chosen = chosen(metric.classes(), answer);
            return chosen.isEmpty() ? Double.NaN : Losses.oneOrZero(chosen.equals(actual));
        }
        List<Double> probabilities = answer.vector();
        if (!isDistribution(probabilities, metric.classes().size())) {
            return Double.NaN;
        }
        return metric.kind() == MetricKind.BRIER
                ? brier(probabilities, actual.getAsInt())
                : Losses.log(probabilities.get(actual.getAsInt()));
    }

    /** 1 if both models choose the same class, otherwise 0. */
    static double agreement(ClassNames classes, ModelAnswer existing, ModelAnswer candidate) {
        OptionalInt left = chosen(classes, existing);
        OptionalInt right = chosen(classes, candidate);
        return left.isEmpty() || right.isEmpty() ? Double.NaN : Losses.oneOrZero(left.equals(right));
    }

    private static double brier(List<Double> probabilities, int actual) {
        double sum = 0;
        for (int i = 0; i < probabilities.size(); i++) {
            sum += Losses.square(probabilities.get(i) - (i == actual ? 1 : 0));
        }
        return sum;
    }

    /** The class of the largest number, the first of equal ones; without a vector, that of the label. */
    private static OptionalInt chosen(ClassNames classes, ModelAnswer answer) {
        List<Double> numbers = answer.vector();
        if (numbers.isEmpty() && answer.label() != null) {
            return classes.positionOf(answer.label());
        }
        if (numbers.size() != classes.size() || !numbers.stream().allMatch(Double::isFinite)) {
            return OptionalInt.empty();
        }
        int largest = 0;
        for (int i = 1; i < numbers.size(); i++) {
            largest = numbers.get(i) > numbers.get(largest) ? i : largest;
        }
        return OptionalInt.of(largest);
    }

    private static boolean isDistribution(List<Double> numbers, int classes) {
        double sum = 0;
        for (double number : numbers) {
            if (!(number >= 0 && number <= 1)) {
                return false;
            }
            sum += number;
        }
        return numbers.size() == classes && Math.abs(sum - 1) <= SUM_TOLERANCE;
    }
}
