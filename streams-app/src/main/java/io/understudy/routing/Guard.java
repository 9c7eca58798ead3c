package io.understudy.routing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.registry.Decoder;
import io.understudy.registry.Encoder;
import io.understudy.registry.UndecodableException;
import io.understudy.routing.DeploymentRoutes.CandidateRoutes;
import io.understudy.schema.Arm;
import io.understudy.schema.GuardedRequest;
import io.understudy.schema.KeptHeader;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutVerb;
import io.understudy.wire.RequestHead;
import io.understudy.wire.Route;
import io.understudy.wire.Route.Part;
import io.understudy.wire.Route.Purpose;
import io.understudy.wire.RouteHeader;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between the candidate and those it serves. It remembers every request whose arm is the candidate, lets an answer through that
 * comes in time and is one, and otherwise has the existing model answer: whichever comes first settles the request, and nothing that
 * comes later is served. For one partition.
 */
final class Guard {

    private static final Logger LOG = LoggerFactory.getLogger(Guard.class);

    /** What a record takes in its batch besides key and value. */
    private static final int HEADROOM_BYTES = 1024;

    private final RoutingContext routing;
    private final RoutingTable table;
    private final WaitingRequests waiting;
    private final ProcessorContext<byte[], byte[]> context;
    private final Decoder<Prediction> answers;
    private final Encoder<Prediction> predictions;
    private final Encoder<RolloutCommand> commands;
    private final Map<String, DeploymentRoutes> lastSeen = new HashMap<>();

    Guard(
            RoutingContext routing,
            RoutingTable table,
            WaitingRequests waiting,
            ProcessorContext<byte[], byte[]> context) {
        this.routing = routing;
        this.table = table;
        this.waiting = waiting;
        this.context = context;
        this.answers = routing.registry().decoder(routing.topics().candidatePredictions(), Prediction.class);
        this.predictions = routing.registry().encoder(routing.topics().predictions());
        this.commands = routing.registry().encoder(routing.topics().rolloutCommands());
    }

    /** Whether the candidate may be asked: not where it fails too often, and not for a request that is already under way. */
    boolean admits(RequestHead head, CandidateRoutes candidate) {
        if (candidate.breaker().isOpen()) {
            return false;
        }
        if (waiting.contains(head.deployment(), head.requestId())) {
            routing.meters().repeatedRequest(head.deployment());
            return false;
        }
        return true;
    }

    /** Remembers a request that goes to the candidate. */
    void watch(
            Record<byte[], byte[]> request,
            RequestHead head,
            DeploymentRoutes routes,
            CandidateRoutes candidate,
            long now) {
        Rollout rollout = candidate.rollout();
        lastSeen.putIfAbsent(head.deployment(), routes);
        waiting.add(new GuardedRequest(
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
                kept(request.headers())));
    }

    /** Takes an answer of the candidate's: serves it, or has the existing model answer when it is none. */
    void answered(Record<byte[], byte[]> record) {
        Prediction answer;
        try {
            answer = answers.decode(record.value());
        } catch (UndecodableException e) {
            // The evaluator, which reads all answers, puts it aside; whoever waits for it is answered at the deadline.
            routing.meters().unreadableAnswer();
            return;
        }
        if (answer.getMirrored()) {
            return;
        }
        Optional<GuardedRequest> request = waiting.find(answer.getDeployment(), answer.getRequestId())
                .filter(asked -> asked.getRollout().equals(answer.getRollout())
                        && asked.getEpoch() == (answer.getEpoch() == null ? -1 : answer.getEpoch()));
        if (request.isEmpty()) {
            // Any program may have written it: what it names is worth a counter only where it exists.
            table.routes(answer.getDeployment())
                    .ifPresent(routes -> routing.meters().lateAnswer(answer.getDeployment()));
            return;
        }
        PredictionStatus status = usable(answer) ? answer.getStatus() : PredictionStatus.ERROR;
        byte[] served = status == PredictionStatus.OK ? served(answer, request.get()) : null;
        if (served != null && served.length + request.get().getKey().remaining() > largestAnswer()) {
            status = PredictionStatus.ERROR;
        }
        // Not before the answer is ready to be sent: until then the deadline sees to the request.
        waiting.settle(answer.getDeployment(), answer.getRequestId());
        count(request.get(), status);
        if (status == PredictionStatus.OK) {
            context.forward(
                    new Record<>(
                            array(request.get().getKey()), served, request.get().getTimestamp()),
                    RoutingNames.PREDICTIONS);
        } else {
            fallBack(request.get(), status);
        }
    }

    private int largestAnswer() {
        return routing.topics().predictions().maxMessageBytes() - HEADROOM_BYTES;
    }

    /** Whether there is something in an answer, and no number in it that is none: a lane may be served by any program. */
    private static boolean usable(Prediction answer) {
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

    /** The answer as it is served: what the model said is its program's, who was asked, when and for what is ours. */
    private byte[] served(Prediction answer, GuardedRequest request) {
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
     * Has the existing model answer each request that is overdue, and each that waits for a candidate that serves no more.
     *
     * @param now the wall clock's time
     */
    void tick(long now) {
        for (DeploymentRoutes before : List.copyOf(lastSeen.values())) {
            Optional<DeploymentRoutes> routes = table.routes(before.deployment());
            routes.flatMap(DeploymentRoutes::candidate)
                    .ifPresent(candidate -> reportOpenBreaker(before.deployment(), candidate, now));
            if (routes.isEmpty() || routes.get() != before) {
                follow(before.deployment(), routes);
            }
        }
        for (Optional<GuardedRequest> overdue = waiting.settleOverdue(now);
                overdue.isPresent();
                overdue = waiting.settleOverdue(now)) {
            count(overdue.get(), PredictionStatus.TIMEOUT);
            fallBack(overdue.get(), PredictionStatus.TIMEOUT);
        }
    }

    /** Takes note that a deployment's routes have changed. */
    private void follow(String deployment, Optional<DeploymentRoutes> routes) {
        waiting.settleAll(request -> request.getDeployment().equals(deployment)
                        && routes.filter(present -> present.letsFinish(request.getRollout()))
                                .isEmpty())
                .forEach(request -> fallBack(request, PredictionStatus.TIMEOUT));
        routes.ifPresentOrElse(present -> lastSeen.put(deployment, present), () -> lastSeen.remove(deployment));
    }

    /** Writes down which requests wait; before each commit. */
    void keep() {
        waiting.keep();
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

    /** Sends the controller a command, which reaches every other router as a state; repeated until the state says that it did. */
    private void reportOpenBreaker(String deployment, CandidateRoutes candidate, long now) {
        Rollout rollout = candidate.rollout();
        if (rollout.getShare() == 0) {
            return;
        }
        candidate.breaker().reasonToReport(now).ifPresent(reason -> {
            LOG.warn("Circuit breaker open: deployment={} rollout={} cause={}", deployment, rollout.getId(), reason);
            routing.meters().breakerOpened(deployment);
            RolloutCommand command = RolloutCommand.newBuilder()
                    // The same identifier from every router: the controller follows the first and ignores the others.
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

    /** The request goes down the existing lane, with the time at which it first set out. */
    private void fallBack(GuardedRequest request, PredictionStatus status) {
        RouteHeader header = new RouteHeader(new Route(
                request.getDeployment(),
                Arm.EXISTING,
                request.getExistingVersion(),
                Optional.of(new Part(
                        request.getRollout(), request.getStage(), request.getEpoch(), new Purpose.Fallback(status)))));
        context.forward(
                new Record<>(
                        array(request.getKey()),
                        array(request.getValue()),
                        request.getTimestamp(),
                        header.stamp(headers(request.getHeaders()), RouteHeader.encodeTime(request.getRoutedAt()))),
                RoutingNames.EXISTING_LANE);
        routing.meters().fallback(request.getDeployment(), status);
    }

    private static List<KeptHeader> kept(Headers headers) {
        List<KeptHeader> kept = new ArrayList<>();
        for (Header header : headers) {
            kept.add(new KeptHeader(header.key(), header.value() == null ? null : ByteBuffer.wrap(header.value())));
        }
        return kept;
    }

    private static Headers headers(List<KeptHeader> kept) {
        RecordHeaders headers = new RecordHeaders();
        kept.forEach(
                header -> headers.add(header.getName(), header.getValue() == null ? null : array(header.getValue())));
        return headers;
    }

    private static byte[] array(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
