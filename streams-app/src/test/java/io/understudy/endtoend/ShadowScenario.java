package io.understudy.endtoend;

import static io.understudy.testing.Installation.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.understudy.registry.Decoder;
import io.understudy.registry.Encoder;
import io.understudy.schema.Arm;
import io.understudy.schema.MetricEvaluation;
import io.understudy.schema.Outcome;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionRequest;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutVerb;
import io.understudy.testing.Installation;
import io.understudy.testing.OnnxFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A shadow rollout from start to abort. Runs on any broker and registry. */
final class ShadowScenario {

    static final String EXISTING = """
            deployment: sums
            existing: {version: v1, scorer: {kind: onnx, model: sum.onnx}}
            """;

    static final String CANDIDATE = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: onnx, model: difference.onnx}}
            window: 1s
            metrics:
              - {name: error, kind: absolute-error, role: success, mde: 0.5}
            stages:
              - {kind: shadow, mirror: 100%}
            """;

    private static final int REQUESTS = 300;

    private final Installation installation;
    private int probes;
    private int late;

    ShadowScenario(Installation installation, Path directory) {
        this.installation = installation;
        OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
        OnnxFiles.write(directory, "difference.onnx", OnnxFiles.difference());
    }

    void play() throws Exception {
        deployAndStart();
        sendValidAndInvalidRequests();
        assertExistingModelAnswersEveryRequestOnce();
        assertCandidateAnswersAreNotServed();
        assertDeadLetters();
        assertBothModelsAreJudgedByTheOutcomes();
        assertCandidateReceivesNothingAfterAnAbort();
    }

    private void deployAndStart() throws Exception {
        RolloutEvent deployed = installation.command(RolloutVerb.DEPLOY, "sums", EXISTING);
        assertThat(deployed.getType()).as(deployed.getReason()).isEqualTo(RolloutEventType.DEPLOYED);
        RolloutEvent started = installation.command(RolloutVerb.START, "sums", CANDIDATE);
        assertThat(started.getType()).as(started.getReason()).isEqualTo(RolloutEventType.READY);
        assertThat(started.getState().getRollout().getMirror()).isEqualTo(100_000);
        awaitMirroring();
    }

    /** Waits until the router mirrors, because its global table may lag behind the acknowledged state. */
    private void awaitMirroring() {
        await("mirroring").atMost(Duration.ofSeconds(60)).until(() -> {
            send("probe", request("probe-" + probes++, "sums", Map.of("x", 0.0, "y", 0.0)));
            installation.flush();
            installation.predictions(installation.topics().predictions(), probes);
            return mirrored() > 0;
        });
    }

    private void sendValidAndInvalidRequests() {
        for (int i = 0; i < REQUESTS; i++) {
            send("key-" + i % 50, request("good-" + i, "sums", Map.of("x", (double) i, "y", 1.0)));
        }
        send("key", request("no-such-deployment", "products", Map.of()));
        send("key", request("no-deployment", "", Map.of()));
        send("key", request("", "sums", Map.of("x", 1.0, "y", 1.0)));
        send("key", request("missing", "sums", Map.of("x", 1.0)));
        Map<String, Object> nullFeature = new HashMap<>(Map.of("x", 1.0));
        nullFeature.put("y", null);
        send("key", request("null-feature", "sums", nullFeature));
        send("key", request("wrong-type", "sums", Map.of("x", 1.0, "y", "one")));
        send("key", request("nan", "sums", Map.of("x", 1.0, "y", Double.NaN)));
        send(null, request("keyless", "sums", Map.of("x", 1.0, "y", 1.0)));
        byte[] truncated = installation.encode(request("truncated", "sums", Map.of("x", 1.0, "y", 1.0)));
        raw("key", Arrays.copyOf(truncated, truncated.length - 3));
        raw("key", null);
        raw("key", "{\"request_id\": \"json\"}".getBytes(UTF_8));
        raw("key", new byte[] {0, 0x7f, 0, 0, 1, 2, 3});
        raw("key", new byte[0]);
        installation.flush();
    }

    private void send(String key, PredictionRequest request) {
        raw(key, installation.encode(request));
    }

    private void raw(String key, byte[] value) {
        installation.send(installation.topics().predictionRequests(), key, value);
    }

    private void assertExistingModelAnswersEveryRequestOnce() {
        Map<String, List<Prediction>> byId = withoutProbes(
                        installation.predictions(installation.topics().predictions(), REQUESTS + 8 + probes))
                .collect(Collectors.groupingBy(Prediction::getRequestId));
        assertThat(byId)
                .hasSize(REQUESTS + 8)
                .allSatisfy((id, predictions) -> assertThat(predictions).hasSize(1));
        for (int i = 0; i < REQUESTS; i++) {
            Prediction prediction = byId.get("good-" + i).get(0);
            assertThat(prediction.getStatus()).isEqualTo(PredictionStatus.OK);
            assertThat(prediction.getScore()).isEqualTo(i + 1.0);
            assertThat(prediction.getArm()).isEqualTo(Arm.EXISTING);
            assertThat(prediction.getModelVersion()).isEqualTo("v1");
            assertThat(prediction.getRoutedAt()).isNotNull();
            assertThat(prediction.getScoredAt()).isNotNull();
        }
        assertThat(byId.get("keyless").get(0).getScore()).isEqualTo(2.0);
        assertRejected(byId, "no-such-deployment", "there is no deployment 'products'");
        assertRejected(byId, "no-deployment", "deployment is empty");
        assertRejected(byId, "missing", "feature 'y' is missing; the model reads x, y");
        assertRejected(byId, "null-feature", "feature 'y' is missing");
        assertRejected(byId, "wrong-type", "feature 'y' is a string; it must be a number");
        assertRejected(byId, "nan", "feature 'y' is NaN; it must be finite");
        assertRejected(byId, "truncated", "the request cannot be read");
    }

    private static Stream<Prediction> withoutProbes(List<Prediction> predictions) {
        return predictions.stream()
                .filter(prediction -> !prediction.getRequestId().startsWith("probe-"));
    }

    private static void assertRejected(Map<String, List<Prediction>> byId, String id, String why) {
        Prediction prediction = byId.get(id).get(0);
        assertThat(prediction.getStatus()).as(id).isEqualTo(PredictionStatus.REJECTED);
        assertThat(prediction.getError()).as(id).startsWith(why);
    }

    private void assertCandidateAnswersAreNotServed() {
        Map<String, List<Prediction>> byId = withoutProbes(
                        installation.predictions(installation.topics().candidatePredictions(), REQUESTS + 6))
                .collect(Collectors.groupingBy(Prediction::getRequestId));
        assertThat(byId)
                .as("every request with a key that reached the existing model")
                .hasSize(REQUESTS + 5)
                .allSatisfy((id, predictions) -> assertThat(predictions).hasSize(1))
                .doesNotContainKey("keyless");
        for (int i = 0; i < REQUESTS; i++) {
            Prediction prediction = byId.get("good-" + i).get(0);
            assertThat(prediction.getScore()).isEqualTo(i - 1.0);
            assertThat(prediction.getArm()).isEqualTo(Arm.CANDIDATE);
            assertThat(prediction.getMirrored()).isTrue();
            assertThat(prediction.getModelVersion()).isEqualTo("v2");
            assertThat(prediction.getRollout()).startsWith("sums-v2-");
            assertThat(prediction.getStage()).isZero();
            assertThat(prediction.getEpoch()).isEqualTo(1);
        }
        assertThat(installation.predictions(installation.topics().predictions(), 1))
                .as("no answer of the candidate is served")
                .noneMatch(prediction -> prediction.getArm() == Arm.CANDIDATE);
    }

    private void assertDeadLetters() {
        List<ConsumerRecord<byte[], byte[]>> deadLetters =
                installation.read(installation.topics().deadLetters(), 5);
        assertThat(deadLetters.stream().map(record -> header(record, "understudy-reason")))
                .containsExactlyInAnyOrder("empty-request-id", "null-value", "not-avro", "unknown-schema", "not-avro");
        assertThat(deadLetters).allSatisfy(record -> {
            assertThat(header(record, "understudy-origin-topic"))
                    .isEqualTo(installation.topics().predictionRequests().name());
            assertThat(header(record, "understudy-origin-offset")).isNotBlank();
            assertThat(header(record, "understudy-detail")).isNotBlank();
        });
    }

    /** The outcome is x. The existing model predicts x + 1, the candidate x - 1. */
    private void assertBothModelsAreJudgedByTheOutcomes() {
        Encoder<Outcome> encoder =
                installation.registry().encoder(installation.topics().outcomes());
        for (int i = 0; i < REQUESTS; i++) {
            Outcome outcome = Outcome.newBuilder()
                    .setRequestId("good-" + i)
                    .setDeployment("sums")
                    .setName("truth")
                    .setValue((double) i)
                    .setObservedAt(Instant.now())
                    .build();
            installation.send(installation.topics().outcomes(), "key-" + i % 50, encoder.encode(outcome));
        }
        installation.flush();
        Decoder<RolloutEvaluation> decoder =
                installation.registry().decoder(installation.topics().rolloutEvaluations(), RolloutEvaluation.class);
        await("an evaluation of every outcome")
                .atMost(Duration.ofSeconds(60))
                .until(() -> installation.read(installation.topics().rolloutEvaluations(), 0).stream()
                        .map(record -> decoder.decode(record.value()))
                        .anyMatch(evaluation ->
                                coversAllRequests(evaluation.getMetrics().get(0))));
    }

    private static boolean coversAllRequests(MetricEvaluation error) {
        return error.getExisting().getUnits() == REQUESTS
                && error.getCandidate().getUnits() == REQUESTS
                && error.getExisting().getEstimate() == 1
                && error.getCandidate().getEstimate() == 1;
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }

    private void assertCandidateReceivesNothingAfterAnAbort() throws Exception {
        RolloutEvent aborted = installation.command(RolloutVerb.ABORT, "sums", null);
        assertThat(aborted.getType()).isEqualTo(RolloutEventType.ABORTED);
        // Requests that are already in progress may still be mirrored. After some time, no request is.
        await("an end of mirroring").atMost(Duration.ofSeconds(60)).until(() -> {
            int before = mirrored();
            int served = installation
                    .predictions(installation.topics().predictions(), 1)
                    .size();
            for (int i = 0; i < 3; i++) {
                send("key", request("late-" + late++, "sums", Map.of("x", 1.0, "y", 1.0)));
            }
            installation.flush();
            installation.predictions(installation.topics().predictions(), served + 3);
            return mirrored() == before;
        });
    }

    private int mirrored() {
        return installation.read(installation.topics().candidateRequests(), 0).size();
    }
}
