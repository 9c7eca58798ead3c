package io.understudy.routing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.registry.Decoder;
import io.understudy.registry.Encoder;
import io.understudy.registry.UndecodableException;
import io.understudy.routing.AnswersFirst.Call;
import io.understudy.routing.DeploymentRoutes.CandidateRoutes;
import io.understudy.schema.Arm;
import io.understudy.schema.GuardedRequest;
import io.understudy.schema.KeptHeader;
import io.understudy.schema.Model;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutVerb;
import io.understudy.streams.ReadProgress.Reading;
import io.understudy.wire.RecordSize;
import io.understudy.wire.RequestHead;
import io.understudy.wire.Route;
import io.understudy.wire.Route.Part;
import io.understudy.wire.Route.Purpose;
import io.understudy.wire.RouteHeader;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Protects callers from failures of the candidate. It tracks every request that is assigned to the candidate. If a
 * usable answer arrives in time, the guard forwards it. Otherwise, the existing model answers. The first of these two
 * events settles the request, and answers that arrive later are not served. For one partition.
 */
final class Guard {

    private static final Logger LOG = LoggerFactory.getLogger(Guard.class);

    private static final Headers NO_HEADERS = new RecordHeaders();

    private final RoutingContext routing;
    private final RoutingTable table;
    private final WaitingRequests waiting;
    private final ProcessorContext<byte[], byte[]> context;
    private final Decoder<Prediction> answers;
    private final Encoder<Prediction> predictions;
    private final Encoder<RolloutCommand> commands;

    /** The routes that were last in use, by deployment. {@link #tick} compares them with the current ones. */
    private final Map<String, DeploymentRoutes> lastRoutes = new HashMap<>();

    private final AtomicLong waitingBytes;
    private final GuardClock deadlineClock;
    private final AnswersFirst answersFirst = new AnswersFirst();
    private final TopicPartition answersPartition;

    /** The offset after the last answer that was handled. */
    private long handledTo;

    Guard(
            RoutingContext routing,
            RoutingTable table,
            KeyValueStore<Long, byte[]> store,
            Duration usualStep,
            ProcessorContext<byte[], byte[]> context) {
        this.routing = routing;
        this.table = table;
        this.context = context;
        this.answers = routing.registry().decoder(routing.topics().candidatePredictions(), Prediction.class);
        this.predictions = routing.registry().encoder(routing.topics().predictions());
        this.commands = routing.registry().encoder(routing.topics().rolloutCommands());
        this.deadlineClock = new GuardClock(routing.clock().millis(), usualStep);
        this.waitingBytes = routing.meters().waitingBytes();
        this.waiting = new WaitingRequests(store, waitingBytes, deadlineClock.time());
        routing.meters().unreadableSegments(waiting.unreadable());
        this.answersPartition = new TopicPartition(
                routing.topics().candidatePredictions().name(), context.taskId().partition());
        // What was read before this task had the partition is not handled here.
        this.handledTo =
                routing.progress().of(answersPartition).map(Reading::returnedTo).orElse(0L);
    }

    /** Moves the clock of the deadlines on to the wall-clock time {@code now}. Called for every record and tick. */
    void moveTo(long now) {
        long stalled = deadlineClock.moveTo(now);
        if (stalled > 0) {
            routing.meters().stalled(Duration.ofMillis(stalled));
        }
    }

    /**
     * Whether a request may go to the candidate: not if the breaker is open, not if its identifier is already in use,
     * and not if too much memory is taken by requests that wait already.
     *
     * @param bytes size of the request with key and headers
     */
    boolean admits(RequestHead head, CandidateRoutes candidate, long bytes) {
        if (candidate.breaker().isOpen()) {
            return false;
        }
        if (waiting.contains(head.deployment(), head.requestId())) {
            routing.meters().repeatedRequest(head.deployment());
            return false;
        }
        if (waitingBytes.get() + WaitingRequests.memoryOf(bytes) > routing.maxWaitingBytes()) {
            routing.meters().refusedByGuard(head.deployment());
            return false;
        }
        return true;
    }

    /** Tracks a request that goes to the candidate. */
    void track(
            Record<byte[], byte[]> request,
            RequestHead head,
            DeploymentRoutes routes,
            CandidateRoutes candidate,
            long now) {
        Rollout rollout = candidate.rollout();
        lastRoutes.putIfAbsent(head.deployment(), routes);
        waiting.add(
                new GuardedRequest(
                        head.requestId(),
                        head.deployment(),
                        rollout.getId(),
                        rollout.getStage(),
                        rollout.getEpoch(),
                        rollout.getCandidate().getVersion(),
                        routes.split().state().getExisting().getVersion(),
                        now,
                        now + rollout.getDeadlineMs(),
                        request.timestamp(),
                        ByteBuffer.wrap(request.key()),
                        ByteBuffer.wrap(request.value()),
                        encode(request.headers())),
                deadlineClock.time());
    }

    /** Passes over an answer of the candidate that cannot be handled. */
    void skip(long offset) {
        handledTo = offset + 1;
    }

    /**
     * Handles an answer of the candidate: forwards it, or lets the existing model answer if it is not usable.
     *
     * @param offset offset of the answer in its partition
     */
    void handleAnswer(Record<byte[], byte[]> record, long offset) {
        handledTo = offset + 1;
        Prediction answer;
        try {
            answer = answers.decode(record.value());
        } catch (UndecodableException e) {
            // The evaluator, which reads all answers, makes it a dead letter. The existing model answers at the
            // deadline.
            routing.meters().unreadableAnswer();
            return;
        }
        if (answer.getMirrored()) {
            return;
        }
        Optional<GuardedRequest> request = waiting.find(answer.getDeployment(), answer.getRequestId())
                .filter(tracked -> tracked.getRollout().equals(answer.getRollout())
                        && tracked.getEpoch() == (answer.getEpoch() == null ? -1 : answer.getEpoch()));
        if (request.isEmpty()) {
            // Any program may have written the answer, so only existing deployments get a counter.
            table.routes(answer.getDeployment())
                    .ifPresent(routes -> routing.meters().lateAnswer(answer.getDeployment()));
            return;
        }
        PredictionStatus status = isUsable(answer) ? answer.getStatus() : PredictionStatus.ERROR;
        byte[] served = status == PredictionStatus.OK ? encodeServed(answer, request.get()) : null;
        if (served != null
                && RecordSize.of(toArray(request.get().getKey()), served, NO_HEADERS)
                        > routing.topics().predictions().maxMessageBytes()) {
            status = PredictionStatus.ERROR;
        }
        // Not earlier: until the answer is ready to be sent, the deadline must still apply to the request.
        waiting.settle(answer.getDeployment(), answer.getRequestId());
        count(request.get(), status);
        if (status == PredictionStatus.OK) {
            context.forward(
                    new Record<>(
                            toArray(request.get().getKey()),
                            served,
                            request.get().getRoutedAt()),
                    RoutingNames.PREDICTIONS);
        } else {
            fallBack(request.get(), status);
        }
    }

    /** Whether an answer has a value, and all its numbers are finite. Any program may serve a lane. */
    private static boolean isUsable(Prediction answer) {
        if (answer.getStatus() != PredictionStatus.OK) {
            return true;
        }
        boolean label = answer.getLabel() != null && !answer.getLabel().isEmpty();
        boolean vector = answer.getVector() != null && !answer.getVector().isEmpty();
        if (answer.getScore() == null && !label && !vector) {
            return false;
        }
        return (answer.getScore() == null || Double.isFinite(answer.getScore()))
                && (answer.getVector() == null || answer.getVector().stream().allMatch(Double::isFinite));
    }

    /**
     * Encodes the answer to serve. The model's values are those of the answer. The guard itself sets the model, the
     * rollout and the times of the request.
     */
    private byte[] encodeServed(Prediction answer, GuardedRequest request) {
        return predictions.encode(Prediction.newBuilder(answer)
                .setModelVersion(request.getCandidateVersion())
                .setArm(Arm.CANDIDATE)
                .setRollout(request.getRollout())
                .setStage(request.getStage())
                .setEpoch(request.getEpoch())
                .setReceivedAt(Instant.ofEpochMilli(request.getTimestamp()))
                .setRoutedAt(Instant.ofEpochMilli(request.getRoutedAt()))
                .setFallback(false)
                .setFallbackStatus(null)
                .setGuardedAt(routing.clock().instant())
                .build());
    }

    /**
     * Lets the existing model answer overdue requests, and requests that wait for a candidate that no longer serves.
     *
     * @param now wall-clock time
     */
    @SuppressWarnings("ReferenceEquality") // Every new state makes new routes, equal or not.
    void tick(long now) {
        for (DeploymentRoutes before : List.copyOf(lastRoutes.values())) {
            Optional<DeploymentRoutes> routes = table.routes(before.deployment());
            routes.flatMap(DeploymentRoutes::candidate)
                    .ifPresent(candidate -> reportOpenBreaker(before.deployment(), candidate, now));
            if (routes.isEmpty() || routes.get() != before) {
                handleChange(before.deployment(), routes);
            }
        }
        if (waiting.hasOverdue(deadlineClock.time())) {
            answersFirst
                    .at(deadlineClock.time(), routing.progress().of(answersPartition), handledTo)
                    .ifPresent(this::callDeadlines);
        } else {
            answersFirst.reset();
        }
    }

    private void callDeadlines(Call call) {
        for (Optional<GuardedRequest> overdue = waiting.settleOverdue(call.until());
                overdue.isPresent();
                overdue = waiting.settleOverdue(call.until())) {
            if (call.complete()) {
                count(overdue.get(), PredictionStatus.TIMEOUT);
            }
            fallBack(overdue.get(), PredictionStatus.TIMEOUT);
        }
    }

    /** Handles a change of a deployment's routes. */
    private void handleChange(String deployment, Optional<DeploymentRoutes> routes) {
        waiting.settleAll(request -> request.getDeployment().equals(deployment)
                        && routes.filter(current -> current.mayFinish(request.getRollout()))
                                .isEmpty())
                .forEach(request -> fallBack(request, PredictionStatus.TIMEOUT));
        routes.ifPresentOrElse(current -> lastRoutes.put(deployment, current), () -> lastRoutes.remove(deployment));
    }

    /** Stores the waiting requests. Called before each commit. */
    void save() {
        waiting.save();
    }

    /** Releases what the guard holds. Its partition may go to another process. */
    void close() {
        waiting.close();
    }

    private void count(GuardedRequest request, PredictionStatus status) {
        long now = routing.clock().millis();
        table.routes(request.getDeployment())
                .flatMap(routes -> routes.candidateOf(request.getRollout(), request.getEpoch()))
                .ifPresent(candidate -> {
                    candidate.breaker().count(status, now);
                    reportOpenBreaker(request.getDeployment(), candidate, now);
                });
    }

    /**
     * Sends a command to the controller. The resulting state reaches all other routers. The command is repeated until
     * this state arrives.
     */
    private void reportOpenBreaker(String deployment, CandidateRoutes candidate, long now) {
        Rollout rollout = candidate.rollout();
        if (rollout.getShare() == 0) {
            return;
        }
        candidate.breaker().reasonToReport(now).ifPresent(reason -> {
            LOG.warn("Circuit breaker open: deployment={} rollout={} cause={}", deployment, rollout.getId(), reason);
            routing.meters().breakerOpened(deployment);
            RolloutCommand command = RolloutCommand.newBuilder()
                    // All routers use the same identifier, so the controller executes the first command and ignores the
                    // others.
                    .setId("breaker/" + rollout.getId() + "/" + rollout.getEpoch())
                    .setDeployment(deployment)
                    .setVerb(RolloutVerb.OPEN_BREAKER)
                    .setActor(RoutingContext.ROLE)
                    .setReason(reason)
                    .setRollout(rollout.getId())
                    .setEpoch(rollout.getEpoch())
                    .setIssuedAt(Instant.ofEpochMilli(now))
                    .build();
            context.forward(
                    new Record<>(deployment.getBytes(UTF_8), commands.encode(command), now), RoutingNames.COMMANDS);
        });
    }

    /** Forwards the request to the existing lane, with the time at which it was first routed. */
    private void fallBack(GuardedRequest request, PredictionStatus status) {
        Part part =
                new Part(request.getRollout(), request.getStage(), request.getEpoch(), new Purpose.Fallback(status));
        Optional<DeploymentRoutes> routes = table.routes(request.getDeployment());
        Optional<Model> model = routes.map(current -> current.existingOf(request.getExistingVersion()));
        RouteHeader header =
                new RouteHeader(model.map(existing -> Route.fallback(request.getDeployment(), existing, part))
                        .orElseGet(() -> new Route(
                                request.getDeployment(),
                                Arm.EXISTING,
                                request.getExistingVersion(),
                                Optional.empty(),
                                Optional.of(part))));
        context.forward(
                new Record<>(
                        toArray(request.getKey()),
                        toArray(request.getValue()),
                        request.getRoutedAt(),
                        header.stamp(
                                decode(request.getHeaders()),
                                RouteHeader.encodeTimes(request.getTimestamp(), request.getRoutedAt()))),
                model.map(existing -> routes.get().laneOf(existing)).orElse(RoutingNames.EXISTING_LANE));
        routing.meters().fallback(request.getDeployment(), status);
    }

    private static List<KeptHeader> encode(Headers headers) {
        List<KeptHeader> records = new ArrayList<>();
        for (Header header : headers) {
            records.add(new KeptHeader(header.key(), header.value() == null ? null : ByteBuffer.wrap(header.value())));
        }
        return records;
    }

    private static Headers decode(List<KeptHeader> records) {
        RecordHeaders headers = new RecordHeaders();
        records.forEach(
                header -> headers.add(header.getName(), header.getValue() == null ? null : toArray(header.getValue())));
        return headers;
    }

    private static byte[] toArray(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
