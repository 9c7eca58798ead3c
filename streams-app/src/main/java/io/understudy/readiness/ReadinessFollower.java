package io.understudy.readiness;

import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;
import io.understudy.registry.Decoder;
import io.understudy.registry.Registry;
import io.understudy.registry.RegistryUnavailableException;
import io.understudy.registry.UndecodableException;
import io.understudy.schema.ModelReadiness;
import io.understudy.topics.Topic;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a {@link ReadinessView} up to date. It reads from the end of the topic: a program that lives says soon again what
 * it serves, and what a dead one said does not count.
 */
public final class ReadinessFollower implements Runnable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReadinessFollower.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long RETRY_MILLIS = 1000;

    private final Topic topic;
    private final ReadinessView view;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Decoder<ModelReadiness> decoder;
    private final Meters meters;
    private volatile boolean closing;

    /**
     * Creates a follower.
     *
     * @param kafka settings of the Kafka clients
     * @param meters meters of the role that follows
     */
    public ReadinessFollower(Topic topic, Registry registry, Map<String, ?> kafka, ReadinessView view, Meters meters) {
        this.topic = topic;
        this.view = view;
        this.meters = meters;
        this.decoder = registry.decoder(topic, ModelReadiness.class);
        Map<String, Object> configs = new HashMap<>(kafka);
        configs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        this.consumer = new KafkaConsumer<>(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public void run() {
        boolean assigned = false;
        try (consumer) {
            while (!closing) {
                try {
                    if (!assigned) {
                        assign();
                        assigned = true;
                    }
                    consumer.poll(POLL).forEach(this::hear);
                    view.forgetSilent();
                } catch (WakeupException e) {
                    throw e;
                } catch (KafkaException | RegistryUnavailableException e) {
                    LOG.warn("Cannot follow who serves which model, trying again: cause={}", e.toString());
                    TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
                }
            }
        } catch (WakeupException e) {
            // a stop was requested
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void assign() {
        List<TopicPartition> partitions = consumer.partitionsFor(topic.name()).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        // A seek is lazy: position() completes it.
        partitions.forEach(consumer::position);
        view.listening();
    }

    private void hear(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            ReadinessKey.read(record.key()).ifPresent(view::takenBack);
            return;
        }
        try {
            ModelReadiness said = decoder.decode(record.value());
            if (Arrays.equals(ReadinessKey.of(said).bytes(), record.key())) {
                view.hear(said);
            } else {
                unreadable(record, "the key is not instance|lane|deployment|version of the record");
            }
        } catch (UndecodableException e) {
            unreadable(record, e.getMessage());
        }
    }

    private void unreadable(ConsumerRecord<byte[], byte[]> record, @Nullable String why) {
        meters.count(Metric.UNREADABLE_READINESS);
        LOG.warn("Cannot read a record of readiness: offset={} cause={}", record.offset(), why);
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
    }
}
