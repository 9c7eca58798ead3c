package io.understudy.endtoend;

import static io.understudy.testing.Installation.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.understudy.readiness.ReadinessWriter;
import io.understudy.reason.ReasonCode;
import io.understudy.runtime.Node;
import io.understudy.schema.ModelReadiness;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.ReadinessStatus;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.RolloutVerb;
import io.understudy.testing.Installation;
import io.understudy.testing.OnnxFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No model gets requests that nobody answers, on a real broker. */
class ReadinessIT {

    private static final int REQUESTS = 60;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private static final String EXTERNAL = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: external}}
            stages: [{kind: shadow}]
            policies: {readiness: 2s}
            """;

    @TempDir
    Path directory;

    @TempDir
    Path otherDirectory;

    private int sent;

    @Test
    void anExternalCandidateGetsNothingBeforeAProgramServesItInThatLane() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory);
                ReadinessWriter program = new ReadinessWriter(
                        installation.topics().modelReadiness(), installation.registry(), installation.kafka())) {
            OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
            Node node = installation.startNode();
            installation.command(RolloutVerb.DEPLOY, "sums", ShadowScenario.EXISTING);

            RolloutEvent held = installation.command(RolloutVerb.START, "sums", EXTERNAL);
            assertNobodyIsReady(held);
            send(installation);
            assertThat(installation.predictions(installation.topics().predictions(), sent))
                    .extracting(Prediction::getStatus)
                    .containsOnly(PredictionStatus.OK);
            assertThat(installation.read(installation.topics().candidateRequests(), 0))
                    .isEmpty();

            program.say(readiness("candidate"));
            RolloutEvent ready = installation.command(RolloutVerb.RETRY, "sums", null);
            assertThat(ready.getType()).isEqualTo(RolloutEventType.READY);
            node.awaitRouting("sums", ready.getStateVersion(), TIMEOUT);
            send(installation);
            installation.read(installation.topics().candidateRequests(), REQUESTS);

            assertNobodyIsReady(installation.command(RolloutVerb.PROMOTE, "sums", null));
            assertThat(installation.state("sums").getExisting().getVersion()).isEqualTo("v1");
            program.say(readiness("existing"));
            RolloutEvent promoted = installation.command(RolloutVerb.PROMOTE, "sums", null);
            assertThat(promoted.getType()).as(promoted.getReason()).isEqualTo(RolloutEventType.PROMOTED);
            assertThat(promoted.getCode()).isEqualTo(ReasonCode.OPERATOR_COMMAND.name());
        }
    }

    private static void assertNobodyIsReady(RolloutEvent held) {
        assertThat(held.getType()).as(held.getReason()).isEqualTo(RolloutEventType.HELD);
        assertThat(held.getCode()).isEqualTo(ReasonCode.MODEL_NOT_READY.name());
        assertThat(held.getReason()).contains("no program says that it serves it");
    }

    private static ModelReadiness readiness(String lane) {
        return ModelReadiness.newBuilder()
                .setInstance("a program")
                .setLane(lane)
                .setDeployment("sums")
                .setVersion("v2")
                .setStatus(ReadinessStatus.READY)
                .setAt(Instant.now())
                .build();
    }

    @Test
    void aNodeWithoutTheModelsFileStopsARolloutAndJoinsNoLaneThatAnotherServes() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory)) {
            OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
            OnnxFiles.write(directory, "difference.onnx", OnnxFiles.difference());
            installation.startNode();
            installation.command(RolloutVerb.DEPLOY, "sums", ShadowScenario.EXISTING);

            Node cold = installation.startNode("scorer", "models.directory", otherDirectory.toString());
            await("the new node waits")
                    .atMost(TIMEOUT)
                    .until(() -> cold.roles().get(0).detail().contains("sum.onnx does not exist"));
            send(installation);
            assertThat(installation.predictions(installation.topics().predictions(), sent))
                    .extracting(Prediction::getStatus)
                    .as("the first node answers all")
                    .containsOnly(PredictionStatus.OK);

            RolloutEvent held = installation.command(
                    RolloutVerb.START, "sums", ShadowScenario.CANDIDATE + "policies: {readiness: 5s}\n");
            assertThat(held.getType()).as(held.getReason()).isEqualTo(RolloutEventType.HELD);
            assertThat(held.getReason()).contains("node-1 is FAILED", "difference.onnx does not exist");
            assertThat(installation.state("sums").getRollout().getStatus()).isEqualTo(RolloutStatus.HELD);

            for (String file : new String[] {"sum.onnx", "difference.onnx"}) {
                Files.copy(directory.resolve(file), otherDirectory.resolve(file));
            }
            await("the new node takes part")
                    .atMost(TIMEOUT)
                    .until(() -> cold.roles().stream().allMatch(check -> check.passes()));
            RolloutEvent ready = installation.command(RolloutVerb.RETRY, "sums", null);
            assertThat(ready.getType()).as(ready.getReason()).isEqualTo(RolloutEventType.READY);
            send(installation);
            assertThat(installation.predictions(installation.topics().predictions(), sent))
                    .extracting(Prediction::getStatus)
                    .containsOnly(PredictionStatus.OK);
        }
    }

    private void send(Installation installation) {
        for (int i = 0; i < REQUESTS; i++, sent++) {
            installation.send(
                    installation.topics().predictionRequests(),
                    "key-" + sent,
                    installation.encode(request("id-" + sent, "sums", Map.of("x", (double) i, "y", 1.0))));
        }
        installation.flush();
    }
}
