package io.understudy.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;
import io.understudy.registry.Encoder;
import io.understudy.registry.Registry;
import io.understudy.schema.RolloutState;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;

/** The topology of a role in a test driver, with topics, an in-memory registry, and the meters of the role. */
public final class TopologyFixture implements AutoCloseable {

    private final String role;
    private final Topics topics;
    private final Registry registry = new Registry(new MockSchemaRegistryClient(), Map.of(), Duration.ZERO);
    private final Map<Topic, Encoder<SpecificRecord>> encoders = new HashMap<>();
    private SimpleMeterRegistry meterRegistry = new SimpleMeterRegistry();
    private TopologyTestDriver driver;

    /** Creates topics and a registry with their subjects, but no driver. */
    public TopologyFixture(String role, int maxRequestBytes) {
        this.role = role;
        this.topics = new Topics("", maxRequestBytes);
        registry.register(topics);
    }

    /** Starts a driver with new meters. Closes the previous driver. */
    public void start(RoleTopology topology, Instant at) {
        close();
        meterRegistry = new SimpleMeterRegistry();
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, role);
        // In Kafka's default directory, two builds at once on one machine would share a store.
        properties.put(
                StreamsConfig.STATE_DIR_CONFIG,
                Path.of("target", "streams-state").toAbsolutePath().toString());
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        driver = new TopologyTestDriver(topology.build(new Meters(meterRegistry, role)), properties, at);
    }

    /** Builds the topology under test. */
    @FunctionalInterface
    public interface RoleTopology {
        Topology build(Meters meters);
    }

    public Topics topics() {
        return topics;
    }

    public Registry registry() {
        return registry;
    }

    public TopologyTestDriver driver() {
        return driver;
    }

    public void pipe(Topic topic, TestRecord<byte[], byte[]> record) {
        driver.createInputTopic(topic.name(), new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(record);
    }

    public void pipe(Topic topic, String key, byte[] value) {
        driver.createInputTopic(topic.name(), new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(key == null ? null : key.getBytes(UTF_8), value);
    }

    public void pipe(Topic topic, String key, SpecificRecord value) {
        pipe(topic, key, encode(topic, value));
    }

    /** Writes the state of a deployment to its topic. */
    public void pipe(RolloutState state) {
        pipe(topics.rolloutState(), state.getDeployment(), state);
    }

    public byte[] encode(Topic topic, SpecificRecord value) {
        return encoders.computeIfAbsent(topic, registry::<SpecificRecord>encoder)
                .encode(value);
    }

    /** Returns the output records since the last call. */
    public List<TestRecord<byte[], byte[]>> read(Topic topic) {
        return driver.createOutputTopic(topic.name(), new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    /** Returns the only output record since the last call. Fails if there is not exactly one. */
    public TestRecord<byte[], byte[]> only(Topic topic) {
        List<TestRecord<byte[], byte[]>> records = read(topic);
        assertThat(records).as(topic.name()).hasSize(1);
        return records.get(0);
    }

    /** Returns the decoded output values since the last call. */
    public <T extends SpecificRecord> List<T> values(Topic topic, Class<T> type) {
        return read(topic).stream()
                .map(record -> registry.decoder(topic, type).decode(record.value()))
                .toList();
    }

    /** Returns the only decoded output value since the last call. Fails if there is not exactly one. */
    public <T extends SpecificRecord> T onlyValue(Topic topic, Class<T> type) {
        return registry.decoder(topic, type).decode(only(topic).value());
    }

    /** Returns the text of a header. */
    public static String header(TestRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }

    /** Returns the value of a counter, by the names and values of its tags. */
    public double count(Metric metric, String... tags) {
        return meterRegistry
                .counter(metric.id(), Tags.of("role", role).and(tags))
                .count();
    }

    /** Returns the value of a gauge. */
    public double gauge(Metric metric) {
        return meterRegistry.get(metric.id()).gauge().value();
    }

    @Override
    public void close() {
        if (driver != null) {
            driver.close();
            driver = null;
        }
    }
}
