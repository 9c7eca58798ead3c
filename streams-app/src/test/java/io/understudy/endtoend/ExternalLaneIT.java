package io.understudy.endtoend;

import static io.understudy.testing.Installation.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.understudy.metrics.Metric;
import io.understudy.registry.Encoder;
import io.understudy.runtime.Node;
import io.understudy.schema.Arm;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutVerb;
import io.understudy.testing.Installation;
import io.understudy.testing.OnnxFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExternalLaneIT {

    private static final int REQUESTS = 20;

    private static final String CANDIDATE = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: external}}
            stages: [{kind: shadow}]
            """;

    @TempDir
    Path directory;

    @Test
    void anExternalProgramServesTheLaneOfACandidateWithOnlyTheHeaderAndTheSchema() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory)) {
            OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
            Node node = installation.startNode();
            installation.command(RolloutVerb.DEPLOY, "sums", ShadowScenario.EXISTING);
            RolloutEvent started = installation.command(Installation.newCommand(RolloutVerb.START, "sums", CANDIDATE)
                    .setForce(true)
                    .build());
            node.awaitRouting("sums", started.getStateVersion(), Duration.ofSeconds(30));
            for (int i = 0; i < REQUESTS; i++) {
                installation.send(
                        installation.topics().predictionRequests(),
                        "key-" + i,
                        installation.encode(request("id-" + i, "sums", Map.of("x", 1.0, "y", 1.0))));
            }

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> node.meters()
                                    .counter(Metric.EXTERNAL_REQUESTS.id(), "role", "scorer", "deployment", "sums")
                                    .count()
                            == REQUESTS);
            for (ConsumerRecord<byte[], byte[]> record :
                    installation.read(installation.topics().candidateRequests(), REQUESTS)) {
                answer(installation, record);
            }
            installation.flush();

            assertThat(installation.predictions(installation.topics().candidatePredictions(), REQUESTS))
                    .hasSize(REQUESTS)
                    .extracting(Prediction::getScore)
                    .containsOnly(42.0);
            assertThat(installation.predictions(installation.topics().predictions(), REQUESTS))
                    .hasSize(REQUESTS)
                    .extracting(Prediction::getScore)
                    .containsOnly(2.0);
        }
    }

    /** The external program. It serves version v2 of the deployment sums. */
    private static void answer(Installation installation, ConsumerRecord<byte[], byte[]> record) {
        String route =
                new String(record.headers().lastHeader("understudy-route").value(), UTF_8);
        assertThat(route).startsWith("deployment=sums;arm=CANDIDATE;version=v2;");
        Encoder<Prediction> encoder =
                installation.registry().encoder(installation.topics().candidatePredictions());
        Prediction prediction = Prediction.newBuilder()
                .setRequestId(new String(record.key(), UTF_8).replace("key", "id"))
                .setDeployment("sums")
                .setModelVersion("v2")
                .setArm(Arm.CANDIDATE)
                .setMirrored(true)
                .setStatus(PredictionStatus.OK)
                .setScore(42.0)
                .setReceivedAt(Instant.ofEpochMilli(record.timestamp()))
                .build();
        installation.send(
                installation.topics().candidatePredictions(),
                record.partition(),
                new String(record.key(), UTF_8),
                encoder.encode(prediction));
    }
}
