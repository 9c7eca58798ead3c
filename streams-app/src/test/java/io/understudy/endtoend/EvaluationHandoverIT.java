package io.understudy.endtoend;

import static io.understudy.testing.Installation.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.understudy.registry.Decoder;
import io.understudy.runtime.Node;
import io.understudy.schema.MetricEvaluation;
import io.understudy.schema.Outcome;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutVerb;
import io.understudy.testing.Installation;
import io.understudy.testing.OnnxFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests what a test driver hides: commits, restored state, standbys, several partitions and the repartition topic. */
class EvaluationHandoverIT {

    private static final int BATCH = 400;

    private static final String JUDGED = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: onnx, model: difference.onnx}}
            window: 1s
            metrics:
              - {name: error, kind: absolute-error, role: success, mde: 0.5}
              - {name: failures, kind: error-rate, role: guardrail, margin: 2}
            stages: [{kind: shadow, require: superiority}]
            """;

    @TempDir
    Path directory;

    @Test
    void countsEveryRecordOnceWhileNodesJoinAndLeave() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory, "evaluator.startup-ms", "3000")) {
            OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
            OnnxFiles.write(directory, "difference.onnx", OnnxFiles.difference());
            Node first = installation.startNode();
            installation.command(RolloutVerb.DEPLOY, "sums", ShadowScenario.EXISTING);
            RolloutEvent started = installation.command(RolloutVerb.START, "sums", JUDGED);
            assertThat(started.getType()).as(started.getReason()).isEqualTo(RolloutEventType.READY);
            first.awaitRouting("sums", started.getStateVersion(), Duration.ofSeconds(30));

            sendRequests(installation, "one node");
            installation.startNode();
            sendRequests(installation, "two nodes");
            sendOutcomes(installation, "one node");
            first.close();
            sendRequests(installation, "the other node");
            sendOutcomes(installation, "two nodes");
            sendOutcomes(installation, "the other node");
            sendOutcomes(installation, "the other node");

            RolloutEvaluation last = awaitEvaluation(installation, 3 * BATCH);
            MetricEvaluation error = last.getMetrics().get(0);
            assertThat(error.getExisting().getUnits()).isEqualTo(3 * BATCH);
            assertThat(error.getExisting().getEstimate())
                    .as("predicts x + 1 for x")
                    .isEqualTo(1);
            assertThat(error.getCandidate().getEstimate())
                    .as("predicts x - 1 for x")
                    .isEqualTo(1);
            assertThat(last.getExisting().getRequests()).isEqualTo(3 * BATCH);
            assertThat(last.getCandidate().getRequests()).isEqualTo(3 * BATCH);
            assertThat(last.getExisting().getUnits()).as("distinct keys").isEqualTo(BATCH);
            assertThat(evaluations(installation))
                    .as("no window is judged twice")
                    .extracting(RolloutEvaluation::getWindowStart)
                    .doesNotHaveDuplicates()
                    .isSorted();
        }
    }

    private static RolloutEvaluation awaitEvaluation(Installation installation, long joined) {
        await("an evaluation of " + joined + " units")
                .atMost(Duration.ofSeconds(60))
                .until(() -> evaluations(installation).stream()
                        .anyMatch(evaluation ->
                                evaluation.getMetrics().get(0).getExisting().getUnits() >= joined));
        List<RolloutEvaluation> evaluations = evaluations(installation);
        return evaluations.get(evaluations.size() - 1);
    }

    private static List<RolloutEvaluation> evaluations(Installation installation) {
        Decoder<RolloutEvaluation> decoder =
                installation.registry().decoder(installation.topics().rolloutEvaluations(), RolloutEvaluation.class);
        return installation.read(installation.topics().rolloutEvaluations(), 0).stream()
                .map(record -> decoder.decode(record.value()))
                .toList();
    }

    private static void sendRequests(Installation installation, String name) {
        for (int i = 0; i < BATCH; i++) {
            installation.send(
                    installation.topics().predictionRequests(),
                    i % 3,
                    "key-" + i,
                    installation.encode(request(name + " " + i, "sums", Map.of("x", (double) i, "y", 1.0))));
        }
        installation.flush();
        installation.predictions(installation.topics().predictions(), BATCH);
    }

    private static void sendOutcomes(Installation installation, String name) {
        for (int i = 0; i < BATCH; i++) {
            installation.send(
                    installation.topics().outcomes(),
                    i % 3,
                    "key-" + i,
                    installation
                            .registry()
                            .<Outcome>encoder(installation.topics().outcomes())
                            .encode(Outcome.newBuilder()
                                    .setRequestId(name + " " + i)
                                    .setDeployment("sums")
                                    .setName("truth")
                                    .setValue((double) i)
                                    .setObservedAt(Instant.now())
                                    .build()));
        }
        installation.flush();
    }
}
