package io.understudy.scoring;

import static io.understudy.testing.Installation.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;
import io.understudy.schema.Model;
import io.understudy.schema.Prediction;
import io.understudy.schema.RolloutState;
import io.understudy.schema.ScorerKind;
import io.understudy.testing.InferenceServer;
import io.understudy.testing.Installation;
import io.understudy.testing.ModelLimits;
import io.understudy.testing.OnnxFiles;
import io.understudy.testing.States;
import io.understudy.wire.Route;
import io.understudy.wire.RouteHeader;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScorerWorkerIT {

    private static final int REQUESTS = 200;

    private int ids;

    @TempDir
    Path directory;

    private final SimpleMeterRegistry meterRegistry = new SimpleMeterRegistry();
    private final ScoringMeters meters = new ScoringMeters(new Meters(meterRegistry, "scorer"));

    @Test
    void scoresABatchAgainWhoseTransactionFailedAndReadersNeverSeeTheFirstAttempt() throws Exception {
        AtomicInteger commits = new AtomicInteger();
        try (Installation installation = Installation.onSharedStack(directory)) {
            sendToLane(installation);
            run(
                    installation,
                    () ->
                            new KafkaProducer<>(
                                    producer(installation), new ByteArraySerializer(), new ByteArraySerializer()) {
                                @Override
                                public void commitTransaction() {
                                    if (commits.getAndIncrement() == 0) {
                                        // The broker has the answers now, but the transaction is not committed.
                                        flush();
                                        throw new KafkaException("forced");
                                    }
                                    super.commitTransaction();
                                }
                            });
            assertThat(meterRegistry
                            .counter(Metric.ABORTED_BATCHES.id(), "role", "scorer")
                            .count())
                    .isEqualTo(1);
        }
    }

    @Test
    void doesNotAnswerABatchAgainWhoseCommitSucceededAlthoughItSeemedToFail() throws Exception {
        AtomicInteger commits = new AtomicInteger();
        try (Installation installation = Installation.onSharedStack(directory)) {
            sendToLane(installation);
            run(
                    installation,
                    () ->
                            new KafkaProducer<>(
                                    producer(installation), new ByteArraySerializer(), new ByteArraySerializer()) {
                                @Override
                                public void commitTransaction() {
                                    super.commitTransaction();
                                    if (commits.getAndIncrement() == 0) {
                                        throw new TimeoutException("forced");
                                    }
                                }
                            });
        }
    }

    @Test
    void anAnswerHasThePartitionAndKeyOfItsRequest() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory)) {
            sendToLane(installation);
            run(
                    installation,
                    () -> new KafkaProducer<>(
                            producer(installation), new ByteArraySerializer(), new ByteArraySerializer()));
            var requests = installation.read(installation.topics().existingRequests(), REQUESTS);
            var predictions = installation.read(installation.topics().predictions(), REQUESTS);
            assertThat(predictions)
                    .as("partition and key of each answer")
                    .extracting(record -> record.partition() + " " + new String(record.key(), UTF_8))
                    .containsExactlyInAnyOrderElementsOf(requests.stream()
                            .map(record -> record.partition() + " " + new String(record.key(), UTF_8))
                            .toList());
        }
    }

    @Test
    void requestsOfAModelThatHangsDelayNoOthersAndTheNextWorkerAnswersOnlyThese() throws Exception {
        try (InferenceServer server = new InferenceServer();
                Installation installation = Installation.onSharedStack(directory)) {
            server.hang();
            Model remote = Model.newBuilder()
                    .setVersion("v1")
                    .setScorer(ScorerKind.OPEN_INFERENCE)
                    .setLocation(server.url())
                    .setModelName("sum")
                    .setDeadlineMs(60_000L)
                    .build();
            RolloutState state = RolloutState.newBuilder(States.withoutRollout())
                    .setDeployment("remote")
                    .setExisting(remote)
                    .build();
            sendToLane(installation, "remote", remote);
            sendToLane(installation, "sums", States.withoutRollout().getExisting());
            sendToLane(installation, "remote", remote);
            sendToLane(installation, "sums", States.withoutRollout().getExisting());
            Supplier<Producer<byte[], byte[]>> producers = () ->
                    new KafkaProducer<>(producer(installation), new ByteArraySerializer(), new ByteArraySerializer());
            run(installation, producers, 2 * REQUESTS, state);
            assertThat(installation.predictions(installation.topics().predictions(), 2 * REQUESTS))
                    .as("one model hangs")
                    .extracting(Prediction::getDeployment)
                    .containsOnly("sums");

            server.behave((exchange, body) -> InferenceServer.respond(exchange, 200, InferenceServer.sum(body)));
            run(installation, producers, 4 * REQUESTS, state);
        }
    }

    private void run(Installation installation, Supplier<Producer<byte[], byte[]>> producers) throws Exception {
        run(installation, producers, REQUESTS, States.withoutRollout());
    }

    /** Runs a worker until there are {@code expected} answers, and checks that no request has two. */
    private void run(
            Installation installation, Supplier<Producer<byte[], byte[]>> producers, int expected, RolloutState state)
            throws Exception {
        OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
        try (ModelLoader loader = new ModelLoader(ModelLimits.of(directory, Duration.ofSeconds(1), 1), meters);
                ModelCatalogue catalogue = new ModelCatalogue(loader)) {
            catalogue.update(States.withoutRollout());
            catalogue.update(state);
            Map<String, Object> configs = installation.kafka();
            configs.put("group.id", installation.settings().prefix() + "worker");
            configs.put("isolation.level", "read_committed");
            configs.put("auto.offset.reset", "earliest");
            configs.put("enable.auto.commit", false);
            ScorerWorker worker = ScorerWorker.forLane(
                    Lane.EXISTING,
                    installation.topics(),
                    installation.registry(),
                    catalogue,
                    new KafkaConsumer<>(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                    producers,
                    meters,
                    InstantSource.system(),
                    1000,
                    Duration.ofSeconds(10));
            Thread thread = new Thread(worker);
            thread.start();
            assertThat(installation.predictions(installation.topics().predictions(), expected))
                    .extracting(Prediction::getRequestId)
                    .hasSize(expected)
                    .doesNotHaveDuplicates();
            worker.close();
            thread.join();
        }
    }

    private static Map<String, Object> producer(Installation installation) {
        Map<String, Object> configs = installation.kafka();
        configs.put("transactional.id", installation.settings().prefix() + "worker");
        return configs;
    }

    private void sendToLane(Installation installation) {
        sendToLane(installation, "sums", States.withoutRollout().getExisting());
    }

    private void sendToLane(Installation installation, String deployment, Model model) {
        RouteHeader headers = new RouteHeader(Route.outsideRollout(deployment, model));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(installation.kafka(), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < REQUESTS; i++) {
                // The key belongs to another partition than the one it is sent to, as with another partitioner.
                producer.send(new ProducerRecord<>(
                        installation.topics().existingRequests().name(),
                        i % 3,
                        ("key-" + i).getBytes(UTF_8),
                        installation.encode(request("id-" + ids++, deployment, Map.of("x", 1.0, "y", 1.0))),
                        headers.stamp(new RecordHeaders(), RouteHeader.encodeTimes(1, 1))));
            }
        }
    }
}
