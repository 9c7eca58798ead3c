package io.understudy.examples.flightdelay.demo;

import io.understudy.registry.Decoder;
import io.understudy.registry.Registry;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Downstream's part: reads the answers that come from now on, committed ones alone, and sees that each request has one. For one thread. */
final class AnswerCheck implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);

    /** After the last answer, how long a duplicate is waited for. */
    private static final Duration EPILOGUE = Duration.ofSeconds(2);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Decoder<Prediction> decoder;
    private final Set<String> answered = new HashSet<>();
    private long duplicated;
    private long failed;

    AnswerCheck(Topics topics, Registry registry, Map<String, String> kafka) {
        this.decoder = registry.decoder(topics.predictions(), Prediction.class);
        Map<String, Object> configs = new HashMap<>(kafka);
        configs.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        configs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        this.consumer = new KafkaConsumer<>(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer
                .partitionsFor(topics.predictions().name())
                .stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        // Seeking is lazy: asking for the position makes it happen before the first request is sent.
        partitions.forEach(consumer::position);
    }

    /**
     * Reads until {@code requests} are answered, or none is for {@code patience}.
     *
     * @param requests how many have been sent so far; does not change once {@code patience} begins to matter
     */
    void await(LongSupplier requests, Duration patience) {
        long last = System.nanoTime();
        while (answered.size() < requests.getAsLong() && System.nanoTime() - last < patience.toNanos()) {
            last = read() > 0 ? System.nanoTime() : last;
        }
        last = System.nanoTime();
        while (System.nanoTime() - last < EPILOGUE.toNanos()) {
            read();
        }
    }

    private int read() {
        int count = 0;
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            Prediction prediction = decoder.decode(record.value());
            duplicated += answered.add(prediction.getRequestId()) ? 0 : 1;
            failed += prediction.getStatus() == PredictionStatus.OK ? 0 : 1;
            count++;
        }
        return count;
    }

    long answered() {
        return answered.size();
    }

    long duplicated() {
        return duplicated;
    }

    /** Answers without a score. */
    long failed() {
        return failed;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
