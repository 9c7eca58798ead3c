package io.understudy.routing;

import io.understudy.registry.Encoder;
import io.understudy.routing.DeploymentRoutes.CandidateRoutes;
import io.understudy.schema.Arm;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RolloutState;
import io.understudy.streams.CommitHook;
import io.understudy.streams.TaskProcessor;
import io.understudy.wire.DeadLetterReason;
import io.understudy.wire.DeadLetters;
import io.understudy.wire.FaultHandler;
import io.understudy.wire.HeaderLimits;
import io.understudy.wire.RecordSize;
import io.understudy.wire.RequestHead;
import io.understudy.wire.RequestHeadReader;
import io.understudy.wire.RouteHeader;
import io.understudy.wire.UnusableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forwards each request to lanes by the routes of its deployment. A request that cannot be forwarded gets an answer or
 * becomes a dead letter. Passes the candidate's answers to the guard.
 */
final class RoutingProcessor implements TaskProcessor.Work<byte[], byte[], byte[], byte[]> {

    private static final Logger LOG = LoggerFactory.getLogger(RoutingProcessor.class);
    private static final int MAX_ANSWERED_KEY_BYTES = 64 * 1024;
    private static final int MAX_NAME_LENGTH = 100;

    private static final Duration AHEAD_WARNING_INTERVAL = Duration.ofMinutes(1);

    /** The precision of deadlines. */
    private static final Duration TICK = Duration.ofMillis(20);

    private final RoutingContext routing;
    private final String candidateAnswers;
    private final RequestHeadReader heads;
    private final DeadLetters deadLetters;
    private final Encoder<Prediction> predictions;
    private final ProcessorContext<byte[], byte[]> context;
    private final RoutingTable table;
    private final CommitHook hook;
    private final Guard guard;
    private long nextAheadWarning = Long.MIN_VALUE;

    private RoutingProcessor(RoutingContext routing, ProcessorContext<byte[], byte[]> context) {
        this.routing = routing;
        this.candidateAnswers = routing.topics().candidatePredictions().name();
        this.heads = new RequestHeadReader(routing.registry(), routing.topics().predictionRequests());
        this.deadLetters = new DeadLetters(routing.topics().deadLetters());
        this.predictions = routing.registry().encoder(routing.topics().predictions());
        this.context = context;
        this.table = new RoutingTable(
                context.getStateStore(RoutingNames.STATE_STORE),
                routing.registry().decoder(routing.topics().rolloutState(), RolloutState.class),
                routing.meters(),
                routing.breakers(),
                routing.topics().lanes());
        this.guard = new Guard(routing, table, context.getStateStore(RoutingNames.WAITING_STORE), TICK, context);
        this.hook = context.getStateStore(RoutingNames.WAITING_HOOK);
        hook.beforeCommit(guard::save);
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, now -> tick());
    }

    /** Returns a supplier for the topology. */
    static ProcessorSupplier<byte[], byte[], byte[], byte[]> supplier(RoutingContext routing) {
        return TaskProcessor.supplier(context -> new RoutingProcessor(routing, context));
    }

    private void tick() {
        routing.partitioner().use(context.taskId().partition());
        long now = routing.clock().millis();
        guard.moveTo(now);
        guard.tick(now);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        RecordMetadata origin = context.recordMetadata().orElseThrow();
        routing.partitioner().use(origin.partition());
        guard.moveTo(routing.clock().millis());
        if (origin.topic().equals(candidateAnswers)) {
            FaultHandler.process(() -> guard.handleAnswer(record, origin.offset()))
                    .ifPresent(why -> deadLetter(record, why));
        } else {
            Record<byte[], byte[]> request = record.withTimestamp(RequestTime.takeSentAt(record.headers()));
            FaultHandler.process(() -> route(request, heads.read(request.value())))
                    .ifPresent(why -> deadLetter(request, why));
        }
    }

    private void route(Record<byte[], byte[]> request, RequestHead head) throws UnusableRecordException {
        long size = RecordSize.of(request.key(), request.value(), request.headers());
        if (size > routing.maxRequestBytes()) {
            rejectOversized(request, head, size);
            return;
        }
        Optional<String> excess = HeaderLimits.excess(request.headers());
        if (excess.isPresent()) {
            reject(request, head, "the request has " + excess.get());
            return;
        }
        Optional<DeploymentRoutes> routes = table.routes(head.deployment());
        if (routes.isEmpty()) {
            reject(
                    request,
                    head,
                    head.deployment().isEmpty()
                            ? "deployment is empty; it must name the deployment that should answer"
                            : "there is no deployment '" + shortened(head.deployment()) + "'");
            return;
        }
        forward(request, head, routes.get());
    }

    private void forward(Record<byte[], byte[]> request, RequestHead head, DeploymentRoutes routes) {
        long now = routing.clock().millis();
        checkTime(request, now);
        if (request.key() == null) {
            routing.meters().keyless();
        }
        if (request.key() == null || routes.candidate().isEmpty()) {
            toExisting(request, routes, routes.existing(), now);
        } else {
            forwardInRollout(request, head, routes, routes.candidate().get(), now);
        }
    }

    private void forwardInRollout(
            Record<byte[], byte[]> request,
            RequestHead head,
            DeploymentRoutes routes,
            CandidateRoutes candidate,
            long now) {
        byte[] key = request.key();
        if (routes.split().arm(key, head.requestId()) == Arm.EXISTING) {
            toExisting(request, routes, routes.existing(), now);
            if (routes.split().mirrors(key, head.requestId())) {
                toCandidate(request, routes, candidate, candidate.mirrored(), now);
            }
        } else if (guard.admits(head, candidate, RecordSize.of(request.key(), request.value(), request.headers()))) {
            guard.track(request, head, routes, candidate, now);
            toCandidate(request, routes, candidate, candidate.served(), now);
        } else {
            toExisting(request, routes, routes.outsideRollout(), now);
        }
    }

    /** The sender's time decides nothing, so a wrong one is only reported. */
    private void checkTime(Record<byte[], byte[]> request, long now) {
        long ahead = request.timestamp() - now;
        if (ahead <= routing.maxAhead().toMillis()) {
            return;
        }
        routing.meters().requestAhead();
        if (now >= nextAheadWarning) {
            nextAheadWarning = now + AHEAD_WARNING_INTERVAL.toMillis();
            LOG.warn(
                    "Request from a clock that is ahead, counting it for the time at which it is routed: aheadMs={}"
                            + " allowedMs={} partition={}",
                    ahead,
                    routing.maxAhead().toMillis(),
                    context.taskId().partition());
        }
    }

    private void toExisting(Record<byte[], byte[]> request, DeploymentRoutes routes, RouteHeader header, long now) {
        context.forward(routed(request, header, now), routes.existingLane());
        routes.toExisting().increment();
    }

    private void toCandidate(
            Record<byte[], byte[]> request,
            DeploymentRoutes routes,
            CandidateRoutes candidate,
            RouteHeader header,
            long now) {
        context.forward(routed(request, header, now), candidate.lane());
        routes.toCandidate().increment();
    }

    /**
     * A request as it is forwarded. From here on it has the time at which it was routed: a sender's clock may be wrong,
     * and Kafka would soon delete the record of an old request.
     */
    private static Record<byte[], byte[]> routed(Record<byte[], byte[]> request, RouteHeader header, long now) {
        return request.withTimestamp(now)
                .withHeaders(header.stamp(request.headers(), RouteHeader.encodeTimes(request.timestamp(), now)));
    }

    private void rejectOversized(Record<byte[], byte[]> request, RequestHead head, long size)
            throws UnusableRecordException {
        String why = "the request has " + size + " bytes with key and headers; at most " + routing.maxRequestBytes()
                + " are allowed";
        if (request.key() != null && request.key().length > MAX_ANSWERED_KEY_BYTES) {
            // An answer has the key of its request, so it would be too large as well.
            throw new UnusableRecordException(DeadLetterReason.TOO_LARGE, why);
        }
        reject(request, head, why);
    }

    private static String shortened(String name) {
        return name.length() <= MAX_NAME_LENGTH ? name : name.substring(0, MAX_NAME_LENGTH) + "...";
    }

    private void reject(Record<byte[], byte[]> request, RequestHead head, String why) {
        Instant now = routing.clock().instant();
        Prediction rejection = Prediction.newBuilder()
                .setRequestId(head.requestId())
                .setDeployment(shortened(head.deployment()))
                .setStatus(PredictionStatus.REJECTED)
                .setError(why)
                .setReceivedAt(Instant.ofEpochMilli(request.timestamp()))
                .setRoutedAt(now)
                .build();
        context.forward(
                new Record<>(request.key(), predictions.encode(rejection), now.toEpochMilli()),
                RoutingNames.PREDICTIONS);
        routing.meters().rejected();
    }

    private void deadLetter(Record<byte[], byte[]> record, UnusableRecordException why) {
        Record<byte[], byte[]> letter =
                deadLetters.record(record, context.recordMetadata().orElseThrow(), RoutingContext.ROLE, why);
        context.forward(letter, RoutingNames.DEAD_LETTERS);
        routing.meters().deadLetter(why.reason());
    }

    @Override
    public void setAside(Record<byte[], byte[]> record, UnusableRecordException why) {
        routing.partitioner().use(context.taskId().partition());
        deadLetter(record, why);
        drop();
    }

    @Override
    public void drop() {
        RecordMetadata origin = context.recordMetadata().orElseThrow();
        if (origin.topic().equals(candidateAnswers)) {
            guard.skip(origin.offset());
        }
    }

    @Override
    public void save() {
        guard.save();
    }

    /**
     * Releases the memory and the hook: the store may continue to exist in a standby task, and a task that no longer owns it must not
     * write to it.
     */
    @Override
    public void close() {
        hook.release();
        guard.close();
    }
}
