package io.understudy.endtoend;

import static io.understudy.testing.Installation.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.understudy.registry.Encoder;
import io.understudy.schema.Arm;
import io.understudy.schema.Outcome;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutVerb;
import io.understudy.testing.Installation;
import io.understudy.testing.OnnxFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A better candidate passes from a shadow to its promotion, only because of the evidence. Runs on any broker and
 * registry.
 */
final class ServingScenario {

    static final String ROLLOUT = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: onnx, model: difference.onnx}}
            unit: request
            window: 500ms
            metrics:
              - {name: error, kind: absolute-error, role: success, mde: 0.5}
            stages:
              - {kind: shadow, mirror: 100%}
              - {kind: canary, share: 20%}
              - {kind: ab, share: 50%, require: superiority}
            fallback: {deadline: 20s}
            """;

    private static final int BATCH = 100;

    private static final Set<RolloutEventType> UNEXPECTED = EnumSet.of(
            RolloutEventType.HELD,
            RolloutEventType.ABORTED,
            RolloutEventType.BREAKER_OPENED,
            RolloutEventType.REJECTED);

    private final Installation installation;
    private final Encoder<Outcome> outcomes;
    private int sent;

    ServingScenario(Installation installation, Path directory) {
        this.installation = installation;
        this.outcomes = installation.registry().encoder(installation.topics().outcomes());
        OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
        OnnxFiles.write(directory, "difference.onnx", OnnxFiles.difference());
    }

    void play() throws Exception {
        start();
        sendUntil(RolloutEventType.PROMOTED);
        assertCandidateIsTheExistingModel();
        assertEveryRequestHasOneCorrectAnswer();
    }

    void start() throws Exception {
        RolloutEvent deployed = installation.command(RolloutVerb.DEPLOY, "sums", ShadowScenario.EXISTING);
        assertThat(deployed.getType()).as(deployed.getReason()).isEqualTo(RolloutEventType.DEPLOYED);
        RolloutEvent started = installation.command(RolloutVerb.START, "sums", ROLLOUT);
        assertThat(started.getType()).as(started.getReason()).isEqualTo(RolloutEventType.READY);
    }

    /** Sends requests and their outcomes in small batches, until there is an event of type {@code type}. */
    void sendUntil(RolloutEventType type) {
        await(type.name())
                .atMost(Duration.ofSeconds(150))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    send();
                    assertThat(events()).noneMatch(event -> UNEXPECTED.contains(event.getType()));
                    return events().stream().anyMatch(event -> event.getType() == type);
                });
    }

    /**
     * Sends requests and outcomes. The outcome is nearly x - y, as the candidate predicts; the existing model predicts
     * x + y.
     */
    void send() {
        for (int i = 0; i < BATCH; i++, sent++) {
            String id = "id-" + sent;
            String key = "key-" + sent;
            double noise = (sent * 7919 % 1000) / 1000.0 - 0.5;
            installation.send(
                    installation.topics().predictionRequests(),
                    key,
                    installation.encode(request(id, "sums", Map.of("x", (double) sent, "y", 1.0))));
            installation.send(
                    installation.topics().outcomes(),
                    key,
                    outcomes.encode(Outcome.newBuilder()
                            .setRequestId(id)
                            .setDeployment("sums")
                            .setName("truth")
                            .setValue(sent - 1 + noise)
                            .setObservedAt(Instant.now())
                            .build()));
        }
        installation.flush();
    }

    List<RolloutEvent> events() {
        return installation.events();
    }

    private void assertCandidateIsTheExistingModel() throws Exception {
        List<RolloutEvent> events = events();
        assertThat(events)
                .extracting(RolloutEvent::getType)
                .containsExactly(
                        RolloutEventType.DEPLOYED,
                        RolloutEventType.STARTED,
                        RolloutEventType.READY,
                        RolloutEventType.ADVANCED,
                        RolloutEventType.ADVANCED,
                        RolloutEventType.AWAITING_READINESS,
                        RolloutEventType.PROMOTED);
        assertThat(events.subList(3, 6)).allSatisfy(event -> {
            assertThat(event.getActor()).isEqualTo("evaluator");
            assertThat(event.getEvidence()).contains("\"verdict\":\"PASS\"").contains("\"logEvidence\"");
        });
        assertThat(events.get(6).getState().getExisting().getVersion()).isEqualTo("v2");
        RolloutEvent rejected = installation.command(RolloutVerb.ABORT, "sums", null);
        assertThat(rejected.getReason()).contains("is already PROMOTED");
        await("the new model's answers").atMost(Duration.ofSeconds(60)).until(() -> {
            send();
            return installation.predictions(installation.topics().predictions(), sent).stream()
                    .anyMatch(
                            prediction -> prediction.getRollout() == null && "v2".equals(prediction.getModelVersion()));
        });
    }

    /** Checks that every request has one answer, with the score of the model that it names. */
    void assertEveryRequestHasOneCorrectAnswer() {
        List<Prediction> predictions =
                installation.predictions(installation.topics().predictions(), sent);
        assertThat(predictions)
                .hasSize(sent)
                .extracting(Prediction::getRequestId)
                .doesNotHaveDuplicates();
        assertThat(predictions).allSatisfy(prediction -> {
            assertThat(prediction.getStatus()).isEqualTo(PredictionStatus.OK);
            int x = Integer.parseInt(prediction.getRequestId().substring("id-".length()));
            boolean difference = "v2".equals(prediction.getModelVersion());
            assertThat(prediction.getScore()).isEqualTo(difference ? x - 1.0 : x + 1.0);
            if (prediction.getRollout() != null) {
                assertThat(prediction.getArm()).isEqualTo(difference ? Arm.CANDIDATE : Arm.EXISTING);
            }
        });
        Map<Integer, List<Prediction>> byStage = predictions.stream()
                .filter(prediction -> prediction.getRollout() != null)
                .collect(Collectors.groupingBy(Prediction::getStage));
        assertThat(byStage.getOrDefault(0, List.of()))
                .as("a shadow candidate does not serve")
                .noneMatch(prediction -> prediction.getArm() == Arm.CANDIDATE);
        assertThat(byStage.keySet()).contains(0, 1, 2);
        assertThat(byStage.get(2)).anyMatch(prediction -> prediction.getArm() == Arm.CANDIDATE);
    }
}
