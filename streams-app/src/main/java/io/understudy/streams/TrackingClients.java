package io.understudy.streams;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The clients of a Kafka Streams application, of which the main consumers keep how far they have read. With
 * {@code group.protocol=streams}, Kafka Streams creates its main consumer itself, and the progress stays unknown.
 */
public final class TrackingClients implements KafkaClientSupplier, ReadProgress {

    /** A consumer is polled by its stream thread, which also runs the processors. */
    @SuppressWarnings("ThreadLocalUsage") // Each application has its own, and few threads.
    private final ThreadLocal<@Nullable TrackedConsumer> consumers = new ThreadLocal<>();

    @Override
    public Optional<Reading> of(TopicPartition partition) {
        return Optional.ofNullable(consumers.get()).map(consumer -> consumer.reading(partition));
    }

    @Override
    public Admin getAdmin(Map<String, Object> configs) {
        return Admin.create(configs);
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> configs) {
        return new KafkaProducer<>(configs, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> configs) {
        return new TrackedConsumer(configs);
    }

    @Override
    public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> configs) {
        return untracked(configs);
    }

    @Override
    public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> configs) {
        return untracked(configs);
    }

    private static Consumer<byte[], byte[]> untracked(Map<String, Object> configs) {
        return new KafkaConsumer<>(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private final class TrackedConsumer extends KafkaConsumer<byte[], byte[]> {

        private final Map<TopicPartition, Long> returned = new HashMap<>();
        private long polls;

        TrackedConsumer(Map<String, Object> configs) {
            super(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        }

        @Override
        public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
            ConsumerRecords<byte[], byte[]> records = super.poll(timeout);
            polls++;
            for (TopicPartition partition : records.partitions()) {
                List<ConsumerRecord<byte[], byte[]>> inPartition = records.records(partition);
                returned.put(partition, inPartition.get(inPartition.size() - 1).offset() + 1);
            }
            consumers.set(this);
            return records;
        }

        Reading reading(TopicPartition partition) {
            long lag = assignment().contains(partition) ? currentLag(partition).orElse(0) : 0;
            return new Reading(polls, returned.getOrDefault(partition, 0L), lag);
        }
    }
}
