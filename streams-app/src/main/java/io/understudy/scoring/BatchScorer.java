package io.understudy.scoring;

import io.micrometer.core.instrument.Counter;
import io.understudy.registry.Decoder;
import io.understudy.registry.Encoder;
import io.understudy.registry.Registry;
import io.understudy.registry.UndecodableException;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionRequest;
import io.understudy.schema.PredictionStatus;
import io.understudy.scoring.Availability.Available;
import io.understudy.scoring.Availability.External;
import io.understudy.scoring.Availability.Unavailable;
import io.understudy.scoring.Suspects.Blame;
import io.understudy.topics.Topics;
import io.understudy.wire.DeadLetterReason;
import io.understudy.wire.DeadLetters;
import io.understudy.wire.FailureKind;
import io.understudy.wire.FaultHandler;
import io.understudy.wire.RecordSize;
import io.understudy.wire.RequestHeadReader;
import io.understudy.wire.Route;
import io.understudy.wire.Route.Part;
import io.understudy.wire.RouteHeaderReader;
import io.understudy.wire.Routed;
import io.understudy.wire.UnusableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the requests of a lane into the records to send: an answer or a dead letter for each. Requests wait for their
 * own model only. For one thread.
 */
final class BatchScorer implements AutoCloseable {

    static final String ROLE = "scorer";

    private static final Logger LOG = LoggerFactory.getLogger(BatchScorer.class);

    private static final Headers NO_HEADERS = new RecordHeaders();

    private final Lane lane;
    private final Topics topics;
    private final ModelCatalogue catalogue;
    private final ScoringMeters meters;
    private final InstantSource clock;
    private final Decoder<PredictionRequest> requests;
    private final Encoder<Prediction> predictions;
    private final RequestHeadReader heads;
    private final Map<String, Map<PredictionStatus, Counter>> answerCounters = new HashMap<>();
    private final RouteHeaderReader routes = new RouteHeaderReader();
    private final DeadLetters deadLetters;
    private final ModelQueues queues;
    private final Map<Route, Availability> availabilities = new HashMap<>();
    private final List<Outgoing> output = new ArrayList<>();
    private final Suspects suspects = new Suspects();
    private int counted;
    private boolean hasSetAside;

    /** A record to send, the record that it is the answer to, and the partition of that. */
    private record Outgoing(
            ProducerRecord<byte[], byte[]> record,
            ConsumerRecord<byte[], byte[]> origin,
            PartitionProgress partition) {}

    /**
     * Creates a scorer without requests.
     *
     * @param maxBatch maximum size of a batch; when five batches of a model wait, the lane is held up
     * @param patience how long a model may hold up the others of the lane
     */
    BatchScorer(
            Lane lane,
            Topics topics,
            Registry registry,
            ModelCatalogue catalogue,
            ScoringMeters meters,
            InstantSource clock,
            int maxBatch,
            Duration patience) {
        this.lane = lane;
        this.topics = topics;
        this.catalogue = catalogue;
        this.meters = meters;
        this.clock = clock;
        this.requests = registry.decoder(topics.predictionRequests(), PredictionRequest.class);
        this.predictions = registry.encoder(lane.predictions(topics));
        this.heads = new RequestHeadReader(registry, topics.predictionRequests());
        this.deadLetters = new DeadLetters(topics.deadLetters());
        this.queues = new ModelQueues(maxBatch, patience);
    }

    /** Takes the records of a poll, and starts to score them. */
    void admit(Iterable<ConsumerRecord<byte[], byte[]>> records, LaneProgress progress) throws InterruptedException {
        availabilities.clear();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            PartitionProgress partition = progress.of(record);
            if (!partition.isAnswered(record.offset())) {
                partition.read(record.offset());
                Blame blame = suspects.blame(record);
                if (blame.isEnough()) {
                    setAside(record, partition, blame);
                } else {
                    admitOne(record, partition);
                }
            }
        }
        queues.start();
    }

    private void admitOne(ConsumerRecord<byte[], byte[]> record, PartitionProgress partition)
            throws InterruptedException {
        try {
            FaultHandler.<InterruptedException>process(() -> admit(record, partition))
                    .ifPresent(why -> deadLetter(record, partition, why));
        } catch (OutOfMemoryError | StackOverflowError e) {
            suspects.failed(record, e);
            throw e;
        }
    }

    /** Writes a dead letter for a record that made transactions fail, as far as it can be written. */
    private void setAside(ConsumerRecord<byte[], byte[]> record, PartitionProgress partition, Blame blame) {
        LOG.error(
                "Setting a record aside that made transactions fail: topic={} partition={} offset={} cause={}",
                record.topic(),
                record.partition(),
                record.offset(),
                blame.cause());
        meters.setAside();
        hasSetAside = true;
        if (blame.isWithoutLetter()) {
            partition.answer(record.offset());
            return;
        }
        deadLetter(
                blame.isWithoutBody()
                        ? new ConsumerRecord<>(record.topic(), record.partition(), record.offset(), null, null)
                        : record,
                partition,
                new UnusableRecordException(
                        DeadLetterReason.REPEATED_FAILURE,
                        "the record made transactions fail again and again; the last failure: " + blame.cause()));
    }

    /** The record that was last blamed for a failure, once. */
    Optional<String> takeLastBlamed() {
        return suspects.takeLast();
    }

    /** Whether a record was set aside since {@link #sent}. */
    boolean hasSetAside() {
        return hasSetAside;
    }

    /**
     * Sends the records of {@link #output}. The first of a transaction that cannot be sent is blamed on the record that
     * it is the answer to: the others fail with it, and report the same failure.
     */
    void sendTo(Producer<byte[], byte[]> producer) {
        AtomicBoolean blamed = new AtomicBoolean();
        for (Outgoing outgoing : output) {
            if (!outgoing.partition().isReleased()) {
                producer.send(outgoing.record(), (metadata, failure) -> {
                    if (failure != null
                            && FailureKind.of(failure) == FailureKind.RECORD
                            && blamed.compareAndSet(false, true)) {
                        suspects.failed(outgoing.origin(), failure);
                    }
                });
            }
        }
    }

    private void admit(ConsumerRecord<byte[], byte[]> record, PartitionProgress partition)
            throws UnusableRecordException, InterruptedException {
        LaneRequest request = new LaneRequest(record, partition, routes.read(record.headers()));
        Route route = request.route();
        Availability availability = availabilities.get(route);
        if (availability == null) {
            if (queues.isInUse(route) || !isDecided(route)) {
                queues.add(route, request, waiting -> CompletableFuture.completedFuture(lookUp(route, waiting)));
                return;
            }
            availability = find(route);
            availabilities.put(route, availability);
        }
        admit(request, availability);
    }

    /** Whether it is known without waiting who answers. */
    private boolean isDecided(Route route) {
        if (route.scorer().equals(Optional.of(Route.Scorer.EXTERNAL))) {
            return true;
        }
        return catalogue.isDecided(
                route.deployment(),
                route.modelVersion(),
                lane.isExisting(),
                route.scorer().isPresent());
    }

    /** Waits for a model, on another thread, while the lane goes on. */
    private Runnable lookUp(Route route, List<LaneRequest> waiting) {
        Availability availability;
        try {
            availability = find(route);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
        }
        return () -> {
            for (LaneRequest request : waiting) {
                FaultHandler.<RuntimeException>process(() -> admit(request, availability))
                        .ifPresent(why -> deadLetter(request, why));
            }
            queues.start();
        };
    }

    /** Who answers. A router of an earlier version does not say it; then the state of the deployment does. */
    private Availability find(Route route) throws InterruptedException {
        if (route.scorer().equals(Optional.of(Route.Scorer.EXTERNAL))) {
            return new External();
        }
        Availability byState = lane.isExisting()
                ? catalogue.findExisting(route.deployment(), route.modelVersion())
                : catalogue.find(route.deployment(), route.modelVersion());
        return byState instanceof External && route.scorer().isPresent()
                ? catalogue.findBuiltIn(route.deployment(), route.modelVersion())
                : byState;
    }

    private void admit(LaneRequest request, Availability availability) throws UnusableRecordException {
        Route route = request.route();
        if (availability instanceof External) {
            meters.externalRequest(route.deployment());
            request.finish();
            return;
        }
        if (route.isMirrored() && isOutdatedMirror(request.routed())) {
            // No caller waits for this answer, and skipping it lets a candidate that is behind catch up.
            meters.mirrorSkipped(route.deployment());
            request.finish();
            return;
        }
        byte[] value = request.record().value();
        try {
            PredictionRequest decoded = requests.decode(value);
            request.decoded(decoded.getRequestId(), decoded.getEventTime(), decoded.getFeatures());
        } catch (UndecodableException e) {
            request.decoded(heads.read(value).requestId(), null, Map.of());
            answer(request, Answer.rejected("the request cannot be read: " + e.getMessage()));
            return;
        }
        if (availability instanceof Available available) {
            request.answeredBy(available.version());
            queues.add(available.model(), request, batch -> score(available.model(), batch));
        } else if (availability instanceof Unavailable unavailable) {
            answer(request, Answer.error(unavailable.why()));
        }
    }

    /** Whether a mirrored request is too old, or belongs to a rollout that another one has followed. */
    private boolean isOutdatedMirror(Routed routed) {
        Route route = routed.route();
        long ageMillis = clock.millis() - routed.routedAt();
        return route.maxAgeMillis().filter(limit -> ageMillis > limit).isPresent()
                || route.part()
                        .filter(part -> catalogue.isPreviousRollout(route.deployment(), part.rollout()))
                        .isPresent();
    }

    private CompletableFuture<Runnable> score(LoadedModel model, List<LaneRequest> batch) {
        long start = System.nanoTime();
        CompletableFuture<List<Answer>> answers;
        try {
            answers = model.score(batch.stream().map(LaneRequest::features).toList());
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            answers = CompletableFuture.failedFuture(e);
        }
        // A model must never stop its lane.
        return answers.exceptionally(failure -> {
                    LOG.error("A model failed unexpectedly", failure);
                    return Collections.nCopies(batch.size(), Answer.error("the model failed: " + failure));
                })
                .thenApply(scored -> {
                    Duration duration = Duration.ofNanos(System.nanoTime() - start);
                    return () -> answer(batch, scored, duration);
                });
    }

    private void answer(List<LaneRequest> batch, List<Answer> answers, Duration duration) {
        meters.batch(lane, batch.size());
        meters.scored(lane, duration);
        for (int i = 0; i < batch.size(); i++) {
            LaneRequest request = batch.get(i);
            Answer given = answers.get(i);
            FaultHandler.<RuntimeException>process(() -> answer(request, given))
                    .ifPresent(why -> deadLetter(request, why));
        }
    }

    /** Waits for the models that are usually prompt. */
    void awaitPrompt() throws InterruptedException {
        queues.awaitPrompt();
        giveUp();
        count();
    }

    /** Waits until a model has answered, but not longer than {@code timeout}. */
    void awaitAny(Duration timeout) throws InterruptedException {
        queues.awaitAny(timeout);
        queues.start();
        giveUp();
        count();
    }

    private void giveUp() {
        for (LaneRequest request : queues.giveUp()) {
            meters.requestGivenUp(request.route().deployment());
            FaultHandler.<RuntimeException>process(() -> {
                        if (request.requestId().isEmpty()) {
                            // It waited for its model to be known and was not decoded yet.
                            request.decoded(heads.read(request.record().value()).requestId(), null, Map.of());
                        }
                        answer(
                                request,
                                Answer.timeout("not sent: too many earlier requests wait for the model, and other"
                                        + " models share its lane"));
                    })
                    .ifPresent(why -> deadLetter(request, why));
        }
    }

    private void count() {
        meters.waitingRequests(queues.size() - counted);
        counted = queues.size();
    }

    /** Whether no request waits. */
    boolean isIdle() {
        return queues.size() == 0;
    }

    /** Whether the lane must not be read now, because a model has too much to do. */
    boolean isFull() {
        return queues.isFull();
    }

    /** The records to send since {@link #sent}, without those of partitions that were given up since. */
    List<ProducerRecord<byte[], byte[]>> output() {
        return output.stream()
                .filter(outgoing -> !outgoing.partition().isReleased())
                .map(Outgoing::record)
                .toList();
    }

    /** Records that {@link #output} is sent. */
    void sent() {
        output.clear();
        hasSetAside = false;
    }

    /** Forgets all requests. They are read again. */
    void clear() {
        queues.clear();
        output.clear();
        hasSetAside = false;
        count();
    }

    private void answer(LaneRequest request, Answer given) {
        if (request.isReleased()) {
            return;
        }
        Answer answer = given;
        Instant scoredAt = clock.instant();
        byte[] value = encode(request, answer, scoredAt);
        if (RecordSize.of(request.record().key(), value, NO_HEADERS)
                > lane.predictions(topics).maxMessageBytes()) {
            answer = Answer.error("the answer has " + value.length + " bytes, which is too large for its topic");
            value = encode(request, answer, scoredAt);
        }
        // The partition of the request, so that programs can join answers, requests and outcomes by partition.
        ProducerRecord<byte[], byte[]> prediction = new ProducerRecord<>(
                lane.predictions(topics).name(),
                request.record().partition(),
                request.routedAt().toEpochMilli(),
                request.record().key(),
                value);
        answerCounter(request.route().deployment(), answer.status()).increment();
        request.finish();
        output.add(new Outgoing(prediction, request.record(), request.partition()));
    }

    private Counter answerCounter(String deployment, PredictionStatus status) {
        return answerCounters
                .computeIfAbsent(deployment, absent -> new EnumMap<>(PredictionStatus.class))
                .computeIfAbsent(status, absent -> meters.predictions(lane, deployment, status));
    }

    private byte[] encode(LaneRequest request, Answer answer, Instant scoredAt) {
        Route route = request.route();
        return predictions.encode(Prediction.newBuilder()
                .setRequestId(request.requestId())
                .setDeployment(route.deployment())
                .setModelVersion(request.modelVersion())
                .setArm(route.arm())
                .setRollout(route.part().map(Part::rollout).orElse(null))
                .setStage(route.part().map(Part::stage).orElse(null))
                .setEpoch(route.part().map(Part::epoch).orElse(null))
                .setMirrored(route.isMirrored())
                .setFallback(route.fallbackStatus().isPresent())
                .setFallbackStatus(route.fallbackStatus().orElse(null))
                .setStatus(answer.status())
                .setScore(answer.score())
                .setLabel(answer.label())
                .setVector(answer.vector())
                .setError(answer.error())
                .setEventTime(request.eventTime())
                .setReceivedAt(request.receivedAt())
                .setRoutedAt(request.routedAt())
                .setScoredAt(scoredAt)
                .build());
    }

    private void deadLetter(LaneRequest request, UnusableRecordException why) {
        if (!request.isReleased()) {
            deadLetter(request.record(), request.partition(), why);
        }
    }

    private void deadLetter(
            ConsumerRecord<byte[], byte[]> record, PartitionProgress partition, UnusableRecordException why) {
        meters.deadLetter(why.reason());
        output.add(new Outgoing(deadLetters.record(record, ROLE, why), record, partition));
        partition.answer(record.offset());
    }

    @Override
    public void close() {
        clear();
        queues.close();
    }
}
