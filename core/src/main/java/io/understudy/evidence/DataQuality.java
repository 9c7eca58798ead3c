package io.understudy.evidence;

import io.understudy.schema.Arm;
import java.util.Collections;
import java.util.List;

/**
 * What is wrong with the outcomes and answers that a metric has read so far.
 *
 * @param outcomes values of outcomes, each once, the first of them in alphabetical order
 * @param unusableOutcomes number of outcomes that the metric could not use
 * @param existing the existing model's answers
 * @param candidate the candidate's answers
 */
public record DataQuality(List<String> outcomes, long unusableOutcomes, Answers existing, Answers candidate) {

    /** Nothing is wrong. */
    public static final DataQuality SOUND =
            new DataQuality(List.of(), 0, new Answers(List.of(), 0, true), new Answers(List.of(), 0, true));

    /**
     * The answers of one arm.
     *
     * @param labels the labels that are compared with outcomes, each once, the first of them in alphabetical order
     * @param unusable number of answers to requests with an outcome that the metric could not use, although the model
     *     did not fail
     * @param comparable whether a label could be an outcome: false while no label equals any outcome, of whatever
     *     request
     */
    public record Answers(List<String> labels, long unusable, boolean comparable) {}

    static DataQuality of(DataCheck check, MetricEvidence evidence) {
        return new DataQuality(
                List.copyOf(check.outcomes()),
                check.unusableOutcomes(),
                answers(check, Arm.EXISTING, evidence.existingEstimate()),
                answers(check, Arm.CANDIDATE, evidence.candidateEstimate()));
    }

    private static Answers answers(DataCheck check, Arm arm, double rightAnswers) {
        boolean comparable = check.labels(arm).isEmpty()
                || rightAnswers > 0
                || !Collections.disjoint(check.labels(arm), check.outcomes());
        return new Answers(List.copyOf(check.labels(arm)), check.unusableAnswers(arm), comparable);
    }

    /**
     * Whether the metric may decide anything. Where no label of an arm ever is an outcome, the classes are named
     * differently; that is neither harm nor an improvement.
     */
    public boolean isComparable() {
        return existing.comparable() && candidate.comparable();
    }
}
