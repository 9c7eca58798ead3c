package io.understudy.routing;

import static io.understudy.testing.Installation.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.understudy.assignment.Share;
import io.understudy.assignment.TrafficSplit;
import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;
import io.understudy.registry.Registry;
import io.understudy.schema.Arm;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionRequest;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RolloutState;
import io.understudy.testing.States;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import io.understudy.wire.RouteHeader;
import io.understudy.wire.RouteHeader.Route;
import io.understudy.wire.RouteHeader.Routed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RoutingTopologyTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final int MAX_BYTES = 2000;

    private final Topics topics = new Topics("", MAX_BYTES);
    private final Registry registry = new Registry(new MockSchemaRegistryClient(), Map.of(), Duration.ZERO);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> requests;

    @BeforeEach
    void start() {
        registry.register(topics);
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "router");
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        driver = new TopologyTestDriver(
                RoutingTopology.build(
                        topics,
                        new RoutingContext(
                                topics, registry, new Meters(meters, RoutingContext.ROLE), () -> NOW, MAX_BYTES)),
                properties);
        requests = driver.createInputTopic(
                topics.predictionRequests().name(), new ByteArraySerializer(), new ByteArraySerializer());
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    @Test
    void forwardsToTheExistingLaneAloneWithoutARollout() throws Exception {
        state(States.withoutRollout());
        send("key", "id-1", "sums");

        TestRecord<byte[], byte[]> forwarded = only(topics.existingRequests());
        assertThat(new RouteHeader.Reader().read(forwarded.headers()))
                .isEqualTo(new Routed(Route.outside("sums", "v1"), NOW.toEpochMilli()));
        assertThat(read(topics.candidateRequests())).isEmpty();
    }

    @Test
    void mirrorsTheVeryBytesToTheCandidateWhileARolloutShadows() throws Exception {
        state(States.mirroring(100_000));
        byte[] value = encode("id-1", "sums");
        requests.pipeInput(new TestRecord<>(
                "key".getBytes(UTF_8),
                value,
                new RecordHeaders().add("trace", new byte[] {7}),
                Instant.ofEpochMilli(5)));

        TestRecord<byte[], byte[]> existing = only(topics.existingRequests());
        TestRecord<byte[], byte[]> mirrored = only(topics.candidateRequests());
        for (TestRecord<byte[], byte[]> forwarded : List.of(existing, mirrored)) {
            assertThat(forwarded.value()).isEqualTo(value);
            assertThat(forwarded.key()).isEqualTo("key".getBytes(UTF_8));
            assertThat(forwarded.timestamp()).isEqualTo(5L);
            assertThat(forwarded.headers().lastHeader("trace").value()).containsExactly(7);
        }
        assertThat(new RouteHeader.Reader().read(existing.headers()))
                .isEqualTo(new Routed(
                        new Route("sums", Arm.EXISTING, "v1", "sums-v2-2", 0, 1, false, null, null),
                        NOW.toEpochMilli()));
        assertThat(new RouteHeader.Reader().read(mirrored.headers()))
                .isEqualTo(new Routed(
                        new Route("sums", Arm.CANDIDATE, "v2", "sums-v2-2", 0, 1, true, 60_000L, null),
                        NOW.toEpochMilli()));
        assertThat(meters.counter(Metric.ROUTED.id(), "role", "router", "lane", "candidate-lane", "deployment", "sums")
                        .count())
                .isEqualTo(1);
    }

    @Test
    void mirrorsASampleOfTheKeysAlwaysTheSameOnes() {
        state(States.mirroring(20_000));
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < 500; i++) {
                send("key-" + i, "id-" + pass + "-" + i, "sums");
            }
        }
        List<String> keys = read(topics.candidateRequests()).stream()
                .map(record -> new String(record.key(), UTF_8))
                .toList();
        assertThat(keys.size()).isBetween(2 * 64, 2 * 136);
        assertThat(keys.subList(0, keys.size() / 2)).isEqualTo(keys.subList(keys.size() / 2, keys.size()));
        assertThat(read(topics.existingRequests())).hasSize(1000);
    }

    @Test
    void servesAShareOfTheKeysByTheCandidateAndTheRestByTheExistingModelAlone() throws Exception {
        state(States.serving(20_000));
        for (int i = 0; i < 1000; i++) {
            send("key-" + i, "id-" + i, "sums");
        }
        List<TestRecord<byte[], byte[]>> candidates = read(topics.candidateRequests());
        List<TestRecord<byte[], byte[]>> existing = read(topics.existingRequests());
        assertThat(candidates.size() + existing.size()).isEqualTo(1000);
        assertThat(candidates)
                .allSatisfy(record -> assertThat(
                                TrafficSplit.arm("salt", new String(record.key(), UTF_8), new Share(20_000)))
                        .isEqualTo(Arm.CANDIDATE));
        assertThat(candidates.size()).isBetween(150, 250);
        assertThat(new RouteHeader.Reader().read(candidates.get(0).headers()).route())
                .isEqualTo(new Route("sums", Arm.CANDIDATE, "v2", "sums-v2-2", 0, 1, false, null, null));
        assertThat(new RouteHeader.Reader().read(existing.get(0).headers()).route())
                .isEqualTo(new Route("sums", Arm.EXISTING, "v1", "sums-v2-2", 0, 1, false, null, null));
    }

    @Test
    void eachDeploymentGoesItsOwnWay() {
        state(States.serving(100_000));
        RolloutState other = RolloutState.newBuilder(States.withoutRollout())
                .setDeployment("products")
                .build();
        pipeState(
                "products",
                registry.<RolloutState>encoder(topics.rolloutState()).encode(other));
        send("key", "id-1", "sums");
        send("key", "id-1", "products");
        assertThat(read(topics.candidateRequests())).hasSize(1);
        assertThat(read(topics.existingRequests())).hasSize(1);
    }

    @Test
    void followsTheStateAsItChanges() {
        state(States.mirroring(100_000));
        send("key", "id-1", "sums");
        state(States.mirroring(0));
        send("key", "id-2", "sums");
        assertThat(read(topics.candidateRequests())).hasSize(1);
        assertThat(read(topics.existingRequests())).hasSize(2);
    }

    @Test
    void keepsThePlanInForceWhenAStateCannotBeRead() {
        state(States.mirroring(100_000));
        send("key", "id-1", "sums");
        pipeState("sums", "garbage".getBytes(UTF_8));
        send("key", "id-2", "sums");
        assertThat(read(topics.candidateRequests())).hasSize(2);
        assertThat(meters.counter(Metric.UNREADABLE_STATES.id(), "role", "router")
                        .count())
                .isEqualTo(1);
    }

    @Test
    void servesARequestWithoutAKeyAndLeavesItOutOfTheRollout() {
        state(States.mirroring(100_000));
        requests.pipeInput(null, encode("id-1", "sums"));
        assertThat(read(topics.existingRequests())).hasSize(1);
        assertThat(read(topics.candidateRequests())).isEmpty();
        assertThat(meters.counter(Metric.KEYLESS.id(), "role", "router").count())
                .isEqualTo(1);
    }

    @Test
    void answersARequestForAnUnknownDeployment() {
        send("key", "id-1", "sums");
        Prediction answer = answer();
        assertThat(answer.getRequestId()).isEqualTo("id-1");
        assertThat(answer.getStatus()).isEqualTo(PredictionStatus.REJECTED);
        assertThat(answer.getError()).isEqualTo("there is no deployment 'sums'");
        assertThat(read(topics.existingRequests())).isEmpty();
        assertThat(meters.counter(Metric.REJECTED.id(), "role", "router").count())
                .isEqualTo(1);
    }

    @Test
    void answersAnOversizedRequest() {
        state(States.withoutRollout());
        requests.pipeInput(
                "key".getBytes(UTF_8), encode(request("big", "sums", Map.of("text", "x".repeat(MAX_BYTES)))));
        assertThat(answer().getError()).startsWith("the request has ").endsWith("; allowed are 2000");
        assertThat(read(topics.existingRequests())).isEmpty();
    }

    @Test
    void putsAsideWhatIsNoRequestWithReasonAndOriginAndGoesOn() {
        state(States.withoutRollout());
        byte[] garbage = "garbage".getBytes(UTF_8);
        requests.pipeInput("key".getBytes(UTF_8), garbage);
        send("key", "id-1", "sums");

        TestRecord<byte[], byte[]> aside = only(topics.deadLetters());
        assertThat(aside.value()).isEqualTo(garbage);
        assertThat(aside.key()).isEqualTo("key".getBytes(UTF_8));
        assertThat(header(aside, "understudy-reason")).isEqualTo("not-avro");
        assertThat(header(aside, "understudy-role")).isEqualTo("router");
        assertThat(header(aside, "understudy-origin-topic")).isEqualTo("prediction-requests");
        assertThat(header(aside, "understudy-origin-partition")).isEqualTo("0");
        assertThat(header(aside, "understudy-origin-offset")).isEqualTo("0");
        assertThat(only(topics.existingRequests()).key()).isEqualTo("key".getBytes(UTF_8));
        assertThat(meters.counter(Metric.DEAD_LETTERS.id(), "role", "router", "reason", "not-avro")
                        .count())
                .isEqualTo(1);
    }

    @Test
    void survivesNamesAndKeysOfAbsurdSize() {
        String absurd = "x".repeat(1_000_000);
        send("key", "id-1", absurd);
        send("key", absurd, "sums");
        send(absurd, "id-2", "sums");
        requests.pipeInput(absurd.getBytes(UTF_8), "garbage".getBytes(UTF_8));

        assertThat(answer().getError()).startsWith("the request has ");
        List<TestRecord<byte[], byte[]>> aside = read(topics.deadLetters());
        assertThat(aside)
                .extracting(record -> header(record, "understudy-reason"))
                .containsExactly("too-large", "too-large", "not-avro");
        assertThat(aside)
                .allSatisfy(record -> assertThat(record.key().length + record.value().length)
                        .isLessThan(topics.deadLetters().maxMessageBytes()));
    }

    @Test
    void keepsTheBeginningOfAnOversizedDeadLetter() {
        byte[] garbage = new byte[topics.deadLetters().maxMessageBytes()];
        java.util.Arrays.fill(garbage, (byte) 'x');
        requests.pipeInput("key".getBytes(UTF_8), garbage);
        TestRecord<byte[], byte[]> aside = only(topics.deadLetters());
        assertThat(aside.value()).hasSize(64 * 1024);
        assertThat(header(aside, "understudy-truncated-from")).isEqualTo(Integer.toString(garbage.length));
    }

    private void state(RolloutState state) {
        pipeState("sums", registry.<RolloutState>encoder(topics.rolloutState()).encode(state));
    }

    private void pipeState(String deployment, byte[] bytes) {
        driver.createInputTopic(topics.rolloutState().name(), new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(deployment.getBytes(UTF_8), bytes);
    }

    private void send(String key, String id, String deployment) {
        requests.pipeInput(key.getBytes(UTF_8), encode(id, deployment));
    }

    private byte[] encode(String id, String deployment) {
        return encode(request(id, deployment, Map.of("x", 1.0)));
    }

    private byte[] encode(PredictionRequest request) {
        return registry.<PredictionRequest>encoder(topics.predictionRequests()).encode(request);
    }

    private Prediction answer() {
        return registry.decoder(topics.predictions(), Prediction.class)
                .decode(only(topics.predictions()).value());
    }

    private TestRecord<byte[], byte[]> only(Topic topic) {
        List<TestRecord<byte[], byte[]>> records = read(topic);
        assertThat(records).as(topic.name()).hasSize(1);
        return records.get(0);
    }

    private List<TestRecord<byte[], byte[]>> read(Topic topic) {
        return driver.createOutputTopic(topic.name(), new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    private static String header(TestRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }
}
