package io.understudy.endtoend;

import static io.understudy.testing.Installation.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.runtime.Node;
import io.understudy.schema.Prediction;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutVerb;
import io.understudy.testing.Installation;
import io.understudy.testing.OnnxFiles;
import io.understudy.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamedLaneIT {

    private static final int REQUESTS = 20;

    private static final String EXISTING = """
            deployment: sums
            existing: {version: v1, lane: fraud, scorer: {kind: onnx, model: sum.onnx}}
            """;

    private static final String CANDIDATE = """
            deployment: sums
            candidate: {version: v2, lane: heavy, scorer: {kind: onnx, model: difference.onnx}}
            stages: [{kind: shadow}]
            """;

    @TempDir
    Path directory;

    @Test
    void modelsAreServedInTheLanesThatTheyNameAndAPromotedOneKeepsItsLane() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory, "lanes", "fraud,heavy")) {
            OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
            OnnxFiles.write(directory, "difference.onnx", OnnxFiles.difference());
            Topics topics = installation.topics();
            Node node = installation.startNode("router,controller,scorer");
            await(node, installation.command(RolloutVerb.DEPLOY, "sums", EXISTING));
            await(node, installation.command(RolloutVerb.START, "sums", CANDIDATE));
            send(installation, "shadow");
            assertThat(installation.predictions(topics.predictions(), REQUESTS))
                    .hasSize(REQUESTS)
                    .extracting(Prediction::getScore)
                    .containsOnly(3.0);
            assertThat(installation.predictions(topics.candidatePredictions(), REQUESTS))
                    .hasSize(REQUESTS)
                    .extracting(Prediction::getScore)
                    .containsOnly(-1.0);
            assertThat(installation.read(topics.existingRequests(Optional.of("fraud")), REQUESTS))
                    .hasSize(REQUESTS);
            assertThat(installation.read(topics.candidateRequests(Optional.of("heavy")), REQUESTS))
                    .hasSize(REQUESTS);

            await(node, installation.command(RolloutVerb.PROMOTE, "sums", null));
            send(installation, "promoted");
            assertThat(installation.predictions(topics.predictions(), 2 * REQUESTS))
                    .hasSize(2 * REQUESTS)
                    .filteredOn(answer -> answer.getRequestId().startsWith("promoted"))
                    .extracting(Prediction::getScore)
                    .containsOnly(-1.0);
            assertThat(installation.read(topics.existingRequests(Optional.of("heavy")), REQUESTS))
                    .hasSize(REQUESTS);
            assertThat(installation.read(topics.existingRequests(), 0)).isEmpty();
            assertThat(installation.read(topics.candidateRequests(), 0)).isEmpty();
        }
    }

    private static void await(Node node, RolloutEvent event) throws Exception {
        node.awaitRouting("sums", event.getStateVersion(), Duration.ofSeconds(30));
    }

    private static void send(Installation installation, String prefix) {
        for (int i = 0; i < REQUESTS; i++) {
            installation.send(
                    installation.topics().predictionRequests(),
                    "key-" + i,
                    installation.encode(request(prefix + "-" + i, "sums", Map.of("x", 1.0, "y", 2.0))));
        }
        installation.flush();
    }
}
