package io.understudy.examples.flightdelay.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.registry.Decoder;
import io.understudy.registry.Registry;
import io.understudy.schema.Outcome;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionRequest;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads and counts the committed records of the topics, as any other reader could. Not safe for several threads. */
final class Audit implements AutoCloseable {

    private static final long MAX_LATENCY_MILLIS = 3_600_000;

    private final Topics topics;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Decoder<PredictionRequest> requests;
    private final Decoder<Prediction> predictions;
    private final Decoder<Prediction> candidatePredictions;
    private final Decoder<Outcome> outcomes;
    private final Decoder<RolloutEvaluation> evaluations;
    private final Decoder<RolloutEvent> events;
    private final DemoCounts counts;
    private final Histogram latencies = new Histogram(MAX_LATENCY_MILLIS, 3);

    /** Creates an audit of {@code rollout} that reads the topics from their beginning. */
    Audit(Rollout rollout, Topics topics, Registry registry, Map<String, String> kafka) {
        this.topics = topics;
        this.counts = new DemoCounts(rollout);
        this.events = registry.decoder(topics.rolloutEvents(), RolloutEvent.class);
        this.requests = registry.decoder(topics.predictionRequests(), PredictionRequest.class);
        this.predictions = registry.decoder(topics.predictions(), Prediction.class);
        this.candidatePredictions = registry.decoder(topics.candidatePredictions(), Prediction.class);
        this.outcomes = registry.decoder(topics.outcomes(), Outcome.class);
        this.evaluations = registry.decoder(topics.rolloutEvaluations(), RolloutEvaluation.class);
        Map<String, Object> configs = new HashMap<>(kafka);
        configs.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        configs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        configs.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5000);
        this.consumer = new KafkaConsumer<>(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = Stream.of(
                        topics.predictionRequests(),
                        topics.predictions(),
                        topics.candidatePredictions(),
                        topics.outcomes(),
                        topics.rolloutEvaluations(),
                        topics.rolloutEvents(),
                        topics.deadLetters())
                .flatMap(topic -> consumer.partitionsFor(topic.name()).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Reads the records that have arrived, and returns their number. */
    int read(Duration timeout) {
        int read = 0;
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(timeout)) {
            count(record);
            read++;
        }
        return read;
    }

    private void count(ConsumerRecord<byte[], byte[]> record) {
        String topic = record.topic();
        if (topic.equals(topics.predictionRequests().name())) {
            counts.request(requests.decode(record.value()).getRequestId());
        } else if (topic.equals(topics.predictions().name())) {
            Prediction prediction = predictions.decode(record.value());
            long latency =
                    System.currentTimeMillis() - prediction.getReceivedAt().toEpochMilli();
            latencies.recordValue(Math.min(MAX_LATENCY_MILLIS, Math.max(0, latency)));
            counts.servedPrediction(new String(record.key(), UTF_8), prediction);
        } else if (topic.equals(topics.candidatePredictions().name())) {
            counts.shadowPrediction(candidatePredictions.decode(record.value()));
        } else if (topic.equals(topics.outcomes().name())) {
            counts.outcome(outcomes.decode(record.value()));
        } else if (topic.equals(topics.rolloutEvaluations().name())) {
            counts.evaluation(evaluations.decode(record.value()));
        } else if (topic.equals(topics.rolloutEvents().name())) {
            counts.event(events.decode(record.value()));
        } else {
            counts.deadLetter();
        }
    }

    DemoCounts counts() {
        return counts;
    }

    /** The latency so far, from the record of a request until its answer was read here. */
    Summary.Latency latency() {
        return new Summary.Latency(latencies.getValueAtPercentile(50), latencies.getValueAtPercentile(99));
    }

    @Override
    public void close() {
        consumer.close();
    }
}
