package io.understudy.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.control.CommandClient;
import io.understudy.metrics.ProcessMeters;
import io.understudy.registry.Decoder;
import io.understudy.registry.Registry;
import io.understudy.runtime.Node;
import io.understudy.runtime.Preflight;
import io.understudy.runtime.RoleName;
import io.understudy.runtime.Settings;
import io.understudy.runtime.SettingsReader;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionRequest;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutVerb;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;

/** An installation of Understudy on a real broker and registry, with methods to send records and read the results. */
public final class Installation implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Properties properties = new Properties();
    private final Settings settings;
    private final Registry registry;
    private final KafkaProducer<byte[], byte[]> producer;
    private final CommandClient commands;
    private final List<Node> nodes = new ArrayList<>();

    /** Creates an installation with topics and subjects, but without a node. */
    public Installation(String bootstrapServers, String registryUrl, String prefix, Path directory, String... more)
            throws Exception {
        properties.setProperty("kafka.bootstrap.servers", bootstrapServers);
        properties.setProperty("registry.url", registryUrl);
        properties.setProperty("prefix", prefix);
        properties.setProperty("topics.partitions", "3");
        properties.setProperty("console.port", "0");
        properties.setProperty("outbound.hosts", "*,localhost");
        properties.setProperty("models.directory", directory.toString());
        properties.setProperty("state.directory", directory.resolve("state").toString());
        for (int i = 0; i < more.length; i += 2) {
            properties.setProperty(more[i], more[i + 1]);
        }
        this.settings = SettingsReader.read(properties);
        this.registry = Registry.connect(registryUrl, Map.of(), Duration.ofMinutes(2));
        new Preflight(settings, registry).create();
        this.producer = new KafkaProducer<>(kafka(), new ByteArraySerializer(), new ByteArraySerializer());
        this.commands = new CommandClient(topics(), registry, kafka());
    }

    /** Creates an installation on the stack that all tests share. */
    public static Installation onSharedStack(Path directory, String... more) throws Exception {
        return new Installation(
                SharedStack.get().bootstrapServers(),
                SharedStack.get().registryUrl(),
                SharedStack.prefix(),
                directory,
                more);
    }

    public Map<String, Object> kafka() {
        return new HashMap<>(settings.kafka());
    }

    public Settings settings() {
        return settings;
    }

    public Topics topics() {
        return settings.topics();
    }

    public Registry registry() {
        return registry;
    }

    /** Starts a node with all roles. */
    public Node startNode() {
        return startNode(settings.roles().stream().map(RoleName::code).collect(Collectors.joining(",")));
    }

    /** Starts a node with the given roles, comma-separated. */
    public Node startNode(String roles) {
        return startNode(roles, InstantSource.system());
    }

    /** Starts a node with the given roles, comma-separated, and a clock of its own. */
    public Node startNode(String roles, InstantSource clock) {
        properties.setProperty("roles", roles);
        properties.setProperty("instance", "node-" + nodes.size());
        Node node = new Node(SettingsReader.read(properties), registry, new ProcessMeters(), clock);
        nodes.add(node);
        node.start();
        return node;
    }

    /** Sends a command and returns the event that answers it. */
    public RolloutEvent command(RolloutVerb verb, String deployment, String spec) throws Exception {
        return command(RolloutCommand.newBuilder()
                .setId(UUID.randomUUID().toString())
                .setDeployment(deployment)
                .setVerb(verb)
                .setActor("test")
                .setSpec(spec)
                .setIssuedAt(Instant.now())
                .build());
    }

    /** Sends a command and returns the event that answers it. */
    public RolloutEvent command(RolloutCommand command) throws Exception {
        return commands.send(command, TIMEOUT).orElseThrow(() -> new AssertionError("no answer to " + command));
    }

    /** Sends a command and does not wait for its answer. */
    public void sendCommand(RolloutCommand command) {
        send(
                topics().rolloutCommands(),
                command.getDeployment(),
                registry.<RolloutCommand>encoder(topics().rolloutCommands()).encode(command));
    }

    /** Creates a request in the same way as an upstream program. */
    public static PredictionRequest request(String id, String deployment, Map<String, Object> features) {
        return PredictionRequest.newBuilder()
                .setRequestId(id)
                .setDeployment(deployment)
                .setEventTime(Instant.parse("2001-03-05T12:00:00Z"))
                .setFeatures(features)
                .build();
    }

    /** Encodes a request in the wire format of the registry. */
    public byte[] encode(PredictionRequest request) {
        return registry.<PredictionRequest>encoder(topics().predictionRequests())
                .encode(request);
    }

    public Future<RecordMetadata> send(Topic topic, String key, byte[] value) {
        return send(topic, null, key, value);
    }

    public Future<RecordMetadata> send(Topic topic, Integer partition, String key, byte[] value) {
        return producer.send(
                new ProducerRecord<>(topic.name(), partition, key == null ? null : key.getBytes(UTF_8), value));
    }

    public void flush() {
        producer.flush();
    }

    /** Waits until a topic has {@code atLeast} committed records, and returns all of them. */
    public List<ConsumerRecord<byte[], byte[]>> read(Topic topic, int atLeast) {
        Map<String, Object> configs = kafka();
        configs.put("isolation.level", "read_committed");
        configs.put("enable.auto.commit", false);
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.name()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Awaitility.await(topic.name() + " with " + atLeast + " records")
                    .atMost(TIMEOUT)
                    .until(() -> {
                        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                        return records.size() >= atLeast && atEnd(consumer, partitions);
                    });
        }
        return records;
    }

    private static boolean atEnd(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        return partitions.stream().allMatch(partition -> consumer.position(partition) >= ends.get(partition));
    }

    /** Waits until a topic has {@code atLeast} committed predictions, and returns all of them. */
    public List<Prediction> predictions(Topic topic, int atLeast) {
        Decoder<Prediction> decoder = registry.decoder(topic, Prediction.class);
        return read(topic, atLeast).stream()
                .map(record -> decoder.decode(record.value()))
                .toList();
    }

    /** Returns all events so far. */
    public List<RolloutEvent> events() {
        Decoder<RolloutEvent> decoder = registry.decoder(topics().rolloutEvents(), RolloutEvent.class);
        return read(topics().rolloutEvents(), 0).stream()
                .map(record -> decoder.decode(record.value()))
                .toList();
    }

    /** Returns the last state of a deployment that the controller has written. */
    public RolloutState state(String deployment) {
        Decoder<RolloutState> decoder = registry.decoder(topics().rolloutState(), RolloutState.class);
        return read(topics().rolloutState(), 0).stream()
                .map(record -> decoder.decode(record.value()))
                .filter(state -> state.getDeployment().equals(deployment))
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    @Override
    public void close() throws Exception {
        for (Node node : nodes) {
            node.close();
        }
        commands.close();
        producer.close();
        registry.close();
    }
}
