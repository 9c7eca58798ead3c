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
import io.understudy.topics.Topics;
import io.understudy.wire.DeadLetterReason;
import io.understudy.wire.DeadLetters;
import io.understudy.wire.FaultHandler;
import io.understudy.wire.RecordSize;
import io.understudy.wire.RequestHead;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the records to send for the records of one poll: an answer or a dead letter for each. For one thread. */
final class BatchScorer {

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

    BatchScorer(
            Lane lane,
            Topics topics,
            Registry registry,
            ModelCatalogue catalogue,
            ScoringMeters meters,
            InstantSource clock) {
        this.lane = lane;
        this.topics = topics;
        this.catalogue = catalogue;
        this.meters = meters;
        this.clock = clock;
        this.requests = registry.decoder(topics.predictionRequests(), PredictionRequest.class);
        this.predictions = registry.encoder(lane.predictions(topics));
        this.heads = new RequestHeadReader(registry, topics.predictionRequests());
        this.deadLetters = new DeadLetters(topics.deadLetters());
    }

    /** One request of the poll and its answer, once that is known. */
    private static final class Pending {
        private final ConsumerRecord<byte[], byte[]> record;
        private final Route route;
        private final Instant receivedAt;
        private final Instant routedAt;
        private final String requestId;
        private final @Nullable Instant eventTime;
        private String modelVersion;
        private @Nullable Answer answer;

        private Pending(
                ConsumerRecord<byte[], byte[]> record, Routed routed, String requestId, @Nullable Instant eventTime) {
            this.record = record;
            this.route = routed.route();
            this.receivedAt = Instant.ofEpochMilli(routed.receivedAt().orElse(record.timestamp()));
            this.routedAt = Instant.ofEpochMilli(routed.routedAt());
            this.requestId = requestId;
            this.eventTime = eventTime;
            this.modelVersion = route.modelVersion();
        }

        private Answer answer() {
            if (answer == null) {
                throw new IllegalStateException("the model did not answer request " + requestId);
            }
            return answer;
        }
    }

    /** The requests of the poll that go to one model. */
    private static final class Group {
        private final List<Pending> pending = new ArrayList<>();
        private final List<Map<String, Object>> rows = new ArrayList<>();
    }

    /**
     * Scores a poll.
     *
     * @return the records to send: first the dead letters, then the answers in the order of their requests
     */
    List<ProducerRecord<byte[], byte[]>> score(Iterable<ConsumerRecord<byte[], byte[]>> records)
            throws InterruptedException {
        List<ProducerRecord<byte[], byte[]>> output = new ArrayList<>();
        List<Pending> all = new ArrayList<>();
        Map<LoadedModel, Group> groups = new LinkedHashMap<>();
        Map<Route, Availability> availabilities = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            FaultHandler.<InterruptedException>process(() -> admit(record, all, groups, availabilities))
                    .ifPresent(why -> output.add(deadLetter(record, why)));
        }
        // All models get their rows before the first wait, so that one slow server does not delay the others.
        long start = System.nanoTime();
        Map<Group, CompletableFuture<List<Answer>>> scored = new LinkedHashMap<>();
        groups.forEach((model, group) -> scored.put(group, startScoring(model, group.rows)));
        scored.forEach((group, future) -> {
            List<Answer> answers = future.join();
            for (int i = 0; i < answers.size(); i++) {
                group.pending.get(i).answer = answers.get(i);
            }
            meters.batch(lane, answers.size());
        });
        if (!groups.isEmpty()) {
            meters.scored(lane, Duration.ofNanos(System.nanoTime() - start));
        }
        Instant scoredAt = clock.instant();
        for (Pending pending : all) {
            output.add(prediction(pending, scoredAt));
        }
        return output;
    }

    private static CompletableFuture<List<Answer>> startScoring(LoadedModel model, List<Map<String, Object>> rows) {
        CompletableFuture<List<Answer>> answers;
        try {
            answers = model.score(rows);
        } catch (RuntimeException e) {
            answers = CompletableFuture.failedFuture(e);
        }
        // A model must never stop its lane.
        return answers.exceptionally(failure -> {
            LOG.error("A model failed unexpectedly", failure);
            return Collections.nCopies(rows.size(), Answer.error("the model failed: " + failure));
        });
    }

    private void admit(
            ConsumerRecord<byte[], byte[]> record,
            List<Pending> all,
            Map<LoadedModel, Group> groups,
            Map<Route, Availability> availabilities)
            throws UnusableRecordException, InterruptedException {
        Routed routed = routes.read(record.headers());
        Route route = routed.route();
        Availability availability = availabilities.get(route);
        if (availability == null) {
            availability = lane == Lane.EXISTING
                    ? catalogue.findExisting(route.deployment(), route.modelVersion())
                    : catalogue.find(route.deployment(), route.modelVersion());
            availabilities.put(route, availability);
        }
        if (availability instanceof External) {
            meters.externalRequest(route.deployment());
            return;
        }
        if (route.isMirrored() && isOutdatedMirror(routed)) {
            // No caller waits for this answer, and skipping it lets a candidate that is behind catch up.
            meters.mirrorSkipped(route.deployment());
            return;
        }
        PredictionRequest request;
        try {
            request = requests.decode(record.value());
        } catch (UndecodableException e) {
            RequestHead head = heads.read(record.value());
            Pending unreadable = new Pending(record, routed, head.requestId(), null);
            unreadable.answer = Answer.rejected("the request cannot be read: " + e.getMessage());
            all.add(unreadable);
            return;
        }
        Pending pending = new Pending(record, routed, request.getRequestId(), request.getEventTime());
        all.add(pending);
        if (availability instanceof Available available) {
            pending.modelVersion = available.version();
            Group group = groups.computeIfAbsent(available.model(), model -> new Group());
            group.pending.add(pending);
            group.rows.add(request.getFeatures());
        } else if (availability instanceof Unavailable unavailable) {
            pending.answer = Answer.error(unavailable.why());
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

    private ProducerRecord<byte[], byte[]> prediction(Pending pending, Instant scoredAt) {
        byte[] value = encode(pending, pending.answer(), scoredAt);
        if (RecordSize.of(pending.record.key(), value, NO_HEADERS)
                > lane.predictions(topics).maxMessageBytes()) {
            pending.answer =
                    Answer.error("the answer has " + value.length + " bytes, which is too large for its topic");
            value = encode(pending, pending.answer(), scoredAt);
        }
        answerCounter(pending.route.deployment(), pending.answer().status()).increment();
        // The partition of the request, so that programs can join answers, requests and outcomes by partition.
        return new ProducerRecord<>(
                lane.predictions(topics).name(),
                pending.record.partition(),
                pending.routedAt.toEpochMilli(),
                pending.record.key(),
                value);
    }

    private Counter answerCounter(String deployment, PredictionStatus status) {
        return answerCounters
                .computeIfAbsent(deployment, absent -> new EnumMap<>(PredictionStatus.class))
                .computeIfAbsent(status, absent -> meters.predictions(lane, deployment, status));
    }

    private byte[] encode(Pending pending, Answer answer, Instant scoredAt) {
        Route route = pending.route;
        return predictions.encode(Prediction.newBuilder()
                .setRequestId(pending.requestId)
                .setDeployment(route.deployment())
                .setModelVersion(pending.modelVersion)
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
                .setEventTime(pending.eventTime)
                .setReceivedAt(pending.receivedAt)
                .setRoutedAt(pending.routedAt)
                .setScoredAt(scoredAt)
                .build());
    }

    /** Creates the dead letter for a record that is not to be scored, as far as it can be written. */
    List<ProducerRecord<byte[], byte[]>> setAside(ConsumerRecord<byte[], byte[]> record, Suspects.Blame blame) {
        if (blame.isWithoutLetter()) {
            return List.of();
        }
        UnusableRecordException why = new UnusableRecordException(
                DeadLetterReason.REPEATED_FAILURE,
                "the record failed a batch and then alone; the last failure: " + blame.cause());
        return List.of(deadLetter(
                blame.isWithoutBody()
                        ? new ConsumerRecord<>(record.topic(), record.partition(), record.offset(), null, null)
                        : record,
                why));
    }

    private ProducerRecord<byte[], byte[]> deadLetter(
            ConsumerRecord<byte[], byte[]> record, UnusableRecordException why) {
        meters.deadLetter(why.reason());
        return deadLetters.record(record, ROLE, why);
    }
}
