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

/**
 * The part of downstream: reads the committed answers from now on, and checks that each request has one. Not safe for
 * several threads.
 */
final class AnswerCheck implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);

    /** Longer than every restart of a role on a slow machine. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** How long to wait for duplicates after the last answer. */
    private static final Duration DUPLICATE_WAIT = Duration.ofSeconds(2);

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
        // A seek is lazy: position() completes it before the first request is sent.
        partitions.forEach(consumer::position);
    }

    /**
     * Reads until all requests are answered or {@link AnswerWait} gives up.
     *
     * @param requests number of requests, or {@link Long#MAX_VALUE} while requests are still being sent
     * @return what it means for requests that have no answer
     */
    AnswerWait.State await(LongSupplier requests, Backlog backlog) throws InterruptedException {
        AnswerWait wait = new AnswerWait(System.nanoTime(), PATIENCE);
        AnswerWait.State state = AnswerWait.State.WAIT;
        while (answered.size() < requests.getAsLong() && state == AnswerWait.State.WAIT) {
            int read = read();
            state = wait.observe(System.nanoTime(), read, backlog.look(), requests.getAsLong() < Long.MAX_VALUE);
        }
        long last = System.nanoTime();
        while (System.nanoTime() - last < DUPLICATE_WAIT.toNanos()) {
            read();
        }
        return state;
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

    /** The number of answers without a score. */
    long failed() {
        return failed;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
