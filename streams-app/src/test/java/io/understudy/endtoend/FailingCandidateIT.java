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
import io.understudy.schema.PredictionRequest;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.RolloutVerb;
import io.understudy.testing.Installation;
import io.understudy.testing.OnnxFiles;
import io.understudy.wire.Route;
import io.understudy.wire.Route.Part;
import io.understudy.wire.RouteHeaderReader;
import io.understudy.wire.UnusableRecordException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A candidate that fails in many ways, on a real broker. An external program serves its lane. */
class FailingCandidateIT {

    private static final int REQUESTS = 240;

    private static final String ROLLOUT = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: external}}
            stages: [{kind: canary, share: 100%}]
            fallback: {deadline: 3s, breaker: BREAKER}
            """;

    /** What the candidate does with a request, by the number of the request. */
    private enum Behaviour {
        CORRECT,
        ERROR,
        NOT_A_NUMBER,
        TWICE,
        SILENCE,
        LATE;

        static Behaviour of(String requestId) {
            int number = Integer.parseInt(requestId.substring("id-".length()));
            return values()[number % values().length];
        }
    }

    @TempDir
    Path directory;

    @Test
    void everyRequestHasOneCorrectAnswerHoweverTheCandidateFails() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory)) {
            Node node = start(installation, "none");
            send(installation, 0, REQUESTS);
            List<ConsumerRecord<byte[], byte[]>> candidateRequests =
                    installation.read(installation.topics().candidateRequests(), REQUESTS);
            assertThat(candidateRequests)
                    .as("every request is assigned to the candidate")
                    .hasSize(REQUESTS);
            candidateRequests.forEach(record -> answer(installation, record, false));
            installation.flush();

            Map<String, Prediction> served =
                    installation.predictions(installation.topics().predictions(), REQUESTS).stream()
                            .collect(Collectors.toMap(Prediction::getRequestId, Function.identity()));
            candidateRequests.forEach(record -> answer(installation, record, true));
            installation.flush();
            await("late answers")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> count(node, Metric.LATE_ANSWERS.id()) == REQUESTS / 3.0);

            assertThat(installation.predictions(installation.topics().predictions(), REQUESTS))
                    .as("one answer per request")
                    .hasSize(REQUESTS);
            assertThat(served.values()).hasSize(REQUESTS).allSatisfy(FailingCandidateIT::assertAnswer);
        }
    }

    private static void assertAnswer(Prediction prediction) {
        assertThat(prediction.getStatus()).isEqualTo(PredictionStatus.OK);
        switch (Behaviour.of(prediction.getRequestId())) {
            case CORRECT, TWICE -> {
                assertThat(prediction.getArm()).isEqualTo(Arm.CANDIDATE);
                assertThat(prediction.getModelVersion()).isEqualTo("v2");
                assertThat(prediction.getScore()).isEqualTo(42);
                assertThat(prediction.getFallback()).isFalse();
            }
            case ERROR, NOT_A_NUMBER -> assertFallback(prediction, PredictionStatus.ERROR);
            case SILENCE, LATE -> {
                assertFallback(prediction, PredictionStatus.TIMEOUT);
                assertThat(Duration.between(prediction.getRoutedAt(), prediction.getScoredAt()))
                        .as("the deadline of the candidate plus the time on the existing lane")
                        .isBetween(Duration.ofSeconds(3), Duration.ofSeconds(20));
            }
        }
    }

    private static void assertFallback(Prediction prediction, PredictionStatus candidate) {
        assertThat(prediction.getFallback()).isTrue();
        assertThat(prediction.getFallbackStatus()).isEqualTo(candidate);
        assertThat(prediction.getArm()).isEqualTo(Arm.EXISTING);
        assertThat(prediction.getModelVersion()).isEqualTo("v1");
        assertThat(prediction.getScore()).isEqualTo(2);
    }

    @Test
    void theBreakerCutsOffADeadCandidateUntilAnOperatorResumesTheRollout() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory)) {
            Node node = start(installation, "{errors: 50%, timeouts: 50%, window: 1m, minimum: 20}");
            // No program serves the lane.
            send(installation, 0, 60);
            assertThat(installation.predictions(installation.topics().predictions(), 60))
                    .hasSize(60)
                    .allMatch(Prediction::getFallback);
            await("the breaker")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> installation.events().stream()
                            .anyMatch(event -> event.getType() == RolloutEventType.BREAKER_OPENED));
            RolloutEvent opened = installation.events().stream()
                    .filter(event -> event.getType() == RolloutEventType.BREAKER_OPENED)
                    .findFirst()
                    .orElseThrow();
            assertThat(opened.getActor()).isEqualTo("router");
            assertThat(opened.getReason()).contains("timeouts among the candidate's last");
            assertThat(opened.getState().getRollout().getStatus()).isEqualTo(RolloutStatus.HELD);
            assertThat(opened.getState().getRollout().getShare()).isZero();
            node.awaitRouting("sums", opened.getStateVersion(), Duration.ofSeconds(30));
            int requestsBefore = installation
                    .read(installation.topics().candidateRequests(), 0)
                    .size();
            send(installation, 60, 30);
            assertThat(installation.predictions(installation.topics().predictions(), 90))
                    .hasSize(90);
            assertThat(installation.read(installation.topics().candidateRequests(), 0))
                    .as("the candidate gets no more requests")
                    .hasSize(requestsBefore);

            RolloutEvent resumed = forced(installation, RolloutVerb.RESUME, null);
            assertThat(resumed.getState().getRollout().getShare()).isEqualTo(100_000);
            assertThat(resumed.getState().getRollout().getEpoch()).isEqualTo(3);
        }
    }

    @Test
    void racingAbortAndPromotionTakeEffectInTheOrderOfTheTopic() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory)) {
            Node node = start(installation, "none");
            send(installation, 0, 30);
            long version = installation.state("sums").getVersion();
            RolloutEvent aborted = installation.command(command(RolloutVerb.ABORT, version));
            RolloutEvent tooLate = installation.command(command(RolloutVerb.PROMOTE, version));
            assertThat(aborted.getType()).isEqualTo(RolloutEventType.ABORTED);
            assertThat(tooLate.getType()).isEqualTo(RolloutEventType.REJECTED);
            node.awaitRouting("sums", aborted.getStateVersion(), Duration.ofSeconds(30));
            send(installation, 30, 30);
            assertThat(installation.predictions(installation.topics().predictions(), 60))
                    .as("requests no longer wait for the candidate")
                    .hasSize(60)
                    .extracting(Prediction::getModelVersion)
                    .containsOnly("v1");

            RolloutEvent again = forced(installation, RolloutVerb.RETRY, null);
            RolloutEvent paused = installation.command(RolloutVerb.PAUSE, "sums", null);
            assertThat(paused.getType()).isEqualTo(RolloutEventType.PAUSED);
            assertThat(installation
                            .command(command(RolloutVerb.ABORT, again.getStateVersion()))
                            .getType())
                    .as("an abort that was sent for the version before the pause")
                    .isEqualTo(RolloutEventType.ABORTED);

            forced(installation, RolloutVerb.RETRY, null);
            RolloutEvent promoted = forced(installation, RolloutVerb.PROMOTE, null);
            assertThat(promoted.getType()).isEqualTo(RolloutEventType.PROMOTED);
            RolloutEvent lost = installation.command(command(RolloutVerb.ABORT, promoted.getStateVersion() - 1));
            assertThat(lost.getType()).isEqualTo(RolloutEventType.REJECTED);
            assertThat(installation.state("sums").getExisting().getVersion()).isEqualTo("v2");
        }
    }

    @Test
    void theFirstOfAnAbortAndAPromotionSentTogetherTakesEffectAndTheOtherIsRejected() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory)) {
            start(installation, "none");
            for (RolloutVerb first : List.of(RolloutVerb.ABORT, RolloutVerb.PROMOTE)) {
                long version = installation.state("sums").getVersion();
                RolloutVerb second = first == RolloutVerb.ABORT ? RolloutVerb.PROMOTE : RolloutVerb.ABORT;
                int before = installation.events().size();
                installation.sendCommand(command(first, version));
                installation.sendCommand(command(second, version));
                await("both answers")
                        .atMost(Duration.ofSeconds(30))
                        .until(() -> installation.events().size() == before + 2);
                List<RolloutEvent> answers = installation.events().subList(before, before + 2);
                assertThat(answers)
                        .extracting(RolloutEvent::getType)
                        .containsExactly(
                                first == RolloutVerb.ABORT ? RolloutEventType.ABORTED : RolloutEventType.PROMOTED,
                                RolloutEventType.REJECTED);
                if (first == RolloutVerb.ABORT) {
                    forced(installation, RolloutVerb.RETRY, null);
                }
            }
        }
    }

    private static RolloutCommand command(RolloutVerb verb, long expectedVersion) {
        return RolloutCommand.newBuilder()
                .setId(UUID.randomUUID().toString())
                .setDeployment("sums")
                .setVerb(verb)
                .setActor("test")
                .setExpectedVersion(expectedVersion)
                .setForce(true)
                .setIssuedAt(Instant.now())
                .build();
    }

    private Node start(Installation installation, String breaker) throws Exception {
        OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
        Node node = installation.startNode();
        installation.command(RolloutVerb.DEPLOY, "sums", ShadowScenario.EXISTING);
        RolloutEvent started = forced(installation, RolloutVerb.START, ROLLOUT.replace("BREAKER", breaker));
        assertThat(started.getType()).as(started.getReason()).isEqualTo(RolloutEventType.STARTED);
        node.awaitRouting("sums", started.getStateVersion(), Duration.ofSeconds(30));
        return node;
    }

    /** Nobody says that the candidate is served. */
    private static RolloutEvent forced(Installation installation, RolloutVerb verb, String spec) throws Exception {
        return installation.command(
                Installation.newCommand(verb, "sums", spec).setForce(true).build());
    }

    private static void send(Installation installation, int from, int count) {
        for (int i = from; i < from + count; i++) {
            installation.send(
                    installation.topics().predictionRequests(),
                    "key-" + i,
                    installation.encode(request("id-" + i, "sums", Map.of("x", 1.0, "y", 1.0))));
        }
        installation.flush();
    }

    private static double count(Node node, String meter) {
        return node.meters()
                .counter(meter, "role", "router", "deployment", "sums")
                .count();
    }

    /** The external program of the candidate. */
    private static void answer(Installation installation, ConsumerRecord<byte[], byte[]> record, boolean late) {
        String id = installation
                .registry()
                .decoder(installation.topics().candidateRequests(), PredictionRequest.class)
                .decode(record.value())
                .getRequestId();
        Behaviour behaviour = Behaviour.of(id);
        Set<Behaviour> answered = new HashSet<>(
                late
                        ? Set.of(Behaviour.LATE, Behaviour.TWICE)
                        : Set.of(Behaviour.CORRECT, Behaviour.ERROR, Behaviour.NOT_A_NUMBER, Behaviour.TWICE));
        if (!answered.contains(behaviour)) {
            return;
        }
        Route route;
        try {
            route = new RouteHeaderReader().read(record.headers()).route();
        } catch (UnusableRecordException e) {
            throw new AssertionError(e);
        }
        Encoder<Prediction> encoder =
                installation.registry().encoder(installation.topics().candidatePredictions());
        Prediction prediction = Prediction.newBuilder()
                .setRequestId(id)
                .setDeployment("sums")
                .setModelVersion("v2")
                .setArm(Arm.CANDIDATE)
                .setRollout(route.part().map(Part::rollout).orElse(null))
                .setStage(route.part().map(Part::stage).orElse(null))
                .setEpoch(route.part().map(Part::epoch).orElse(null))
                .setStatus(behaviour == Behaviour.ERROR ? PredictionStatus.ERROR : PredictionStatus.OK)
                .setScore(
                        behaviour == Behaviour.ERROR
                                ? null
                                : (Double) (behaviour == Behaviour.NOT_A_NUMBER ? Double.NaN : 42.0))
                .setReceivedAt(Instant.ofEpochMilli(record.timestamp()))
                .build();
        installation.send(
                installation.topics().candidatePredictions(),
                record.partition(),
                new String(record.key(), UTF_8),
                encoder.encode(prediction));
    }
}
