package io.understudy.judging;

import io.understudy.evidence.ArmLook;
import io.understudy.evidence.DataQuality;
import io.understudy.evidence.MetricLook;
import io.understudy.plan.MetricKind;
import io.understudy.plan.MetricSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a reader should know about the outcomes and answers that a metric reads. */
final class DataWarnings {

    /** Observations of an arm from which what has never happened is worth a warning. */
    private static final long FEWEST = 200;

    private DataWarnings() {}

    static List<String> of(MetricLook metric) {
        List<String> warnings = new ArrayList<>();
        unusableOutcomes(metric).ifPresent(warnings::add);
        unusableAnswers(metric, "existing model", metric.data().existing()).ifPresent(warnings::add);
        unusableAnswers(metric, "candidate", metric.data().candidate()).ifPresent(warnings::add);
        otherLabels(metric, "existing model", metric.existing(), metric.data().existing())
                .ifPresent(warnings::add);
        otherLabels(metric, "candidate", metric.candidate(), metric.data().candidate())
                .ifPresent(warnings::add);
        oneClass(metric).ifPresent(warnings::add);
        return warnings;
    }

    private static Optional<String> unusableOutcomes(MetricLook metric) {
        long unusable = metric.data().unusableOutcomes();
        return unusable == 0
                ? Optional.empty()
                : Optional.of(metric.spec().name() + ": " + unusable + " times an outcome was not "
                        + usableOutcome(metric.spec()) + ", and made no observation");
    }

    private static String usableOutcome(MetricSpec spec) {
        return switch (spec.kind()) {
            case ACCURACY, BRIER, LOG_LOSS, CONVERSION ->
                spec.classes().isEmpty()
                        ? "0 or 1, true or false"
                        : "one of the classes "
                                + String.join(", ", spec.classes().names());
            case RATIO -> "a number, or a denominator was below 0";
            default -> "a number";
        };
    }

    private static Optional<String> unusableAnswers(MetricLook metric, String model, DataQuality.Answers answers) {
        return answers.unusable() == 0
                ? Optional.empty()
                : Optional.of(metric.spec().name() + ": " + answers.unusable() + " answers of the " + model + " had no "
                        + usableAnswer(metric.spec()) + ", and made no observation");
    }

    private static String usableAnswer(MetricSpec spec) {
        int classes = spec.classes().size();
        boolean rightOrWrong = spec.kind() == MetricKind.ACCURACY;
        if (classes > 0) {
            return rightOrWrong
                    ? "vector of " + classes + " numbers, nor the label of a class"
                    : "vector of " + classes + " probabilities whose sum is 1";
        }
        return switch (spec.kind()) {
            case BRIER, LOG_LOSS -> "score from 0 to 1";
            default -> "score";
        };
    }

    private static Optional<String> otherLabels(
            MetricLook metric, String model, ArmLook arm, DataQuality.Answers answers) {
        return answers.comparable() || arm.units() < FEWEST
                ? Optional.empty()
                : Optional.of(
                        metric.spec().name() + ": no label of the " + model + " is ever an outcome; its labels are "
                                + String.join(", ", answers.labels()) + ", outcomes are "
                                + String.join(", ", metric.data().outcomes())
                                + "; until one is, the metric decides nothing");
    }

    private static Optional<String> oneClass(MetricLook metric) {
        long units = metric.existing().units() + metric.candidate().units();
        return metric.spec().kind().readsClasses()
                        && units >= 2 * FEWEST
                        && metric.data().outcomes().size() == 1
                ? Optional.of(metric.spec().name() + ": every outcome is "
                        + metric.data().outcomes().get(0) + "; outcomes of the other class may be missing")
                : Optional.empty();
    }
}
