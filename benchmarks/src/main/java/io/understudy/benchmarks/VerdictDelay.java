package io.understudy.benchmarks;

import io.understudy.registry.Decoder;
import io.understudy.registry.Encoder;
import io.understudy.schema.Arm;
import io.understudy.schema.Outcome;
import io.understudy.schema.Prediction;
import io.understudy.schema.RolloutEvaluation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Measures the time from the arrival of an outcome until a read-committed consumer has an evaluation that includes it.
 */
final class VerdictDelay {

    private static final int OUTCOMES_PER_SECOND = 200;
    private static final int WARM_UP_SECONDS = 25;
    private static final long MAX_MILLIS = 600_000;

    private final BrokerProcess broker;
    private final Path example;
    private final Path state;

    VerdictDelay(BrokerProcess broker, Path example, Path state) {
        this.broker = broker;
        this.example = example;
        this.state = state;
    }

    /** The delays of all outcomes of {@code seconds} after the warm-up, milliseconds. */
    Histogram measure(int seconds) throws Exception {
        Histogram delays = new Histogram(MAX_MILLIS, 3);
        try (Site site = new Site(broker, example, state)) {
            long version = EvaluatorCost.begin(site, EvaluatorCost.WITH_OUTCOMES);
            site.start("evaluator");
            Map<String, Object> configs = site.kafka();
            configs.put("isolation.level", "read_committed");
            configs.put("enable.auto.commit", false);
            try (KafkaProducer<byte[], byte[]> producer =
                            new KafkaProducer<>(site.kafka(), new ByteArraySerializer(), new ByteArraySerializer());
                    KafkaConsumer<byte[], byte[]> consumer =
                            new KafkaConsumer<>(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                TopicPartition evaluations =
                        new TopicPartition(site.topics().rolloutEvaluations().name(), 0);
                consumer.assign(List.of(evaluations));
                consumer.seekToBeginning(List.of(evaluations));
                run(site, version, producer, consumer, seconds, delays);
            }
        }
        return delays;
    }

    private static void run(
            Site site,
            long version,
            KafkaProducer<byte[], byte[]> producer,
            KafkaConsumer<byte[], byte[]> consumer,
            int seconds,
            Histogram delays)
            throws Exception {
        Encoder<Prediction> existing = site.registry().encoder(site.topics().predictions());
        Encoder<Prediction> candidate = site.registry().encoder(site.topics().candidatePredictions());
        Encoder<Outcome> outcomes = site.registry().encoder(site.topics().outcomes());
        Decoder<RolloutEvaluation> decoder =
                site.registry().decoder(site.topics().rolloutEvaluations(), RolloutEvaluation.class);
        List<Long> arrivals = new ArrayList<>();
        int counted = 0;
        int last = (WARM_UP_SECONDS + seconds) * OUTCOMES_PER_SECOND;
        long start = System.currentTimeMillis();
        long giveUpAt = start + (WARM_UP_SECONDS + seconds + 30) * 1000L;
        while (counted < last && System.currentTimeMillis() < giveUpAt) {
            long now = System.currentTimeMillis();
            while (arrivals.size() < Math.min(last, (now - start) * OUTCOMES_PER_SECOND / 1000)) {
                int i = arrivals.size();
                byte[] key = site.flights().get(i % site.flights().size()).key();
                producer.send(record(
                        site.topics().predictions().name(),
                        key,
                        existing.encode(EvaluatorCost.prediction(i, version, Arm.EXISTING, now))));
                producer.send(record(
                        site.topics().candidatePredictions().name(),
                        key,
                        candidate.encode(EvaluatorCost.prediction(i, version, Arm.CANDIDATE, now))));
                producer.send(
                        record(site.topics().outcomes().name(), key, outcomes.encode(EvaluatorCost.outcome(i, now))));
                arrivals.add(now);
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(10))) {
                long labelled = decoder.decode(record.value()).getExisting().getLabelled();
                long read = System.currentTimeMillis();
                for (; counted < Math.min(labelled, arrivals.size()); counted++) {
                    if (counted >= WARM_UP_SECONDS * OUTCOMES_PER_SECOND) {
                        delays.recordValue(Math.min(MAX_MILLIS, read - arrivals.get(counted)));
                    }
                }
            }
        }
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, byte[] key, byte[] value) {
        return new ProducerRecord<>(topic, key, value);
    }
}
