package io.understudy.scoring;

import io.micrometer.core.instrument.Counter;
import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;
import io.understudy.schema.PredictionStatus;
import io.understudy.wire.DeadLetterReason;
import io.understudy.wire.FailureKind;
import java.time.Duration;

/** The meters of a scorer. The controller uses them too when it inspects models. */
public final class ScoringMeters {

    private final Meters meters;

    public ScoringMeters(Meters meters) {
        this.meters = meters;
    }

    /** Returns the counter itself, so that there is no lookup for every answer. */
    Counter predictions(Lane lane, String deployment, PredictionStatus status) {
        return meters.counter(Metric.PREDICTIONS, lane.code(), deployment, status.name());
    }

    /** Records the size of a batch that one model has scored. */
    void batch(Lane lane, int size) {
        meters.sizes(Metric.BATCH_SIZE, lane.code()).record(size);
    }

    /** Records the time that one model took for a batch. */
    void scored(Lane lane, Duration duration) {
        meters.timer(Metric.BATCH_DURATION, lane.code()).record(duration);
    }

    void deadLetter(DeadLetterReason reason) {
        meters.count(Metric.DEAD_LETTERS, reason.code());
    }

    void externalRequest(String deployment) {
        meters.count(Metric.EXTERNAL_REQUESTS, deployment);
    }

    void mirrorSkipped(String deployment) {
        meters.count(Metric.MIRRORS_SKIPPED, deployment);
    }

    void inferenceRetry() {
        meters.count(Metric.INFERENCE_RETRIES);
    }

    void inferenceRefused() {
        meters.count(Metric.INFERENCE_REFUSED);
    }

    void requestGivenUp(String deployment) {
        meters.count(Metric.REQUESTS_GIVEN_UP, deployment);
    }

    /** Adds to the number of requests that were read and are not answered. */
    void waitingRequests(int change) {
        meters.sum(Metric.REQUESTS_WAITING).addAndGet(change);
    }

    void inferenceFailure(InferenceFailure failure) {
        meters.count(Metric.INFERENCE_FAILURES, failure.code());
    }

    void abortedBatch() {
        meters.count(Metric.ABORTED_BATCHES);
    }

    void laneLeft(Lane lane) {
        meters.count(Metric.LANE_LEFT, lane.code());
    }

    void failedBatch(FailureKind kind) {
        meters.count(Metric.THREAD_FAILURES, kind.code());
    }

    void setAside() {
        meters.count(Metric.SET_ASIDE);
    }

    void unreadableState() {
        meters.count(Metric.UNREADABLE_STATES);
    }
}
