package io.understudy.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.registry.Decoder;
import io.understudy.registry.Registry;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionRequest;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the committed records of all topics, as any consumer could, and writes them into the ledgers. */
final class Reader implements Runnable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Reader.class);

    private static final Duration POLL = Duration.ofMillis(50);
    private static final long PARTITIONS_EVERY_MILLIS = 5000;
    private static final int CALL_TIMEOUT_MILLIS = 5000;

    private final Topics topics;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Decoder<PredictionRequest> requests;
    private final Decoder<Prediction> predictions;
    private final Decoder<Prediction> candidatePredictions;
    private final Decoder<RolloutEvaluation> evaluations;
    private final Decoder<RolloutEvent> events;
    private final Violations violations;
    private final Silences silences = new Silences();
    private final RolloutLedger rollouts;
    private final AnswerLedger answers;
    private final Set<TopicPartition> assigned = new HashSet<>();
    private final Thread thread = new Thread(this, "reader");
    private volatile boolean closing;
    private long deadLetters;
    private long longestPause;
    private long lastPollAt = now();
    private long lastEvaluationAt = now();
    private long longestWithoutEvaluation;

    Reader(Topics topics, Registry registry, Map<String, String> kafka, Violations violations) {
        this.topics = topics;
        this.violations = violations;
        this.rollouts = new RolloutLedger(violations);
        this.answers = new AnswerLedger(violations, rollouts, silences);
        this.events = registry.decoder(topics.rolloutEvents(), RolloutEvent.class);
        this.requests = registry.decoder(topics.predictionRequests(), PredictionRequest.class);
        this.predictions = registry.decoder(topics.predictions(), Prediction.class);
        this.candidatePredictions = registry.decoder(topics.candidatePredictions(), Prediction.class);
        this.evaluations = registry.decoder(topics.rolloutEvaluations(), RolloutEvaluation.class);
        Map<String, Object> configs = new HashMap<>(kafka);
        configs.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        configs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        configs.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        configs.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5000);
        configs.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, CALL_TIMEOUT_MILLIS);
        this.consumer = new KafkaConsumer<>(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    void start() {
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((failed, exception) -> {
            LOG.error("The reader of the campaign failed", exception);
            violations.add("the reader of the campaign failed: " + exception);
        });
        thread.start();
    }

    /** Milliseconds of the clock of all times here. */
    static long now() {
        return System.nanoTime() / 1_000_000;
    }

    @Override
    public void run() {
        try (consumer) {
            long partitionsAt = Long.MIN_VALUE;
            while (!closing) {
                if (now() >= partitionsAt) {
                    assign();
                    partitionsAt = now() + PARTITIONS_EVERY_MILLIS;
                }
                var records = consumer.poll(POLL);
                synchronized (this) {
                    long at = now();
                    longestPause = Math.max(longestPause, at - lastPollAt);
                    lastPollAt = at;
                    records.forEach(record -> read(record, at));
                }
            }
        }
    }

    /** Partitions may be added while the campaign runs. */
    private void assign() {
        Set<TopicPartition> found = new HashSet<>();
        try {
            Stream.of(
                            topics.predictionRequests(),
                            topics.predictions(),
                            topics.candidatePredictions(),
                            topics.rolloutEvaluations(),
                            topics.rolloutEvents(),
                            topics.deadLetters())
                    .flatMap(topic -> consumer.partitionsFor(topic.name()).stream())
                    .forEach(info -> found.add(new TopicPartition(info.topic(), info.partition())));
        } catch (TimeoutException e) {
            return;
        }
        List<TopicPartition> added = found.stream()
                .filter(partition -> !assigned.contains(partition))
                .toList();
        if (!added.isEmpty()) {
            assigned.addAll(found);
            consumer.assign(assigned);
            consumer.seekToBeginning(added);
        }
    }

    private void read(ConsumerRecord<byte[], byte[]> record, long at) {
        String topic = record.topic();
        if (topic.equals(topics.predictionRequests().name())) {
            PredictionRequest request = requests.decode(record.value());
            answers.request(request.getDeployment(), request.getRequestId(), record.partition(), at);
        } else if (topic.equals(topics.predictions().name())) {
            answers.served(new String(record.key(), UTF_8), record.partition(), predictions.decode(record.value()), at);
        } else if (topic.equals(topics.candidatePredictions().name())) {
            answers.ofCandidate(candidatePredictions.decode(record.value()));
        } else if (topic.equals(topics.rolloutEvaluations().name())) {
            RolloutEvaluation evaluation = evaluations.decode(record.value());
            rollouts.evaluation(evaluation);
            if (evaluation.getDeployment().equals(Plans.PAIRS)) {
                longestWithoutEvaluation = Math.max(longestWithoutEvaluation, at - lastEvaluationAt);
                lastEvaluationAt = at;
            }
        } else if (topic.equals(topics.rolloutEvents().name())) {
            rollouts.event(events.decode(record.value()));
        } else {
            deadLetters++;
        }
    }

    /** Calls {@code question} with nothing being read meanwhile. */
    synchronized <T> T ask(Function<Reader, T> question) {
        return question.apply(this);
    }

    AnswerLedger answers() {
        return answers;
    }

    RolloutLedger rollouts() {
        return rollouts;
    }

    Silences silences() {
        return silences;
    }

    long deadLetters() {
        return deadLetters;
    }

    /** The longest time between two polls, which is the error of every time measured here, milliseconds. */
    long longestPause() {
        return longestPause;
    }

    /** The longest time between two evaluations of one rollout, with the one that lasts, milliseconds. */
    long longestWithoutEvaluation() {
        return Math.max(longestWithoutEvaluation, now() - lastEvaluationAt);
    }

    /** Forgets the longest times so far. */
    void resetTimes() {
        silences.reset();
        longestPause = 0;
        longestWithoutEvaluation = 0;
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        thread.join();
    }
}
