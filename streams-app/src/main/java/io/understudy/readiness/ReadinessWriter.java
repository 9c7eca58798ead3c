package io.understudy.readiness;

import io.understudy.registry.Encoder;
import io.understudy.registry.Registry;
import io.understudy.schema.ModelReadiness;
import io.understudy.topics.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes what this process serves to the topic of readiness. Not safe for several threads. */
public final class ReadinessWriter implements AutoCloseable {

    private static final int MAX_BLOCK_MILLIS = 2000;

    private final Topic topic;
    private final Encoder<ModelReadiness> encoder;
    private final KafkaProducer<byte[], byte[]> producer;

    /**
     * Creates a writer.
     *
     * @param kafka settings of the Kafka clients
     */
    public ReadinessWriter(Topic topic, Registry registry, Map<String, ?> kafka) {
        this.topic = topic;
        this.encoder = registry.encoder(topic);
        Map<String, Object> configs = new HashMap<>(kafka);
        configs.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, MAX_BLOCK_MILLIS);
        this.producer = new KafkaProducer<>(configs, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Sends a record. What is lost is sent again with the next heartbeat. */
    public void say(ModelReadiness said) {
        producer.send(new ProducerRecord<>(topic.name(), ReadinessKey.of(said).bytes(), encoder.encode(said)));
    }

    /** Sends a tombstone. */
    public void takeBack(ReadinessKey key) {
        producer.send(new ProducerRecord<>(topic.name(), key.bytes(), null));
    }

    @Override
    public void close() {
        producer.close(Duration.ofMillis(MAX_BLOCK_MILLIS));
    }
}
