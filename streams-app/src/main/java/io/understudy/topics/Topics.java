package io.understudy.topics;

import io.understudy.schema.ModelReadiness;
import io.understudy.schema.Outcome;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionRequest;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;

/**
 * Every topic of one installation. Several installations can share a cluster when each has its own prefix.
 *
 * <p>The broker stamps the records of every topic but one with its own clock. So neither a sender's clock nor the time
 * of an old request decides when something happened or how long a record is kept. Only the requests keep the time that
 * their senders gave them, so that the router can tell when such a clock is wrong.
 */
public final class Topics {

    /** What a record may add to the size of a request: routing headers, or the reason of a dead letter. */
    private static final int HEADROOM_BYTES = 256 * 1024;

    /** Programs say it again every few seconds; what the dead ones said need not be kept for ever. */
    private static final Duration READINESS_RETENTION = Duration.ofDays(1);

    private static final Duration WEEK = Duration.ofDays(7);

    private final Topic predictionRequests;
    private final Topic existingRequests;
    private final Topic candidateRequests;
    private final Topic predictions;
    private final Topic candidatePredictions;
    private final Topic outcomes;
    private final Topic rolloutCommands;
    private final Topic rolloutState;
    private final Topic rolloutEvents;
    private final Topic rolloutEvaluations;
    private final Topic modelReadiness;
    private final Topic deadLetters;

    /**
     * The topics of an installation.
     *
     * @param prefix start of every name, e.g. {@code "staging."}; may be empty
     * @param maxRequestBytes largest request, bytes
     */
    public Topics(String prefix, int maxRequestBytes) {
        int wide = maxRequestBytes + HEADROOM_BYTES;
        this.predictionRequests = data(
                prefix + "prediction-requests",
                "Requests from upstream.",
                PredictionRequest.SCHEMA$,
                false,
                maxRequestBytes);
        this.existingRequests = data(
                prefix + "existing-requests",
                "Requests for the existing model: the bytes from upstream, with the routing decision in a header.",
                PredictionRequest.SCHEMA$,
                true,
                wide);
        this.candidateRequests = data(
                prefix + "candidate-requests",
                "Requests for the candidate: the bytes from upstream, with the routing decision in a header.",
                PredictionRequest.SCHEMA$,
                true,
                wide);
        this.predictions = data(
                prefix + "predictions", "Answers for downstream, one per request.", Prediction.SCHEMA$, true, wide);
        this.candidatePredictions = data(
                prefix + "candidate-predictions",
                "Answers of the candidate, read by router and evaluator; downstream never reads them.",
                Prediction.SCHEMA$,
                true,
                wide);
        this.outcomes = data(
                prefix + "outcomes",
                "Actual outcomes: labels and conversions, which arrive seconds or days after the request.",
                Outcome.SCHEMA$,
                true,
                maxRequestBytes);
        this.rolloutCommands = control(
                prefix + "rollout-commands",
                "Commands for the controller, from operators, console and router.",
                RolloutCommand.SCHEMA$,
                false,
                wide);
        this.rolloutState = control(
                prefix + "rollout-state",
                "The current models and rollout of each deployment.",
                RolloutState.SCHEMA$,
                true,
                wide);
        this.rolloutEvents = control(
                prefix + "rollout-events",
                "Events of each deployment, with their reasons.",
                RolloutEvent.SCHEMA$,
                false,
                wide);
        this.rolloutEvaluations = control(
                prefix + "rollout-evaluations",
                "The evidence and the verdict after each window.",
                RolloutEvaluation.SCHEMA$,
                false,
                wide);
        this.modelReadiness = new Topic(
                prefix + "model-readiness",
                "Which program serves which model in which lane. Written by scorers and external programs.",
                "instance, lane, deployment, version",
                Optional.of(ModelReadiness.SCHEMA$),
                true,
                true,
                true,
                Optional.of(READINESS_RETENTION),
                wide);
        this.deadLetters = new Topic(
                prefix + "dead-letters",
                "Records that a role could not process: raw bytes, with reason and origin in headers.",
                "as received",
                Optional.empty(),
                false,
                false,
                true,
                Optional.of(Duration.ofDays(30)),
                wide);
    }

    private static Topic data(String name, String purpose, Schema schema, boolean brokerTime, int maxBytes) {
        return new Topic(
                name, purpose, "unit", Optional.of(schema), false, false, brokerTime, Optional.of(WEEK), maxBytes);
    }

    private static Topic control(String name, String purpose, Schema schema, boolean compacted, int maxBytes) {
        return new Topic(
                name, purpose, "deployment", Optional.of(schema), true, compacted, true, Optional.empty(), maxBytes);
    }

    /** Every topic, in the order in which a request passes through them. */
    public List<Topic> all() {
        return List.of(
                predictionRequests,
                existingRequests,
                candidateRequests,
                predictions,
                candidatePredictions,
                outcomes,
                rolloutCommands,
                rolloutState,
                rolloutEvents,
                rolloutEvaluations,
                modelReadiness,
                deadLetters);
    }

    public Topic predictionRequests() {
        return predictionRequests;
    }

    public Topic existingRequests() {
        return existingRequests;
    }

    public Topic candidateRequests() {
        return candidateRequests;
    }

    public Topic predictions() {
        return predictions;
    }

    public Topic candidatePredictions() {
        return candidatePredictions;
    }

    public Topic outcomes() {
        return outcomes;
    }

    public Topic rolloutCommands() {
        return rolloutCommands;
    }

    public Topic rolloutState() {
        return rolloutState;
    }

    public Topic rolloutEvents() {
        return rolloutEvents;
    }

    public Topic rolloutEvaluations() {
        return rolloutEvaluations;
    }

    public Topic modelReadiness() {
        return modelReadiness;
    }

    public Topic deadLetters() {
        return deadLetters;
    }
}
