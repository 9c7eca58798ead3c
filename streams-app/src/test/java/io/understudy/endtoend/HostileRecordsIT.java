package io.understudy.endtoend;

import static io.understudy.testing.Installation.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.understudy.metrics.Metric;
import io.understudy.runtime.Node;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutVerb;
import io.understudy.testing.Installation;
import io.understudy.testing.OnnxFiles;
import io.understudy.topics.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Single records that would stop a role, which only a real broker and real transactions show. */
class HostileRecordsIT {

    private static final int HEADERS = 900_000;

    @TempDir
    Path directory;

    /** Threads are meant to fail here. Awaitility would report that as a failure of the test. */
    @BeforeEach
    void letThreadsFail() {
        Awaitility.doNotCatchUncaughtExceptionsByDefault();
    }

    @AfterEach
    void reportFailedThreadsAgain() {
        Awaitility.reset();
    }

    @Test
    void aCompressedRecordOfManyHeadersStopsNeitherLaneNorGuardNorDeadLetters() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory, "topics.partitions", "1")) {
            OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
            Node node = installation.startNode();
            installation.command(RolloutVerb.DEPLOY, "sums", ShadowScenario.EXISTING);
            RolloutEvent started = installation.command(RolloutVerb.START, "sums", """
                    deployment: sums
                    candidate: {version: v2, scorer: {kind: onnx, model: sum.onnx}}
                    stages: [{kind: canary, share: 100%}]
                    """);
            node.awaitRouting("sums", started.getStateVersion(), Duration.ofSeconds(30));

            byte[] usable = installation.encode(request("many-headers", "sums", Map.of("x", 1.0, "y", 1.0)));
            byte[] garbage = "garbage".getBytes(UTF_8);
            sendWithHeaders(installation, installation.topics().predictionRequests(), usable);
            sendWithHeaders(installation, installation.topics().predictionRequests(), garbage);
            sendWithHeaders(installation, installation.topics().outcomes(), garbage);
            sendWithHeaders(installation, installation.topics().rolloutCommands(), garbage);
            sendWithHeaders(installation, installation.topics().existingRequests(), garbage);
            installation
                    .send(
                            installation.topics().predictionRequests(),
                            "key",
                            installation.encode(request("next", "sums", Map.of("x", 1.0, "y", 1.0))))
                    .get();

            assertThat(installation.predictions(installation.topics().predictions(), 2))
                    .extracting(Prediction::getRequestId, Prediction::getStatus)
                    .containsExactlyInAnyOrder(
                            tuple("many-headers", PredictionStatus.REJECTED), tuple("next", PredictionStatus.OK));
            assertThat(installation.read(installation.topics().deadLetters(), 4).stream()
                            .map(letter -> header(letter, "understudy-role"))
                            .collect(Collectors.groupingBy(role -> role, Collectors.counting())))
                    .isEqualTo(Map.of("router", 1L, "evaluator", 1L, "controller", 1L, "scorer", 1L));
        }
    }

    @Test
    void whatTheBrokerRefusesIsSetAsideAndEverythingAroundItIsAnsweredOnce() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory, "topics.partitions", "1")) {
            OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
            Node node = installation.startNode();
            RolloutEvent deployed = installation.command(RolloutVerb.DEPLOY, "sums", ShadowScenario.EXISTING);
            node.awaitRouting("sums", deployed.getStateVersion(), Duration.ofSeconds(30));
            limit(installation, installation.topics().predictions(), 3000);

            String longKey = "k".repeat(10_000);
            for (int i = 0; i < 20; i++) {
                send(installation, "key", "before-" + i, "sums");
            }
            // The router's answer to the one and the scorer's answer to the other have its key, so they are too large.
            send(installation, longKey, "router", "unknown");
            send(installation, longKey, "scorer", "sums");
            for (int i = 0; i < 20; i++) {
                send(installation, "key", "after-" + i, "sums");
            }

            assertThat(installation.predictions(installation.topics().predictions(), 40))
                    .extracting(Prediction::getRequestId)
                    .hasSize(40)
                    .doesNotHaveDuplicates()
                    .doesNotContain("router", "scorer");
            assertThat(installation.read(installation.topics().deadLetters(), 2))
                    .extracting(letter -> header(letter, "understudy-role"), HostileRecordsIT::reason)
                    .containsExactlyInAnyOrder(
                            tuple("router", "repeated-failure"), tuple("scorer", "repeated-failure"));
            assertThat(node.failure()).isEmpty();
        }
    }

    @Test
    void aDeadLetterThatTheBrokerRefusesIsWrittenWithoutItsBody() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory, "topics.partitions", "1")) {
            installation.startNode("evaluator");
            limit(installation, installation.topics().deadLetters(), 3000);
            // The evaluator's producer compresses, and these bytes cannot be compressed.
            byte[] noise = new byte[10_000];
            new Random(1).nextBytes(noise);
            installation.send(installation.topics().outcomes(), "key", noise).get();
            installation
                    .send(installation.topics().outcomes(), "key", "short".getBytes(UTF_8))
                    .get();

            List<ConsumerRecord<byte[], byte[]>> letters =
                    installation.read(installation.topics().deadLetters(), 2);
            assertThat(letters)
                    .extracting(HostileRecordsIT::reason, ConsumerRecord::value)
                    .containsExactly(tuple("repeated-failure", null), tuple("not-avro", "short".getBytes(UTF_8)));
            assertThat(header(letters.get(0), "understudy-origin-offset")).isEqualTo("0");
        }
    }

    @Test
    void garbageInTheChangelogOfTheWaitingRequestsIsReadRound() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory, "topics.partitions", "1")) {
            OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
            Node first = installation.startNode("router,controller,scorer");
            RolloutEvent deployed = installation.command(RolloutVerb.DEPLOY, "sums", ShadowScenario.EXISTING);
            first.awaitRouting("sums", deployed.getStateVersion(), Duration.ofSeconds(30));
            first.close();

            String changelog = installation.settings().prefix() + "understudy-router-router-waiting-requests-changelog";
            try (KafkaProducer<byte[], byte[]> producer =
                    new KafkaProducer<>(installation.kafka(), new ByteArraySerializer(), new ByteArraySerializer())) {
                byte[] garbage = "garbage".getBytes(UTF_8);
                producer.send(new ProducerRecord<>(changelog, 0, new byte[8], garbage))
                        .get();
                producer.send(new ProducerRecord<>(changelog, 0, new byte[3], garbage))
                        .get();
            }
            Node second = installation.startNode("router,controller,scorer");
            send(installation, "key", "after", "sums");
            assertThat(installation.predictions(installation.topics().predictions(), 1))
                    .extracting(Prediction::getRequestId)
                    .containsExactly("after");
            assertThat(second.meters()
                            .get(Metric.STORES_UNREADABLE.id())
                            .tag("role", "router")
                            .counter()
                            .count())
                    .isEqualTo(2);
        }
    }

    private static void send(Installation installation, String key, String id, String deployment) {
        installation.send(
                installation.topics().predictionRequests(),
                key,
                installation.encode(request(id, deployment, Map.of("x", 1.0, "y", 1.0))));
    }

    private static void limit(Installation installation, Topic topic, int maxBytes) throws Exception {
        try (Admin admin = Admin.create(installation.kafka())) {
            admin.incrementalAlterConfigs(Map.of(
                            new ConfigResource(ConfigResource.Type.TOPIC, topic.name()),
                            List.of(new AlterConfigOp(
                                    new ConfigEntry(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxBytes)),
                                    AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
    }

    private static String reason(ConsumerRecord<byte[], byte[]> letter) {
        return header(letter, "understudy-reason");
    }

    private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
        return new String(letter.headers().lastHeader(name).value(), UTF_8);
    }

    /** Sends a record with many headers, which take a few kilobytes compressed and 2.7 MB otherwise. */
    private static void sendWithHeaders(Installation installation, Topic topic, byte[] value) throws Exception {
        Map<String, Object> configs = installation.kafka();
        configs.put("compression.type", "zstd");
        configs.put("max.request.size", 32 * 1024 * 1024);
        Headers headers = new RecordHeaders();
        for (int i = 0; i < HEADERS; i++) {
            headers.add("h", new byte[0]);
        }
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(configs, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic.name(), 0, "key".getBytes(UTF_8), value, headers))
                    .get();
        }
    }
}
