package io.understudy.endtoend;

import static io.understudy.testing.Installation.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.understudy.cli.Understudy;
import io.understudy.registry.Decoder;
import io.understudy.registry.Encoder;
import io.understudy.runtime.InternalTopics;
import io.understudy.runtime.Node;
import io.understudy.runtime.Preflight;
import io.understudy.schema.Outcome;
import io.understudy.schema.Prediction;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutVerb;
import io.understudy.testing.Installation;
import io.understudy.testing.OnnxFiles;
import io.understudy.topics.InternalTopic;
import io.understudy.topics.Topic;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Raises the number of partitions of an installation at work. */
class RaisedPartitionsIT {

    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final Duration POLL = Duration.ofSeconds(1);

    /** Both models miss the outcome by one, so the rollout goes on for ever. */
    private static final String ROLLOUT = """
            deployment: sums
            candidate: {version: v2, scorer: {kind: onnx, model: difference.onnx}}
            window: 1s
            metrics:
              - {name: error, kind: absolute-error, role: success, mde: 0.5}
              - {name: failures, kind: error-rate, role: guardrail, margin: 2}
            stages: [{kind: canary, share: 50%, require: superiority}]
            fallback: {deadline: 60s, breaker: none}
            """;

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void everyRequestIsAnsweredAndCountedOnceWhilePartitionsAreRaised() throws Exception {
        OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
        OnnxFiles.write(directory, "difference.onnx", OnnxFiles.difference());
        try (Installation installation = Installation.onSharedStack(directory, "evaluator.startup-ms", "1000")) {
            installation.startNode("scorer,controller");
            Node old = installation.startNode("router,evaluator");
            installation.command(RolloutVerb.DEPLOY, "sums", ShadowScenario.EXISTING);
            RolloutEvent started = installation.command(RolloutVerb.START, "sums", ROLLOUT);
            assertThat(started.getType()).as(started.getReason()).isEqualTo(RolloutEventType.READY);
            old.awaitRouting("sums", started.getStateVersion(), TIMEOUT);
            assertThatInternalTopicsAreKnown(installation);

            final long sent;
            try (Load load = new Load(installation)) {
                await("evidence").atMost(TIMEOUT).pollInterval(POLL).until(() -> counted(installation) > 100);
                assertThat(topics(installation, "--partitions", "6", "--apply")).isEqualTo(1);
                assertThat(err.toString()).contains("these groups have members").contains("understudy-router=");
                assertThat(partitions(installation)).containsOnly(3);

                old.close();
                long whileStopped = load.sent();
                assertThat(topics(installation, "--partitions", "6")).isZero();
                assertThat(out.toString()).contains("50 % of the keys move").contains("nothing was changed");
                assertThat(partitions(installation)).containsOnly(3);
                assertThat(topics(installation, "--partitions", "6", "--apply"))
                        .as(err.toString())
                        .isZero();
                assertThat(partitions(installation)).containsOnly(6);
                assertThat(topics(installation)).as(err.toString()).isZero();
                await("a backlog").atMost(TIMEOUT).until(() -> load.sent() > whileStopped + 100);

                installation.startNode("router,evaluator");
                await("records in new partitions").atMost(TIMEOUT).until(() -> load.highestPartition() > 2);
                long raised = load.sent();
                await("requests afterwards").atMost(TIMEOUT).until(() -> load.sent() > raised + 300);
                sent = load.stop();
            }

            await("all answers")
                    .atMost(TIMEOUT)
                    .pollInterval(POLL)
                    .until(() -> installation
                                    .read(installation.topics().predictions(), 0)
                                    .size()
                            >= sent);
            List<Prediction> predictions =
                    installation.predictions(installation.topics().predictions(), (int) sent);
            assertThat(predictions)
                    .extracting(Prediction::getRequestId)
                    .hasSize((int) sent)
                    .doesNotHaveDuplicates();
            assertThat(predictions).noneMatch(Prediction::getFallback);
            assertThat(installation.read(installation.topics().predictions(), (int) sent))
                    .as("answers in new partitions")
                    .anyMatch(record -> record.partition() > 2);
            await("evidence that goes on with what was counted before")
                    .atMost(TIMEOUT)
                    .pollInterval(POLL)
                    .untilAsserted(() -> assertThat(counted(installation)).isEqualTo(sent));
            assertThat(installation.events())
                    .extracting(RolloutEvent::getType)
                    .containsExactly(RolloutEventType.DEPLOYED, RolloutEventType.STARTED, RolloutEventType.READY);
        }
    }

    @Test
    void aRoleDoesNotStartWhenOnlyTheDataTopicsWereRaisedAndTheCommandMendsIt() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory)) {
            try (Admin admin = Admin.create(installation.kafka())) {
                Map<String, NewPartitions> byHand = new HashMap<>();
                dataTopics(installation).forEach(topic -> byHand.put(topic.name(), NewPartitions.increaseTo(4)));
                admin.createPartitions(byHand).all().get();
            }
            Preflight preflight = new Preflight(installation.settings(), installation.registry());
            String prefix = installation.settings().prefix();
            await().atMost(TIMEOUT)
                    .untilAsserted(() -> assertThat(preflight.check().faults())
                            .hasSize(3)
                            .contains("topic " + prefix
                                    + "understudy-router-router-waiting-requests-changelog, in which " + prefix
                                    + "understudy-router keeps its data, has 3 partitions; it must have 4; stop the"
                                    + " routers and evaluators, and run 'understudy topics --partitions 4 --apply'"));
            assertThat(topics(installation)).isEqualTo(1);
            assertThat(topics(installation, "--partitions", "4", "--apply"))
                    .as(err.toString())
                    .isZero();
            assertThat(preflight.check().faults()).isEmpty();
            assertThat(topics(installation, "--partitions", "3", "--apply")).isEqualTo(1);
            assertThat(err.toString()).contains("partitions cannot be removed");
        }
    }

    /** Otherwise, neither the preflight nor the command would look after a new store. */
    private static void assertThatInternalTopicsAreKnown(Installation installation) throws Exception {
        String applications = installation.settings().prefix() + "understudy-";
        try (Admin admin = Admin.create(installation.kafka())) {
            assertThat(admin.listTopics().names().get())
                    .filteredOn(name -> name.startsWith(applications))
                    .containsExactlyInAnyOrderElementsOf(
                            InternalTopics.of(
                                            installation.settings(),
                                            installation.settings().roles())
                                    .stream()
                                    .map(InternalTopic::name)
                                    .toList());
        }
    }

    private int topics(Installation installation, String... options) {
        CommandLine commandLine = Understudy.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        List<String> arguments = new ArrayList<>(List.of("topics"));
        arguments.addAll(List.of(options));
        Map<String, String> settings = Map.of(
                "kafka.bootstrap.servers",
                installation.settings().kafka().get("bootstrap.servers"),
                "registry.url",
                installation.settings().registryUrl(),
                "prefix",
                installation.settings().prefix());
        settings.forEach((name, value) -> arguments.addAll(List.of("--set", name + "=" + value)));
        return commandLine.execute(arguments.toArray(String[]::new));
    }

    private static Stream<Topic> dataTopics(Installation installation) {
        return installation.topics().all().stream().filter(topic -> !topic.control());
    }

    private static List<Integer> partitions(Installation installation) throws Exception {
        try (Admin admin = Admin.create(installation.kafka())) {
            return admin
                    .describeTopics(dataTopics(installation).map(Topic::name).toList())
                    .allTopicNames()
                    .get()
                    .values()
                    .stream()
                    .map(description -> description.partitions().size())
                    .toList();
        }
    }

    /** The requests that the newest evaluation has counted. */
    private static long counted(Installation installation) {
        Decoder<RolloutEvaluation> decoder =
                installation.registry().decoder(installation.topics().rolloutEvaluations(), RolloutEvaluation.class);
        return installation.read(installation.topics().rolloutEvaluations(), 0).stream()
                .map(record -> decoder.decode(record.value()))
                .reduce((first, second) -> second)
                .map(last ->
                        last.getExisting().getRequests() + last.getCandidate().getRequests())
                .orElse(0L);
    }

    /** An upstream program that sends requests and their outcomes all the time, and soon sees new partitions. */
    private static final class Load implements AutoCloseable {

        private static final long PAUSE_NANOS = 10_000_000;

        private final Installation installation;
        private final KafkaProducer<byte[], byte[]> producer;
        private final Thread thread = new Thread(this::run, "load");
        private volatile boolean stopped;
        private volatile long sent;
        private volatile int highestPartition;

        Load(Installation installation) {
            this.installation = installation;
            Map<String, Object> configs = installation.kafka();
            configs.put("metadata.max.age.ms", 500);
            this.producer = new KafkaProducer<>(configs, new ByteArraySerializer(), new ByteArraySerializer());
            thread.start();
        }

        private void run() {
            Encoder<Outcome> outcomes =
                    installation.registry().encoder(installation.topics().outcomes());
            while (!stopped) {
                String id = "id-" + sent;
                byte[] key = ("key-" + sent % 500).getBytes(UTF_8);
                double x = sent;
                producer.send(
                        new ProducerRecord<>(
                                installation.topics().predictionRequests().name(),
                                key,
                                installation.encode(request(id, "sums", Map.of("x", x, "y", 1.0)))),
                        (metadata, failure) -> {
                            if (failure == null) {
                                highestPartition = Math.max(highestPartition, metadata.partition());
                            }
                        });
                producer.send(new ProducerRecord<>(
                        installation.topics().outcomes().name(),
                        key,
                        outcomes.encode(Outcome.newBuilder()
                                .setRequestId(id)
                                .setDeployment("sums")
                                .setName("truth")
                                .setValue(x)
                                .setObservedAt(Instant.now())
                                .build())));
                sent++;
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            producer.flush();
        }

        long sent() {
            return sent;
        }

        int highestPartition() {
            return highestPartition;
        }

        /** Stops sending and returns the number of requests sent. */
        long stop() throws InterruptedException {
            stopped = true;
            thread.join();
            return sent;
        }

        @Override
        public void close() throws InterruptedException {
            stop();
            producer.close();
        }
    }
}
