package io.understudy.topics;

import io.understudy.schema.Outcome;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionRequest;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

    private static final Duration WEEK = Duration.ofDays(7);
    private static final Duration MONTH = Duration.ofDays(30);
    private static final Duration QUARTER = Duration.ofDays(90);

    private final String prefix;
    private final Topic predictionRequests;
    private final Topic existingRequests;
    private final Topic candidateRequests;
    private final Map<String, Topic> existingLanes = new LinkedHashMap<>();
    private final Map<String, Topic> candidateLanes = new LinkedHashMap<>();
    private final Topic predictions;
    private final Topic candidatePredictions;
    private final Topic outcomes;
    private final Topic rolloutCommands;
    private final Topic rolloutState;
    private final Topic rolloutEvents;
    private final Topic rolloutEvaluations;
    private final Topic deadLetters;

    /** The topics of an installation that has only the default lanes. */
    public Topics(String prefix, int maxRequestBytes) {
        this(prefix, maxRequestBytes, List.of());
    }

    /**
     * The topics of an installation.
     *
     * @param prefix start of every name, e.g. {@code "staging."}; may be empty
     * @param maxRequestBytes largest request, bytes
     * @param lanes names of the lanes besides the default ones
     */
    public Topics(String prefix, int maxRequestBytes, Collection<String> lanes) {
        this.prefix = prefix;
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
        for (String lane : lanes) {
            existingLanes.put(
                    lane,
                    data(
                            existingRequests.name() + "-" + lane,
                            "Requests for the existing models with `lane: " + lane + "`.",
                            PredictionRequest.SCHEMA$,
                            true,
                            wide));
            candidateLanes.put(
                    lane,
                    data(
                            candidateRequests.name() + "-" + lane,
                            "Requests for the candidates with `lane: " + lane + "`.",
                            PredictionRequest.SCHEMA$,
                            true,
                            wide));
        }
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
                Optional.of(QUARTER),
                wide);
        this.rolloutState = control(
                prefix + "rollout-state",
                "The current models and rollout of each deployment.",
                RolloutState.SCHEMA$,
                true,
                Optional.empty(),
                wide);
        this.rolloutEvents = control(
                prefix + "rollout-events",
                "Events of each deployment, with their reasons.",
                RolloutEvent.SCHEMA$,
                false,
                Optional.empty(),
                wide);
        this.rolloutEvaluations = control(
                prefix + "rollout-evaluations",
                "The evidence and the verdict after each window.",
                RolloutEvaluation.SCHEMA$,
                false,
                Optional.of(MONTH),
                wide);
        this.deadLetters = new Topic(
                prefix + "dead-letters",
                "Records that a role could not process: raw bytes, with reason and origin in headers.",
                "as received",
                Optional.empty(),
                false,
                false,
                true,
                Optional.of(MONTH),
                wide);
    }

    private static Topic data(String name, String purpose, Schema schema, boolean brokerTime, int maxBytes) {
        return new Topic(
                name, purpose, "unit", Optional.of(schema), false, false, brokerTime, Optional.of(WEEK), maxBytes);
    }

    private static Topic control(
            String name, String purpose, Schema schema, boolean compacted, Optional<Duration> retention, int maxBytes) {
        return new Topic(name, purpose, "deployment", Optional.of(schema), true, compacted, true, retention, maxBytes);
    }

    /** Every topic, in the order in which a request passes through them. */
    public List<Topic> all() {
        List<Topic> all = new ArrayList<>(List.of(predictionRequests));
        all.addAll(laneRequests());
        all.addAll(List.of(
                predictions,
                candidatePredictions,
                outcomes,
                rolloutCommands,
                rolloutState,
                rolloutEvents,
                rolloutEvaluations,
                deadLetters));
        return List.copyOf(all);
    }

    /** The topics with the requests of every lane. */
    public List<Topic> laneRequests() {
        List<Topic> requests = new ArrayList<>(List.of(existingRequests, candidateRequests));
        lanes().forEach(lane ->
                requests.addAll(List.of(existingRequests(Optional.of(lane)), candidateRequests(Optional.of(lane)))));
        return requests;
    }

    /** The names of the lanes besides the default ones, in their order. */
    public Set<String> lanes() {
        return Collections.unmodifiableSet(existingLanes.keySet());
    }

    /** The requests for existing models in a lane; empty: the default lane. */
    public Topic existingRequests(Optional<String> lane) {
        return lane.map(name -> named(existingLanes, name)).orElse(existingRequests);
    }

    /** The requests for candidates in a lane; empty: the default lane. */
    public Topic candidateRequests(Optional<String> lane) {
        return lane.map(name -> named(candidateLanes, name)).orElse(candidateRequests);
    }

    private static Topic named(Map<String, Topic> lanes, String name) {
        return Optional.ofNullable(lanes.get(name))
                .orElseThrow(() -> new IllegalArgumentException("there is no lane '" + name + "'"));
    }

    /** The beginning of every group, transactional id and internal topic. */
    public String applications() {
        return prefix + "understudy-";
    }

    /**
     * The beginning of every group, transactional id and internal topic of {@code role}, and the application id where it
     * is a Kafka Streams application.
     */
    public String application(String role) {
        return applications() + role;
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

    public Topic deadLetters() {
        return deadLetters;
    }
}
