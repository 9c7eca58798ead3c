package io.understudy.endtoend;

import static io.understudy.testing.Installation.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.runtime.Node;
import io.understudy.schema.Prediction;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutVerb;
import io.understudy.testing.Installation;
import io.understudy.testing.OnnxFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HandoverIT {

    private static final int BATCH = 300;

    @TempDir
    Path directory;

    @Test
    void answersEveryRequestOnceWhileNodesJoinAndLeave() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory)) {
            OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
            OnnxFiles.write(directory, "difference.onnx", OnnxFiles.difference());
            Node first = installation.startNode();
            installation.command(RolloutVerb.DEPLOY, "sums", ShadowScenario.EXISTING);
            RolloutEvent started = installation.command(RolloutVerb.START, "sums", ShadowScenario.CANDIDATE);
            first.awaitRouting("sums", started.getStateVersion(), Duration.ofSeconds(30));

            send(installation, "one node");
            installation.startNode();
            send(installation, "two nodes");
            first.close();
            send(installation, "the other node");

            assertThat(installation.predictions(installation.topics().predictions(), 3 * BATCH))
                    .extracting(Prediction::getRequestId)
                    .hasSize(3 * BATCH)
                    .doesNotHaveDuplicates();
            assertThat(installation.read(installation.topics().predictions(), 3 * BATCH))
                    .as("answers stay in the partitions of their requests")
                    .allMatch(record -> record.partition() == keyNumber(record.key()) % 3);
            assertThat(installation.predictions(installation.topics().candidatePredictions(), 3 * BATCH))
                    .extracting(Prediction::getRequestId)
                    .hasSize(3 * BATCH)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void waitingRequestsMoveToAnotherNodeWithTheirPartition() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory)) {
            OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
            Node first = installation.startNode();
            installation.command(RolloutVerb.DEPLOY, "sums", ShadowScenario.EXISTING);
            RolloutEvent started = installation.command(Installation.newCommand(RolloutVerb.START, "sums", """
                            deployment: sums
                            candidate: {version: v2, scorer: {kind: external}}
                            stages: [{kind: canary, share: 50%}]
                            fallback: {deadline: 10s, breaker: none}
                            """)
                    .setForce(true)
                    .build());
            first.awaitRouting("sums", started.getStateVersion(), Duration.ofSeconds(30));
            // No program serves the candidate's lane, so the node that takes over the partitions must know the waiting
            // requests.
            send(installation, "waiting");
            installation.read(installation.topics().candidateRequests(), BATCH / 3);
            installation.startNode();
            first.close();
            send(installation, "after");

            var predictions = installation.predictions(installation.topics().predictions(), 2 * BATCH);
            assertThat(predictions)
                    .extracting(Prediction::getRequestId)
                    .hasSize(2 * BATCH)
                    .doesNotHaveDuplicates();
            assertThat(predictions)
                    .filteredOn(prediction -> prediction.getRequestId().startsWith("waiting"))
                    .filteredOn(Prediction::getFallback)
                    .as("about half of the requests were assigned to the candidate")
                    .hasSizeBetween(BATCH / 3, 2 * BATCH / 3);
        }
    }

    private static int keyNumber(byte[] key) {
        return Integer.parseInt(new String(key, UTF_8).substring("key-".length()));
    }

    private static void send(Installation installation, String name) {
        for (int i = 0; i < BATCH; i++) {
            // Upstream uses another partitioner.
            installation.send(
                    installation.topics().predictionRequests(),
                    i % 3,
                    "key-" + i,
                    installation.encode(request(name + " " + i, "sums", Map.of("x", 1.0, "y", 1.0))));
        }
        installation.flush();
    }
}
