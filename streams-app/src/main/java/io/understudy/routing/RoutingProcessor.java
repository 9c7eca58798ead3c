package io.understudy.routing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.registry.Encoder;
import io.understudy.routing.DeploymentRoutes.CandidateRoutes;
import io.understudy.schema.Arm;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RolloutState;
import io.understudy.streams.CommitHook;
import io.understudy.wire.DeadLetterReason;
import io.understudy.wire.DeadLetters;
import io.understudy.wire.FaultHandler;
import io.understudy.wire.RecordSize;
import io.understudy.wire.RequestHead;
import io.understudy.wire.RequestHeadReader;
import io.understudy.wire.RouteHeader;
import io.understudy.wire.UnusableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends each request to the lanes that its deployment's routes say, and answers or puts aside the requests that cannot be sent. */
final class RoutingProcessor implements Processor<byte[], byte[], byte[], byte[]> {

    private static final Logger LOG = LoggerFactory.getLogger(RoutingProcessor.class);
    private static final int LONGEST_ANSWERED_KEY = 64 * 1024;
    private static final int LONGEST_NAME = 100;

    /** How exactly deadlines are kept. */
    private static final Duration TICK = Duration.ofMillis(20);

    private final RoutingContext routing;
    private final String candidateAnswers;
    private final RequestHeadReader heads;
    private final DeadLetters deadLetters;
    private final Encoder<Prediction> predictions;
    private ProcessorContext<byte[], byte[]> context;
    private RoutingTable table;
    private CommitHook hook;
    private Guard guard;

    RoutingProcessor(RoutingContext routing) {
        this.routing = routing;
        this.candidateAnswers = routing.topics().candidatePredictions().name();
        this.heads = new RequestHeadReader(routing.registry(), routing.topics().predictionRequests());
        this.deadLetters = new DeadLetters(routing.topics().deadLetters());
        this.predictions = routing.registry().encoder(routing.topics().predictions());
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        this.context = context;
        this.table = new RoutingTable(
                context.getStateStore(RoutingNames.STATE_STORE),
                routing.registry().decoder(routing.topics().rolloutState(), RolloutState.class),
                routing.meters(),
                routing.breakers());
        this.guard = new Guard(
                routing,
                table,
                new WaitingRequests(
                        context.getStateStore(RoutingNames.WAITING_STORE),
                        routing.clock().millis()),
                context);
        hook = context.getStateStore(RoutingNames.WAITING_HOOK);
        hook.beforeCommit(guard::keep);
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, now -> tick());
    }

    private void tick() {
        routing.partitioner().follow(context.taskId().partition());
        guard.tick(routing.clock().millis());
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        RecordMetadata origin = context.recordMetadata().orElseThrow();
        routing.partitioner().follow(origin.partition());
        FaultHandler.process(record.value(), () -> {
                    if (origin.topic().equals(candidateAnswers)) {
                        guard.answered(record);
                    } else {
                        route(record, heads.read(record.value()));
                    }
                })
                .ifPresent(why -> putAside(record, why));
    }

    private void route(Record<byte[], byte[]> request, RequestHead head) {
        long size = RecordSize.of(request.key(), request.value(), request.headers());
        if (size > routing.maxRequestBytes()) {
            refuseOversized(request, head, size);
            return;
        }
        Optional<DeploymentRoutes> routes = table.routes(head.deployment());
        if (routes.isEmpty()) {
            reject(
                    request,
                    head,
                    head.deployment().isEmpty()
                            ? "deployment is empty; it must name the deployment that is to answer"
                            : "there is no deployment '" + shortened(head.deployment()) + "'");
            return;
        }
        forward(request, head, routes.get());
    }

    private void forward(Record<byte[], byte[]> request, RequestHead head, DeploymentRoutes routes) {
        long now = routing.clock().millis();
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
        String key = new String(request.key(), UTF_8);
        if (routes.split().arm(key, head.requestId()) == Arm.EXISTING) {
            toExisting(request, routes, routes.existing(), now);
            if (routes.split().mirrors(key, head.requestId())) {
                toCandidate(request, routes, candidate.mirrored(), now);
            }
        } else if (guard.admits(head, candidate)) {
            guard.watch(request, head, routes, candidate, now);
            toCandidate(request, routes, candidate.served(), now);
        } else {
            toExisting(request, routes, routes.outside(), now);
        }
    }

    private void toExisting(Record<byte[], byte[]> request, DeploymentRoutes routes, RouteHeader header, long now) {
        context.forward(
                request.withHeaders(header.stamp(request.headers(), RouteHeader.encodeTime(now))),
                RoutingNames.EXISTING_LANE);
        routes.toExisting().increment();
    }

    private void toCandidate(Record<byte[], byte[]> request, DeploymentRoutes routes, RouteHeader header, long now) {
        context.forward(
                request.withHeaders(header.stamp(request.headers(), RouteHeader.encodeTime(now))),
                RoutingNames.CANDIDATE_LANE);
        routes.toCandidate().increment();
    }

    private void refuseOversized(Record<byte[], byte[]> request, RequestHead head, long size) {
        String why =
                "the request has " + size + " bytes with key and headers; allowed are " + routing.maxRequestBytes();
        if (request.key() != null && request.key().length > LONGEST_ANSWERED_KEY) {
            // An answer bears its request's key.
            putAside(request, new UnusableRecordException(DeadLetterReason.TOO_LARGE, why));
        } else {
            reject(request, head, why);
        }
    }

    private static String shortened(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "...";
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
                new Record<>(request.key(), predictions.encode(rejection), request.timestamp()),
                RoutingNames.PREDICTIONS);
        routing.meters().rejected();
    }

    private void putAside(Record<byte[], byte[]> record, UnusableRecordException why) {
        Record<byte[], byte[]> letter =
                deadLetters.record(record, context.recordMetadata().orElseThrow(), RoutingContext.ROLE, why);
        context.forward(letter, RoutingNames.DEAD_LETTERS);
        routing.meters().deadLetter(why.reason());
    }

    /** The store may live on as a standby's, and must not be written to by a task that has lost it. */
    @Override
    public void close() {
        hook.release();
    }
}
