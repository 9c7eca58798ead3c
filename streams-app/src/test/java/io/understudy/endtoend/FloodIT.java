package io.understudy.endtoend;

import static io.understudy.testing.Installation.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.understudy.http.Check;
import io.understudy.metrics.Metric;
import io.understudy.runtime.Node;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutVerb;
import io.understudy.testing.Installation;
import io.understudy.testing.OnnxFiles;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Malformed records to every topic at once. Each is accounted for, and every role serves afterwards. */
class FloodIT {

    private static final int RECORDS = 10_000;
    private static final int COMMANDS = 200;

    @TempDir
    Path directory;

    @Test
    void everyMalformedRecordIsAccountedForAndEveryRoleServesAfterwards() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory)) {
            OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
            Node node = installation.startNode();
            installation.command(RolloutVerb.DEPLOY, "sums", ShadowScenario.EXISTING);

            Topics topics = installation.topics();
            List<Topic> flooded = List.of(
                    topics.predictionRequests(),
                    topics.existingRequests(),
                    topics.candidateRequests(),
                    topics.candidatePredictions(),
                    topics.predictions(),
                    topics.outcomes(),
                    topics.rolloutEvaluations());
            byte[] usable = installation.encode(request("id", "sums", Map.of("x", 1.0, "y", 1.0)));
            for (Topic topic : flooded) {
                flood(installation, topic, RECORDS, usable);
            }
            flood(installation, topics.rolloutState(), RECORDS, usable);
            flood(installation, topics.rolloutEvents(), RECORDS, usable);
            flood(installation, topics.rolloutCommands(), COMMANDS, usable);
            installation.flush();

            int expected = flooded.size() * RECORDS + COMMANDS;
            Awaitility.await("dead letters counted")
                    .atMost(Duration.ofMinutes(3))
                    .until(() -> counted(node), counted -> counted >= expected);
            Map<String, Long> letters = installation.read(topics.deadLetters(), expected).stream()
                    .collect(Collectors.groupingBy(
                            letter -> new String(
                                    letter.headers()
                                            .lastHeader("understudy-origin-topic")
                                            .value(),
                                    UTF_8),
                            Collectors.counting()));
            for (Topic topic : flooded) {
                assertThat(letters).as(topic.name()).containsEntry(topic.name(), (long) RECORDS);
            }
            assertThat(letters).containsEntry(topics.rolloutCommands().name(), (long) COMMANDS);
            RolloutEvent answer =
                    installation.command(RolloutVerb.DEPLOY, "more", ShadowScenario.EXISTING.replace("sums", "more"));
            assertThat(answer.getType()).isEqualTo(RolloutEventType.DEPLOYED);
            node.awaitRouting("more", answer.getStateVersion(), Duration.ofSeconds(30));
            installation.send(
                    topics.predictionRequests(),
                    "key",
                    installation.encode(request("last", "more", Map.of("x", 1.0, "y", 1.0))));
            assertThat(installation.read(topics.predictions(), RECORDS + 1).stream()
                            .flatMap(record -> prediction(installation, record.value()).stream()))
                    .singleElement()
                    .satisfies(prediction -> {
                        assertThat(prediction.getRequestId()).isEqualTo("last");
                        assertThat(prediction.getStatus()).isEqualTo(PredictionStatus.OK);
                    });
            Awaitility.await("every role is ready")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> node.roles().stream().allMatch(Check::passes));
            assertThat(node.failure()).isEmpty();
        }
    }

    private static double counted(Node node) {
        return node.meters().find(Metric.DEAD_LETTERS.id()).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private static List<Prediction> prediction(Installation installation, byte[] value) {
        try {
            return List.of(installation
                    .registry()
                    .decoder(installation.topics().predictions(), Prediction.class)
                    .decode(value));
        } catch (RuntimeException e) {
            return List.of();
        }
    }

    private static void flood(Installation installation, Topic topic, int records, byte[] usable) {
        for (int i = 0; i < records; i++) {
            installation.send(topic, "garbage-" + i, malformed(i, topic, usable));
        }
    }

    private static byte[] malformed(int number, Topic topic, byte[] usable) {
        return switch (number % 5) {
            // A state or an event without a value is a deletion, not malformed.
            case 0 -> topic.compacted() ? new byte[0] : null;
            case 1 -> ("garbage " + number).getBytes(UTF_8);
            // A schema that is not in the registry.
            case 2 ->
                ByteBuffer.allocate(20)
                        .put(0, (byte) 0)
                        .putInt(1, 900_000 + number % 50)
                        .array();
            // A text of almost 2 GB, in a handful of bytes.
            case 3 ->
                ByteBuffer.wrap(usable.clone())
                        .putLong(5, 0xFEFF_FFFF_0F00_0000L)
                        .array();
            default -> Arrays.copyOf(usable, 7);
        };
    }
}
