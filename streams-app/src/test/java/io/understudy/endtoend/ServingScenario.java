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
 * The story of a better candidate, from its shadow to its promotion by evidence alone, on whatever broker and registry
 * there are.
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

    private static final int AT_ONCE = 100;

    private static final Set<RolloutEventType> GOES_WRONG = EnumSet.of(
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
        promotionMadeTheCandidateTheExistingModel();
        everyRequestWasAnsweredOnceAndByWhomTheRecordSays();
    }

    void start() throws Exception {
        RolloutEvent deployed = installation.command(RolloutVerb.DEPLOY, "sums", ShadowScenario.EXISTING);
        assertThat(deployed.getType()).as(deployed.getReason()).isEqualTo(RolloutEventType.DEPLOYED);
        RolloutEvent started = installation.command(RolloutVerb.START, "sums", ROLLOUT);
        assertThat(started.getType()).as(started.getReason()).isEqualTo(RolloutEventType.STARTED);
    }

    /** Requests and their outcomes, in small batches, until an event tells of {@code type}. */
    void sendUntil(RolloutEventType type) {
        await(type.name())
                .atMost(Duration.ofSeconds(150))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    send();
                    assertThat(events()).noneMatch(event -> GOES_WRONG.contains(event.getType()));
                    return events().stream().anyMatch(event -> event.getType() == type);
                });
    }

    /** The candidate says x - y, and so nearly does the truth; the existing model says x + y. */
    void send() {
        for (int i = 0; i < AT_ONCE; i++, sent++) {
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

    private void promotionMadeTheCandidateTheExistingModel() throws Exception {
        List<RolloutEvent> events = events();
        assertThat(events)
                .extracting(RolloutEvent::getType)
                .containsExactly(
                        RolloutEventType.DEPLOYED,
                        RolloutEventType.STARTED,
                        RolloutEventType.ADVANCED,
                        RolloutEventType.ADVANCED,
                        RolloutEventType.PROMOTED);
        assertThat(events.subList(2, 5)).allSatisfy(event -> {
            assertThat(event.getActor()).isEqualTo("evaluator");
            assertThat(event.getEvidence()).contains("\"verdict\":\"PASS\"").contains("\"logEvidence\"");
        });
        assertThat(events.get(4).getState().getExisting().getVersion()).isEqualTo("v2");
        RolloutEvent late = installation.command(RolloutVerb.ABORT, "sums", null);
        assertThat(late.getReason()).contains("is already PROMOTED");
        await("the new model's answers").atMost(Duration.ofSeconds(60)).until(() -> {
            send();
            return installation.predictions(installation.topics().predictions(), sent).stream()
                    .anyMatch(
                            prediction -> prediction.getRollout() == null && "v2".equals(prediction.getModelVersion()));
        });
    }

    /** Every request has one answer, which is that of the model it names. */
    void everyRequestWasAnsweredOnceAndByWhomTheRecordSays() {
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
                .as("nobody meets a shadow")
                .noneMatch(prediction -> prediction.getArm() == Arm.CANDIDATE);
        assertThat(byStage.keySet()).contains(0, 1, 2);
        assertThat(byStage.get(2)).anyMatch(prediction -> prediction.getArm() == Arm.CANDIDATE);
    }
}
