package io.understudy.routing;

import static io.understudy.testing.Installation.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.assignment.Share;
import io.understudy.assignment.TrafficSplit;
import io.understudy.metrics.Metric;
import io.understudy.schema.Arm;
import io.understudy.schema.Model;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionRequest;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutState;
import io.understudy.streams.ReadProgress;
import io.understudy.testing.States;
import io.understudy.testing.TopologyFixture;
import io.understudy.topics.Topics;
import io.understudy.wire.HeaderLimits;
import io.understudy.wire.Route;
import io.understudy.wire.Route.Part;
import io.understudy.wire.Route.Purpose;
import io.understudy.wire.RouteHeaderReader;
import io.understudy.wire.Routed;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RoutingTopologyTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final int MAX_BYTES = 2000;

    private final TopologyFixture router = new TopologyFixture(RoutingContext.ROLE, MAX_BYTES);
    private final Topics topics = router.topics();

    private Topics laned = topics;

    @BeforeEach
    void start() {
        start(List.of());
    }

    private void start(List<String> lanes) {
        start(lanes, MAX_BYTES);
    }

    private void start(List<String> lanes, int maxRequestBytes) {
        laned = new Topics("", MAX_BYTES, lanes);
        router.start(
                meters -> RoutingTopology.build(
                        laned,
                        new RoutingContext(
                                laned,
                                router.registry(),
                                new RoutingMeters(meters),
                                () -> NOW,
                                maxRequestBytes,
                                Duration.ofMinutes(1),
                                1024 * 1024,
                                ReadProgress.UNKNOWN)),
                NOW);
    }

    @AfterEach
    void stop() {
        router.close();
    }

    @Test
    void forwardsOnlyToTheExistingLaneWithoutARollout() throws Exception {
        state(States.withoutRollout());
        send("key", "id-1", "sums");

        TestRecord<byte[], byte[]> forwarded = router.only(topics.existingRequests());
        assertThat(new RouteHeaderReader().read(forwarded.headers())).satisfies(routed -> {
            assertThat(routed.route())
                    .isEqualTo(
                            Route.outsideRollout("sums", States.withoutRollout().getExisting()));
            assertThat(routed.routedAt()).isEqualTo(NOW.toEpochMilli());
        });
        assertThat(router.read(topics.candidateRequests())).isEmpty();
    }

    @Test
    void eachModelsRequestsTakeTheLaneThatItNames() throws Exception {
        start(List.of("fraud", "slow"));
        RolloutState state = inLane("fraud", States.mirroring(100_000));
        Rollout rollout = state.getRollout();
        state(RolloutState.newBuilder(state)
                .setRollout(Rollout.newBuilder(rollout)
                        .setCandidate(Model.newBuilder(rollout.getCandidate())
                                .setLane("slow")
                                .build())
                        .build())
                .build());
        send("key", "id-1", "sums");
        assertThat(router.read(laned.existingRequests(Optional.of("fraud")))).hasSize(1);
        assertThat(router.read(laned.candidateRequests(Optional.of("slow")))).hasSize(1);
        assertThat(router.read(topics.existingRequests())).isEmpty();
        assertThat(router.read(topics.candidateRequests())).isEmpty();
    }

    @Test
    void aLaneThatThisRouterDoesNotKnowIsCountedAndTheDefaultOneTaken() throws Exception {
        state(inLane("elsewhere", States.withoutRollout()));
        send("key", "id-1", "sums");
        assertThat(router.read(topics.existingRequests())).hasSize(1);
        assertThat(router.count(Metric.UNKNOWN_LANES, "deployment", "sums")).isEqualTo(1);
    }

    private static RolloutState inLane(String lane, RolloutState state) {
        return RolloutState.newBuilder(state)
                .setExisting(Model.newBuilder(state.getExisting()).setLane(lane).build())
                .build();
    }

    @Test
    void mirrorsTheUnchangedBytesToTheCandidateInAShadowStage() throws Exception {
        state(States.mirroring(100_000));
        byte[] value = encode("id-1", "sums");
        router.pipe(
                topics.predictionRequests(),
                new TestRecord<>(
                        "key".getBytes(UTF_8),
                        value,
                        new RecordHeaders().add("trace", new byte[] {7}),
                        Instant.ofEpochMilli(5)));

        TestRecord<byte[], byte[]> existing = router.only(topics.existingRequests());
        TestRecord<byte[], byte[]> mirrored = router.only(topics.candidateRequests());
        for (TestRecord<byte[], byte[]> forwarded : List.of(existing, mirrored)) {
            assertThat(forwarded.value()).isEqualTo(value);
            assertThat(forwarded.key()).isEqualTo("key".getBytes(UTF_8));
            assertThat(forwarded.timestamp())
                    .as("the time of an old request would have Kafka delete it at once")
                    .isEqualTo(NOW.toEpochMilli());
            assertThat(forwarded.headers().lastHeader("trace").value()).containsExactly(7);
        }
        assertThat(new RouteHeaderReader().read(existing.headers()))
                .isEqualTo(new Routed(
                        new Route(
                                "sums",
                                Arm.EXISTING,
                                "v1",
                                Optional.of(Route.Scorer.BUILT_IN),
                                Optional.of(new Part("sums-v2-2", 0, 1, new Purpose.Serve()))),
                        Optional.of(5L),
                        NOW.toEpochMilli()));
        assertThat(new RouteHeaderReader().read(mirrored.headers()))
                .isEqualTo(new Routed(
                        new Route(
                                "sums",
                                Arm.CANDIDATE,
                                "v2",
                                Optional.of(Route.Scorer.BUILT_IN),
                                Optional.of(new Part("sums-v2-2", 0, 1, new Purpose.Mirror(Optional.of(60_000L))))),
                        Optional.of(5L),
                        NOW.toEpochMilli()));
        assertThat(router.count(Metric.ROUTED, "lane", "candidate-lane", "deployment", "sums"))
                .isEqualTo(1);
    }

    @Test
    void countsRequestsFromAClockThatIsAheadAndForwardsThemWithItsOwnTime() throws Exception {
        state(States.mirroring(100_000));
        sendAt("key", "within", NOW.plusSeconds(60));
        sendAt("key", "ahead", NOW.plusSeconds(55 * 60));
        assertThat(router.count(Metric.REQUESTS_AHEAD)).isEqualTo(1);
        List<TestRecord<byte[], byte[]>> forwarded = router.read(topics.existingRequests());
        assertThat(forwarded).extracting(TestRecord::timestamp).containsOnly(NOW.toEpochMilli());
        assertThat(new RouteHeaderReader().read(forwarded.get(1).headers()).receivedAt())
                .contains(NOW.plusSeconds(55 * 60).toEpochMilli());
    }

    private void sendAt(String key, String id, Instant time) {
        router.pipe(
                topics.predictionRequests(),
                new TestRecord<>(key.getBytes(UTF_8), encode(id, "sums"), new RecordHeaders(), time));
    }

    @Test
    void alwaysMirrorsTheSameSampleOfTheKeys() {
        state(States.mirroring(20_000));
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < 500; i++) {
                send("key-" + i, "id-" + pass + "-" + i, "sums");
            }
        }
        List<String> keys = router.read(topics.candidateRequests()).stream()
                .map(record -> new String(record.key(), UTF_8))
                .toList();
        assertThat(keys.size()).isBetween(2 * 64, 2 * 136);
        assertThat(keys.subList(0, keys.size() / 2)).isEqualTo(keys.subList(keys.size() / 2, keys.size()));
        assertThat(router.read(topics.existingRequests())).hasSize(1000);
    }

    @Test
    void assignsBinaryKeysOneByOne() {
        state(States.serving(20_000));
        for (long key = 0; key < 1000; key++) {
            byte[] bytes = ByteBuffer.allocate(Long.BYTES).putLong(key).array();
            router.pipe(
                    topics.predictionRequests(),
                    new TestRecord<>(
                            bytes,
                            router.encode(
                                    topics.predictionRequests(), request("id-" + key, "sums", Map.of("x", 1.0)))));
        }
        assertThat(router.read(topics.candidateRequests()))
                .hasSizeBetween(150, 250)
                .allSatisfy(record -> assertThat(TrafficSplit.arm("salt", record.key(), new Share(20_000)))
                        .isEqualTo(Arm.CANDIDATE));
        assertThat(router.read(topics.existingRequests()))
                .allSatisfy(record -> assertThat(TrafficSplit.arm("salt", record.key(), new Share(20_000)))
                        .isEqualTo(Arm.EXISTING));
    }

    @Test
    void sendsAShareOfTheKeysToTheCandidateAndTheOthersOnlyToTheExistingModel() throws Exception {
        state(States.serving(20_000));
        for (int i = 0; i < 1000; i++) {
            send("key-" + i, "id-" + i, "sums");
        }
        List<TestRecord<byte[], byte[]>> candidates = router.read(topics.candidateRequests());
        List<TestRecord<byte[], byte[]>> existing = router.read(topics.existingRequests());
        assertThat(candidates.size() + existing.size()).isEqualTo(1000);
        assertThat(candidates)
                .allSatisfy(record -> assertThat(TrafficSplit.arm("salt", record.key(), new Share(20_000)))
                        .isEqualTo(Arm.CANDIDATE));
        assertThat(candidates.size()).isBetween(150, 250);
        assertThat(new RouteHeaderReader().read(candidates.get(0).headers()).route())
                .isEqualTo(new Route(
                        "sums",
                        Arm.CANDIDATE,
                        "v2",
                        Optional.of(Route.Scorer.BUILT_IN),
                        Optional.of(new Part("sums-v2-2", 0, 1, new Purpose.Serve()))));
        assertThat(new RouteHeaderReader().read(existing.get(0).headers()).route())
                .isEqualTo(new Route(
                        "sums",
                        Arm.EXISTING,
                        "v1",
                        Optional.of(Route.Scorer.BUILT_IN),
                        Optional.of(new Part("sums-v2-2", 0, 1, new Purpose.Serve()))));
    }

    @Test
    void routesEachDeploymentByItsOwnState() {
        state(States.serving(100_000));
        RolloutState other = RolloutState.newBuilder(States.withoutRollout())
                .setDeployment("products")
                .build();
        router.pipe(topics.rolloutState(), "products", other);
        send("key", "id-1", "sums");
        send("key", "id-1", "products");
        assertThat(router.read(topics.candidateRequests())).hasSize(1);
        assertThat(router.read(topics.existingRequests())).hasSize(1);
    }

    @Test
    void appliesEachChangeOfTheState() {
        state(States.mirroring(100_000));
        send("key", "id-1", "sums");
        state(States.mirroring(0));
        send("key", "id-2", "sums");
        assertThat(router.read(topics.candidateRequests())).hasSize(1);
        assertThat(router.read(topics.existingRequests())).hasSize(2);
    }

    @Test
    void keepsThePreviousRoutesWhenAStateCannotBeRead() {
        state(States.mirroring(100_000));
        send("key", "id-1", "sums");
        router.pipe(topics.rolloutState(), "sums", "garbage".getBytes(UTF_8));
        send("key", "id-2", "sums");
        assertThat(router.read(topics.candidateRequests())).hasSize(2);
        assertThat(router.count(Metric.UNREADABLE_STATES)).isEqualTo(1);
    }

    @Test
    void servesARequestWithoutAKeyOutsideTheRollout() {
        state(States.mirroring(100_000));
        router.pipe(topics.predictionRequests(), null, encode("id-1", "sums"));
        assertThat(router.read(topics.existingRequests())).hasSize(1);
        assertThat(router.read(topics.candidateRequests())).isEmpty();
        assertThat(router.count(Metric.KEYLESS)).isEqualTo(1);
    }

    @Test
    void answersARequestForAnUnknownDeployment() {
        send("key", "id-1", "sums");
        Prediction answer = answer();
        assertThat(answer.getRequestId()).isEqualTo("id-1");
        assertThat(answer.getStatus()).isEqualTo(PredictionStatus.REJECTED);
        assertThat(answer.getError()).isEqualTo("there is no deployment 'sums'");
        assertThat(router.read(topics.existingRequests())).isEmpty();
        assertThat(router.count(Metric.REJECTED)).isEqualTo(1);
    }

    @Test
    void answersAnOversizedRequest() {
        state(States.withoutRollout());
        router.pipe(
                topics.predictionRequests(),
                "key",
                encode(request("big", "sums", Map.of("text", "x".repeat(MAX_BYTES)))));
        assertThat(answer().getError()).startsWith("the request has ").endsWith("; at most 2000 are allowed");
        assertThat(router.read(topics.existingRequests())).isEmpty();
    }

    @Test
    void answersARequestWithTooManyHeaders() throws Exception {
        start(List.of(), 1024 * 1024);
        state(States.withoutRollout());
        RecordHeaders headers = new RecordHeaders();
        for (int i = 0; i <= HeaderLimits.MAX_HEADERS; i++) {
            headers.add("", null);
        }
        router.pipe(
                topics.predictionRequests(),
                new TestRecord<>("key".getBytes(UTF_8), encode("id-1", "sums"), headers, NOW));
        assertThat(answer().getError()).isEqualTo("the request has 1001 headers; at most 1000 are allowed");
        assertThat(router.read(topics.existingRequests())).isEmpty();
    }

    @Test
    void deadLettersAnUnusableRecordWithReasonAndOriginAndContinues() {
        state(States.withoutRollout());
        byte[] garbage = "garbage".getBytes(UTF_8);
        router.pipe(topics.predictionRequests(), "key", garbage);
        send("key", "id-1", "sums");

        TestRecord<byte[], byte[]> deadLetter = router.only(topics.deadLetters());
        assertThat(deadLetter.value()).isEqualTo(garbage);
        assertThat(deadLetter.key()).isEqualTo("key".getBytes(UTF_8));
        assertThat(TopologyFixture.header(deadLetter, "understudy-reason")).isEqualTo("not-avro");
        assertThat(TopologyFixture.header(deadLetter, "understudy-role")).isEqualTo("router");
        assertThat(TopologyFixture.header(deadLetter, "understudy-origin-topic"))
                .isEqualTo("prediction-requests");
        assertThat(TopologyFixture.header(deadLetter, "understudy-origin-partition"))
                .isEqualTo("0");
        assertThat(TopologyFixture.header(deadLetter, "understudy-origin-offset"))
                .isEqualTo("0");
        assertThat(router.only(topics.existingRequests()).key()).isEqualTo("key".getBytes(UTF_8));
        assertThat(router.count(Metric.DEAD_LETTERS, "reason", "not-avro")).isEqualTo(1);
    }

    @Test
    void survivesExtremelyLongNamesAndKeys() {
        String tooLong = "x".repeat(1_000_000);
        send("key", "id-1", tooLong);
        send("key", tooLong, "sums");
        send(tooLong, "id-2", "sums");
        router.pipe(topics.predictionRequests(), tooLong, "garbage".getBytes(UTF_8));

        assertThat(answer().getError()).startsWith("the request has ");
        List<TestRecord<byte[], byte[]>> deadLetters = router.read(topics.deadLetters());
        assertThat(deadLetters)
                .extracting(record -> TopologyFixture.header(record, "understudy-reason"))
                .containsExactly("too-large", "too-large", "not-avro");
        assertThat(deadLetters)
                .allSatisfy(record -> assertThat(record.key().length + record.value().length)
                        .isLessThan(topics.deadLetters().maxMessageBytes()));
    }

    @Test
    void truncatesAnOversizedDeadLetter() {
        byte[] garbage = new byte[topics.deadLetters().maxMessageBytes()];
        Arrays.fill(garbage, (byte) 'x');
        router.pipe(topics.predictionRequests(), "key", garbage);
        TestRecord<byte[], byte[]> deadLetter = router.only(topics.deadLetters());
        assertThat(deadLetter.value()).hasSize(64 * 1024);
        assertThat(TopologyFixture.header(deadLetter, "understudy-truncated-from"))
                .isEqualTo(Integer.toString(garbage.length));
    }

    private void state(RolloutState state) {
        router.pipe(state);
    }

    private void send(String key, String id, String deployment) {
        router.pipe(topics.predictionRequests(), key, encode(id, deployment));
    }

    private byte[] encode(String id, String deployment) {
        return encode(request(id, deployment, Map.of("x", 1.0)));
    }

    private byte[] encode(PredictionRequest request) {
        return router.encode(topics.predictionRequests(), request);
    }

    private Prediction answer() {
        return router.onlyValue(topics.predictions(), Prediction.class);
    }
}
