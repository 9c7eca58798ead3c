package io.understudy.evidence;

import io.understudy.plan.OutcomeValue;
import io.understudy.schema.Arm;
import java.util.Collection;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with the outcomes and answers that a metric reads: those that made no observation, and a sample of the
 * values that outcomes and labels have. Mutable, for one thread.
 *
 * <p>A sample holds the first {@value #SAMPLE} distinct values in alphabetical order. So it does not depend on the order
 * of arrival, it merges, and the samples of outcomes and labels with the same values are of the same values.
 */
final class DataCheck {

    /** Distinct values that a sample keeps. */
    static final int SAMPLE = 16;

    private static final int MAX_LENGTH = 64;

    private final TreeSet<String> outcomes = new TreeSet<>();
    private final TreeSet<String> existingLabels = new TreeSet<>();
    private final TreeSet<String> candidateLabels = new TreeSet<>();
    private long unusableOutcomes;
    private long existingUnusable;
    private long candidateUnusable;

    /** Adds an outcome that is of use to the metric. */
    void outcome(Object outcome) {
        keep(outcomes, OutcomeValue.text(outcome));
    }

    /** Counts an outcome that the metric cannot use. */
    void unusableOutcome() {
        unusableOutcomes++;
    }

    /** Counts an answer of an arm that the metric cannot use, although the model did not fail. */
    void unusableAnswer(Arm arm) {
        addUnusable(0, arm == Arm.CANDIDATE ? 0 : 1, arm == Arm.CANDIDATE ? 1 : 0);
    }

    void addUnusable(long ofOutcomes, long ofExisting, long ofCandidate) {
        unusableOutcomes += ofOutcomes;
        existingUnusable += ofExisting;
        candidateUnusable += ofCandidate;
    }

    /** Adds a label that is compared with outcomes. */
    void label(Arm arm, @Nullable String label) {
        if (label != null) {
            keep(labels(arm), OutcomeValue.text(label));
        }
    }

    private static void keep(TreeSet<String> sample, String text) {
        String value = text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) : text;
        if (sample.size() < SAMPLE || value.compareTo(sample.last()) < 0) {
            sample.add(value);
            if (sample.size() > SAMPLE) {
                sample.pollLast();
            }
        }
    }

    void addAll(DataCheck other) {
        addSamples(other.outcomes, other.existingLabels, other.candidateLabels);
        addUnusable(other.unusableOutcomes, other.existingUnusable, other.candidateUnusable);
    }

    void addSamples(Collection<String> ofOutcomes, Collection<String> ofExisting, Collection<String> ofCandidate) {
        ofOutcomes.forEach(value -> keep(outcomes, value));
        ofExisting.forEach(value -> keep(existingLabels, value));
        ofCandidate.forEach(value -> keep(candidateLabels, value));
    }

    TreeSet<String> outcomes() {
        return outcomes;
    }

    TreeSet<String> labels(Arm arm) {
        return arm == Arm.CANDIDATE ? candidateLabels : existingLabels;
    }

    long unusableOutcomes() {
        return unusableOutcomes;
    }

    long unusableAnswers(Arm arm) {
        return arm == Arm.CANDIDATE ? candidateUnusable : existingUnusable;
    }
}
