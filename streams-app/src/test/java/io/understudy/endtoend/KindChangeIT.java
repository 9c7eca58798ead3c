package io.understudy.endtoend;

import static io.understudy.testing.Installation.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.registry.Encoder;
import io.understudy.runtime.Node;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutVerb;
import io.understudy.testing.Installation;
import io.understudy.testing.OnnxFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A deployment changes between a built-in and an external model while its lane has a backlog. */
class KindChangeIT {

    private static final int REQUESTS = 50;
    private static final String BUILT_IN = "{kind: onnx, model: sum.onnx}";
    private static final String EXTERNAL = "{kind: external}";

    @TempDir
    Path directory;

    @Test
    void aBacklogOfABuiltInModelIsAnsweredOnceAfterTheDeploymentHasBecomeExternal() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory)) {
            Node node = prepare(installation);
            deploy(installation, node, "v1", BUILT_IN);
            send(installation, "to-built-in");
            deploy(installation, node, "v2", EXTERNAL);
            send(installation, "to-external");
            installation.read(installation.topics().existingRequests(), 2 * REQUESTS);

            installation.startNode("scorer");
            answerAsExternalProgram(installation, "v2");
            checkAnswers(installation);
        }
    }

    @Test
    void aBacklogOfAnExternalModelIsAnsweredOnceAfterTheDeploymentHasBecomeBuiltIn() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory)) {
            Node node = prepare(installation);
            deploy(installation, node, "v1", EXTERNAL);
            send(installation, "to-external");
            deploy(installation, node, "v2", BUILT_IN);
            send(installation, "to-built-in");
            installation.read(installation.topics().existingRequests(), 2 * REQUESTS);

            installation.startNode("scorer");
            answerAsExternalProgram(installation, "v1");
            checkAnswers(installation);
        }
    }

    /** Each request has one answer, from whom it was routed to. */
    private static void checkAnswers(Installation installation) {
        List<Prediction> answers =
                installation.predictions(installation.topics().predictions(), 2 * REQUESTS);
        assertThat(answers).extracting(Prediction::getRequestId).doesNotHaveDuplicates();
        assertThat(answers)
                .hasSize(2 * REQUESTS)
                .allSatisfy(answer -> assertThat(answer.getScore())
                        .isEqualTo(answer.getRequestId().startsWith("to-built-in") ? 2 : 42));
    }

    private Node prepare(Installation installation) {
        OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
        return installation.startNode("router,controller");
    }

    private static void deploy(Installation installation, Node node, String version, String scorer) throws Exception {
        RolloutEvent deployed = installation.command(
                RolloutVerb.DEPLOY,
                "sums",
                String.format(Locale.ROOT, "deployment: sums%nexisting: {version: %s, scorer: %s}%n", version, scorer));
        node.awaitRouting("sums", deployed.getStateVersion(), Duration.ofSeconds(30));
    }

    /** Sends requests and waits until they are in the lane. */
    private static void send(Installation installation, String prefix) {
        int before =
                installation.read(installation.topics().existingRequests(), 0).size();
        for (int i = 0; i < REQUESTS; i++) {
            String id = prefix + "-" + i;
            installation.send(
                    installation.topics().predictionRequests(),
                    id,
                    installation.encode(request(id, "sums", Map.of("x", 1.0, "y", 1.0))));
        }
        installation.flush();
        installation.read(installation.topics().existingRequests(), before + REQUESTS);
    }

    /** The external program: it goes by the header alone. */
    private static void answerAsExternalProgram(Installation installation, String version) {
        Encoder<Prediction> encoder =
                installation.registry().encoder(installation.topics().predictions());
        for (ConsumerRecord<byte[], byte[]> record :
                installation.read(installation.topics().existingRequests(), 2 * REQUESTS)) {
            String route =
                    new String(record.headers().lastHeader("understudy-route").value(), UTF_8);
            if (!route.contains(";version=" + version + ";scorer=external;")) {
                continue;
            }
            String id = new String(record.key(), UTF_8);
            installation.send(
                    installation.topics().predictions(),
                    record.partition(),
                    id,
                    encoder.encode(Prediction.newBuilder()
                            .setRequestId(id)
                            .setDeployment("sums")
                            .setModelVersion(version)
                            .setStatus(PredictionStatus.OK)
                            .setScore(42.0)
                            .setReceivedAt(Instant.ofEpochMilli(record.timestamp()))
                            .build()));
        }
        installation.flush();
    }
}
