package io.understudy.endtoend;

import static io.understudy.testing.Installation.request;
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

/** Requests near the size limit, which the guard must store like all others. */
class LargeRequestIT {

    private static final int REQUESTS = 12;

    @TempDir
    Path directory;

    @Test
    void requestsUpToTheLimitAreSentToTheCandidateAndEachIsAnswered() throws Exception {
        try (Installation installation = Installation.onSharedStack(
                directory, "requests.max-bytes", "2097152", "kafka.max.request.size", "4194304")) {
            OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
            Node node = installation.startNode();
            installation.command(RolloutVerb.DEPLOY, "sums", ShadowScenario.EXISTING);
            RolloutEvent started = installation.command(Installation.newCommand(RolloutVerb.START, "sums", """
                            deployment: sums
                            candidate: {version: v2, scorer: {kind: external}}
                            stages: [{kind: canary, share: 100%}]
                            fallback: {deadline: 3s, breaker: none}
                            """)
                    .setForce(true)
                    .build());
            node.awaitRouting("sums", started.getStateVersion(), Duration.ofSeconds(30));
            for (int i = 0; i < REQUESTS; i++) {
                // A small and a large request alternately. Together they exceed the maximum size of a record.
                String padding = "x".repeat(i % 2 == 0 ? 100_000 : 2_000_000);
                installation
                        .send(
                                installation.topics().predictionRequests(),
                                "key",
                                installation.encode(
                                        request("id-" + i, "sums", Map.of("x", 1.0, "y", 1.0, "padding", padding))))
                        .get();
            }
            assertThat(installation.predictions(installation.topics().predictions(), REQUESTS))
                    .hasSize(REQUESTS)
                    .allMatch(Prediction::getFallback)
                    .extracting(Prediction::getScore)
                    .containsOnly(2.0);
        }
    }
}
