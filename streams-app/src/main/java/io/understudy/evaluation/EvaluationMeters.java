package io.understudy.evaluation;

import io.understudy.collecting.Collected;
import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;
import io.understudy.schema.EvidenceBlock;
import io.understudy.schema.PartialEvidence;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.wire.DeadLetterReason;
import java.time.Duration;

/** The meters of the evaluator. */
public final class EvaluationMeters {

    private final Meters meters;

    public EvaluationMeters(Meters meters) {
        this.meters = meters;
    }

    /** Counts an answer or outcome of a deployment by what the collector did with it. */
    void collected(String deployment, Collected result) {
        switch (result) {
            case COMPLETED -> meters.count(Metric.JOINS_MATCHED, deployment);
            case DUPLICATE -> meters.count(Metric.JOINS_DUPLICATED, deployment);
            case LATE -> meters.count(Metric.OUTCOMES_LATE, deployment);
            case STALE -> meters.count(Metric.ANSWERS_STALE, deployment);
            case COUNTED, NOT_EVIDENCE, EXCESSIVE -> {
                // Not counted: this is the case for almost every record, or the record becomes a dead letter.
            }
        }
    }

    /** Counts a request whose outcome window is over although a metric has not counted it. */
    void unmatchedRequest() {
        meters.count(Metric.JOINS_UNMATCHED);
    }

    /** Adds {@code change} to the number of requests that are stored. */
    void pendingRequests(long change) {
        meters.sum(Metric.JOINS_PENDING).addAndGet(change);
    }

    void windowsClosed(PartialEvidence partial) {
        for (EvidenceBlock window : partial.getBlocks()) {
            meters.count(
                    Metric.WINDOWS_CLOSED, partial.getDeployment(), Boolean.toString(window.getClosedByWallClock()));
        }
    }

    void evaluation(RolloutEvaluation evaluation) {
        meters.count(
                Metric.EVALUATIONS,
                evaluation.getDeployment(),
                evaluation.getVerdict().name(),
                evaluation.getCode());
        meters.timer(Metric.WINDOW_DELAY, evaluation.getDeployment())
                .record(Duration.between(evaluation.getWindowEnd(), evaluation.getAt()));
    }

    void unreadableEvidence() {
        meters.count(Metric.EVIDENCE_UNREADABLE);
    }

    /** Counts an entry of the pending requests that could not be read. */
    void unreadablePendingRequest() {
        meters.count(Metric.STORES_UNREADABLE, EvaluationNames.PENDING_STORE);
    }

    void deadLetter(DeadLetterReason reason) {
        meters.count(Metric.DEAD_LETTERS, reason.code());
    }
}
