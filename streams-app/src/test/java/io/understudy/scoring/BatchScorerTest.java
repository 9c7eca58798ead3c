package io.understudy.scoring;

import static io.understudy.testing.Installation.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;
import io.understudy.registry.Registry;
import io.understudy.schema.Arm;
import io.understudy.schema.Model;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionRequest;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutState;
import io.understudy.schema.ScorerKind;
import io.understudy.testing.InferenceServer;
import io.understudy.testing.ModelLimits;
import io.understudy.testing.OnnxFiles;
import io.understudy.testing.States;
import io.understudy.topics.Topics;
import io.understudy.wire.Route;
import io.understudy.wire.Route.Part;
import io.understudy.wire.Route.Purpose;
import io.understudy.wire.RouteHeader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchScorerTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Route MIRRORED = new Route(
            "sums",
            Arm.CANDIDATE,
            "v2",
            Optional.of(Route.Scorer.BUILT_IN),
            Optional.of(new Part("sums-v2-2", 0, 1, new Purpose.Mirror(Optional.of(60_000L)))));
    private static final Route SERVED = new Route(
            "sums",
            Arm.CANDIDATE,
            "v2",
            Optional.of(Route.Scorer.BUILT_IN),
            Optional.of(new Part("sums-v2-2", 0, 1, new Purpose.Serve())));

    private static final Instant RECEIVED_AT = NOW.minusSeconds(7200);

    private long offset;

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    private final Topics topics = new Topics("", 1024 * 1024);
    private final Registry registry = new Registry(new MockSchemaRegistryClient(), Map.of(), Duration.ZERO);
    private final SimpleMeterRegistry meterRegistry = new SimpleMeterRegistry();
    private final ScoringMeters meters = new ScoringMeters(new Meters(meterRegistry, "scorer"));
    private ModelLoader loader;
    private ModelCatalogue catalogue;

    @BeforeEach
    void prepare() {
        registry.register(topics);
        OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
        OnnxFiles.write(directory, "difference.onnx", OnnxFiles.difference());
        loader = new ModelLoader(ModelLimits.of(directory, Duration.ofSeconds(1), 1), meters);
        catalogue = new ModelCatalogue(loader);
        catalogue.update(States.mirroring(100_000));
    }

    @AfterEach
    void close() {
        catalogue.close();
        loader.close();
    }

    @Test
    void skipsAndCountsOldMirroredRequestsButNotServedOnes() throws Exception {
        List<Prediction> answers = score(
                Lane.CANDIDATE,
                List.of(
                        record("fresh", MIRRORED, NOW.minusSeconds(60)),
                        record("old", MIRRORED, NOW.minusSeconds(61)),
                        record("served", SERVED, NOW.minusSeconds(3600))));
        assertThat(answers).extracting(Prediction::getRequestId).containsExactlyInAnyOrder("fresh", "served");
        assertThat(meterRegistry
                        .counter(Metric.MIRRORS_SKIPPED.id(), "role", "scorer", "deployment", "sums")
                        .count())
                .isEqualTo(1);
    }

    @Test
    void anAnswerHasTheTimeOfItsRoutingAndTellsThatOfItsSender() throws Exception {
        ConsumerRecord<byte[], byte[]> request = record("served", SERVED, NOW.minusSeconds(1));
        assertThat(score(Lane.CANDIDATE, List.of(request))).singleElement().satisfies(answer -> {
            assertThat(answer.getReceivedAt()).isEqualTo(RECEIVED_AT);
            assertThat(answer.getRoutedAt()).isEqualTo(NOW.minusSeconds(1));
        });
        assertThat(output(Lane.CANDIDATE, List.of(request)))
                .singleElement()
                .satisfies(output -> assertThat(output.timestamp())
                        .isEqualTo(NOW.minusSeconds(1).toEpochMilli()));
    }

    @Test
    void skipsMirroredRequestsOfThePreviousRollout() throws Exception {
        RolloutState state = States.mirroring(100_000);
        catalogue.update(RolloutState.newBuilder(state)
                .setRollout(Rollout.newBuilder(state.getRollout())
                        .setId("sums-v2-4")
                        .build())
                .build());
        Route next = new Route(
                "sums",
                Arm.CANDIDATE,
                "v2",
                Optional.of(Route.Scorer.BUILT_IN),
                Optional.of(new Part("sums-v2-4", 0, 1, new Purpose.Mirror(Optional.of(60_000L)))));
        List<Prediction> answers =
                score(Lane.CANDIDATE, List.of(record("over", MIRRORED, NOW), record("next", next, NOW)));
        assertThat(answers).extracting(Prediction::getRequestId).containsExactly("next");
    }

    @Test
    void reportsThatTheExistingModelAnsweredInPlaceOfTheCandidate() throws Exception {
        Route fallback = new Route(
                "sums",
                Arm.EXISTING,
                "v1",
                Optional.of(Route.Scorer.BUILT_IN),
                Optional.of(new Part("sums-v2-2", 0, 1, new Purpose.Fallback(PredictionStatus.TIMEOUT))));
        Prediction answer =
                score(Lane.EXISTING, List.of(record("id", fallback, NOW))).get(0);
        assertThat(answer.getFallback()).isTrue();
        assertThat(answer.getFallbackStatus()).isEqualTo(PredictionStatus.TIMEOUT);
        assertThat(answer.getArm()).isEqualTo(Arm.EXISTING);
        assertThat(answer.getScore()).isEqualTo(3);
    }

    @Test
    void answersExactlyTheRequestsThatTheRouterGaveToTheBuiltInScorers() throws Exception {
        Route old = new Route("sums", Arm.EXISTING, "v1", Optional.empty(), Optional.empty());
        Route builtIn = new Route("sums", Arm.EXISTING, "v1", Optional.of(Route.Scorer.BUILT_IN), Optional.empty());
        Route external = new Route("sums", Arm.EXISTING, "v1", Optional.of(Route.Scorer.EXTERNAL), Optional.empty());
        List<ConsumerRecord<byte[], byte[]>> backlog =
                List.of(record("old", old, NOW), record("built-in", builtIn, NOW), record("external", external, NOW));
        assertThat(score(Lane.EXISTING, backlog))
                .extracting(Prediction::getRequestId)
                .containsExactlyInAnyOrder("old", "built-in");

        catalogue.update(withExternal(States.withoutRollout(), "v1"));
        assertThat(score(Lane.EXISTING, backlog))
                .as("the deployment is external now; its state says who answers the requests that do not say it")
                .singleElement()
                .satisfies(answer -> {
                    assertThat(answer.getRequestId()).isEqualTo("built-in");
                    assertThat(answer.getScore()).isEqualTo(3);
                });

        catalogue.update(withExternal(States.withoutRollout(), "v3"));
        assertThat(score(Lane.EXISTING, backlog))
                .as("another version is external now")
                .singleElement()
                .satisfies(answer -> assertThat(answer.getScore()).isEqualTo(3));
    }

    @Test
    void answersWithAnErrorInsteadOfNotAtAllIfTheBuiltInModelIsGone() throws Exception {
        catalogue = new ModelCatalogue(loader, Duration.ofMillis(10));
        catalogue.update(withExternal(States.withoutRollout(), "v3"));
        Route builtIn = new Route("sums", Arm.EXISTING, "v1", Optional.of(Route.Scorer.BUILT_IN), Optional.empty());
        assertThat(score(Lane.EXISTING, List.of(record("id", builtIn, NOW))))
                .singleElement()
                .satisfies(answer -> {
                    assertThat(answer.getStatus()).isEqualTo(PredictionStatus.ERROR);
                    assertThat(answer.getError()).startsWith("version 'v1', which was to answer, is not loaded here");
                });
    }

    @Test
    void aModelThatHangsOrIsStillLoadingDelaysNoOther() throws Exception {
        // Accepts connections but never answers.
        try (InferenceServer server = new InferenceServer();
                ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                BatchScorer scorer =
                        new BatchScorer(Lane.EXISTING, topics, registry, catalogue, meters, () -> NOW, 100, PATIENCE);
                MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest")) {
            server.hang();
            catalogue.update(onServer("hanging", server.url(), 60_000));
            catalogue.update(onServer("loading", "http://127.0.0.1:" + silent.getLocalPort(), 60_000));
            catalogue.find("hanging", "v1");
            LaneProgress progress = new LaneProgress(consumer);
            for (int round = 1; round <= 3; round++) {
                scorer.admit(
                        List.of(
                                record("hanging", route("hanging"), NOW),
                                record("loading", route("loading"), NOW),
                                record("prompt", route("sums"), NOW)),
                        progress);
                while (scorer.output().size() < round) {
                    scorer.awaitAny(Duration.ofSeconds(1));
                }
                assertThat(scorer.isFull()).isFalse();
            }
            assertThat(scorer.output())
                    .hasSize(3)
                    .extracting(record -> registry.decoder(topics.predictions(), Prediction.class)
                            .decode(record.value())
                            .getRequestId())
                    .containsOnly("prompt");
            assertThat(meterRegistry.get(Metric.REQUESTS_WAITING.id()).gauge().value())
                    .isEqualTo(6);
        }
    }

    private static Route route(String deployment) {
        return new Route(deployment, Arm.EXISTING, "v1", Optional.of(Route.Scorer.BUILT_IN), Optional.empty());
    }

    private static RolloutState onServer(String deployment, String url, long deadlineMillis) {
        return RolloutState.newBuilder(States.withoutRollout())
                .setDeployment(deployment)
                .setExisting(Model.newBuilder()
                        .setVersion("v1")
                        .setScorer(ScorerKind.OPEN_INFERENCE)
                        .setLocation(url)
                        .setModelName("sum")
                        .setDeadlineMs(deadlineMillis)
                        .build())
                .build();
    }

    private static RolloutState withExternal(RolloutState state, String version) {
        return RolloutState.newBuilder(state)
                .setExisting(Model.newBuilder()
                        .setVersion(version)
                        .setScorer(ScorerKind.EXTERNAL)
                        .build())
                .build();
    }

    private List<Prediction> score(Lane lane, List<ConsumerRecord<byte[], byte[]>> records) throws Exception {
        return output(lane, records).stream()
                .map(record -> registry.decoder(lane.predictions(topics), Prediction.class)
                        .decode(record.value()))
                .toList();
    }

    private List<ProducerRecord<byte[], byte[]>> output(Lane lane, List<ConsumerRecord<byte[], byte[]>> records)
            throws Exception {
        try (BatchScorer scorer = new BatchScorer(lane, topics, registry, catalogue, meters, () -> NOW, 100, PATIENCE);
                MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest")) {
            scorer.admit(records, new LaneProgress(consumer));
            while (!scorer.isIdle()) {
                scorer.awaitAny(Duration.ofSeconds(1));
            }
            return scorer.output();
        }
    }

    private ConsumerRecord<byte[], byte[]> record(String id, Route route, Instant routedAt) {
        return new ConsumerRecord<>(
                topics.candidateRequests().name(),
                0,
                offset++,
                routedAt.toEpochMilli(),
                TimestampType.CREATE_TIME,
                0,
                0,
                "key".getBytes(UTF_8),
                registry.<PredictionRequest>encoder(topics.predictionRequests())
                        .encode(request(id, "sums", Map.of("x", 1.0, "y", 2.0))),
                new RouteHeader(route)
                        .stamp(
                                new RecordHeaders(),
                                RouteHeader.encodeTimes(RECEIVED_AT.toEpochMilli(), routedAt.toEpochMilli())),
                Optional.empty());
    }
}
