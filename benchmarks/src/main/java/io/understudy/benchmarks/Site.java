package io.understudy.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.control.CommandClient;
import io.understudy.examples.flightdelay.Airports;
import io.understudy.examples.flightdelay.Flight;
import io.understudy.examples.flightdelay.FlightFeatures;
import io.understudy.examples.flightdelay.FlightFile;
import io.understudy.metrics.ProcessMeters;
import io.understudy.registry.Encoder;
import io.understudy.registry.Registry;
import io.understudy.runtime.Node;
import io.understudy.runtime.Preflight;
import io.understudy.runtime.Settings;
import io.understudy.runtime.SettingsReader;
import io.understudy.schema.PredictionRequest;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutVerb;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** One installation with its own topics on the broker of the benchmark. */
final class Site implements AutoCloseable {

    static final String DEPLOYMENT = "flight-delay";

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final int DISTINCT_FLIGHTS = 50_000;
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);
    private static List<FlightRequest> flights;

    private final Path example;
    private final Properties properties = new Properties();
    private final Registry registry;
    private final List<Node> nodes = new ArrayList<>();

    /** The key and the bytes of a request. */
    record FlightRequest(byte[] key, byte[] value) {

        /**
         * The offset of the features: after the prefix with the schema id, and after two strings with one byte of
         * length each.
         */
        private static final int FEATURES_OFFSET = 5 + 1 + 36 + 1 + DEPLOYMENT.length();

        /** The same request with another identifier and deployment, each with fewer than 64 characters. */
        byte[] valueOf(String id, String deployment) {
            ByteBuffer bytes =
                    ByteBuffer.allocate(value.length - FEATURES_OFFSET + 5 + 1 + id.length() + 1 + deployment.length());
            bytes.put(value, 0, 5);
            for (String text : List.of(id, deployment)) {
                bytes.put((byte) (2 * text.length())).put(text.getBytes(UTF_8));
            }
            return bytes.put(value, FEATURES_OFFSET, value.length - FEATURES_OFFSET)
                    .array();
        }
    }

    Site(BrokerProcess broker, Path example, Path state) throws Exception {
        this.example = example;
        properties.setProperty("kafka.bootstrap.servers", broker.bootstrapServers());
        properties.setProperty("registry.url", broker.registryUrl());
        properties.setProperty("prefix", "site" + NUMBER.incrementAndGet() + ".");
        properties.setProperty("models.directory", example.toString());
        properties.setProperty("outbound.hosts", "*,localhost");
        properties.setProperty("state.directory", state.toString());
        properties.setProperty("topics.partitions", "3");
        this.registry = Registry.connect(broker.registryUrl(), Map.of(), ANSWER_TIMEOUT);
        new Preflight(settings(), registry).create();
    }

    /** Makes the records of {@code topics} keep the times that their sender gives them. */
    void keepTimes(List<Topic> topics) throws Exception {
        AlterConfigOp keep = new AlterConfigOp(
                new ConfigEntry(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, TimestampType.CREATE_TIME.name),
                AlterConfigOp.OpType.SET);
        Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
        topics.forEach(
                topic -> changes.put(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()), List.of(keep)));
        try (Admin admin = Admin.create(kafka())) {
            admin.incrementalAlterConfigs(changes).all().get();
        }
    }

    /** Changes a setting for all nodes that are started later. */
    void set(String name, String value) {
        properties.setProperty(name, value);
    }

    Settings settings() {
        return SettingsReader.read(properties);
    }

    Topics topics() {
        return settings().topics();
    }

    Registry registry() {
        return registry;
    }

    Map<String, Object> kafka() {
        return new HashMap<>(settings().kafka());
    }

    /** Starts a node with some roles, like {@code run --roles}. */
    Node start(String roles) {
        properties.setProperty("roles", roles);
        properties.setProperty("instance", "node-" + nodes.size());
        Node node = new Node(settings(), registry, new ProcessMeters(), InstantSource.system());
        nodes.add(node);
        node.start();
        return node;
    }

    void stopNodes() throws Exception {
        for (Node node : nodes) {
            node.close();
        }
        nodes.clear();
    }

    /** Sends a command and returns the version of the state after it. */
    long command(RolloutVerb verb, String spec) throws Exception {
        try (CommandClient client =
                new CommandClient(topics(), registry, settings().kafka())) {
            return command(client, DEPLOYMENT, verb, spec).getStateVersion();
        }
    }

    private static RolloutEvent command(CommandClient client, String deployment, RolloutVerb verb, String spec)
            throws Exception {
        RolloutEvent event = client.send(
                        RolloutCommand.newBuilder()
                                .setId(UUID.randomUUID().toString())
                                .setDeployment(deployment)
                                .setVerb(verb)
                                .setActor("benchmark")
                                .setSpec(spec)
                                .setIssuedAt(Instant.now())
                                .build(),
                        ANSWER_TIMEOUT)
                .orElseThrow();
        if (event.getType() == RolloutEventType.REJECTED) {
            throw new IllegalStateException(event.getReason());
        }
        return event;
    }

    /** Requests for real flights, the same for every contender. */
    List<FlightRequest> flights() throws IOException {
        if (flights == null) {
            Encoder<PredictionRequest> encoder = registry.encoder(topics().predictionRequests());
            FlightFeatures features = new FlightFeatures(Airports.read(example.resolve("models/airports.csv")));
            try (Stream<Flight> read = FlightFile.read(example.resolve("data/flights-2001-03-05.csv.gz"))) {
                flights = read.limit(DISTINCT_FLIGHTS)
                        .map(flight -> new FlightRequest(
                                flight.service().getBytes(UTF_8),
                                encoder.encode(PredictionRequest.newBuilder()
                                        .setRequestId(UUID.randomUUID().toString())
                                        .setDeployment(DEPLOYMENT)
                                        .setEventTime(Instant.ofEpochMilli(flight.departedAt()))
                                        .setFeatures(features.named(flight))
                                        .build())))
                        .toList();
            }
        }
        return flights;
    }

    /** The {@code i}-th flight of an endless repetition of the flights. */
    FlightRequest flight(int i) {
        return flights.get(i % flights.size());
    }

    /**
     * Deploys models with external scorers, and starts a rollout for each deployment.
     *
     * @param rollout the rollout without its deployment; null: no rollout
     * @return identifiers of the rollouts
     */
    List<String> deployAndStart(List<String> deployments, String rollout) throws Exception {
        List<String> rollouts = new ArrayList<>();
        try (CommandClient client =
                new CommandClient(topics(), registry, settings().kafka())) {
            for (String deployment : deployments) {
                String name = "deployment: " + deployment + "\n";
                command(
                        client,
                        deployment,
                        RolloutVerb.DEPLOY,
                        name + "existing: {version: v1, scorer: {kind: external}}");
                if (rollout != null) {
                    rollouts.add(command(client, deployment, RolloutVerb.START, name + rollout)
                            .getRollout());
                }
            }
        }
        return rollouts;
    }

    /** Fills a topic with {@code count} requests. */
    void fill(Topic topic, int count, Headers headers) throws IOException {
        List<FlightRequest> requests = flights();
        Map<String, Object> configs = kafka();
        configs.put("linger.ms", 20);
        configs.put("batch.size", 128 * 1024);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(configs, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < count; i++) {
                FlightRequest request = requests.get(i % requests.size());
                producer.send(new ProducerRecord<>(topic.name(), null, null, request.key(), request.value(), headers));
            }
        }
    }

    @Override
    public void close() throws Exception {
        stopNodes();
        registry.close();
    }
}
