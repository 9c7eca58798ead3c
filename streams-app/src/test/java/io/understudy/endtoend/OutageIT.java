package io.understudy.endtoend;

import static io.understudy.testing.Installation.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import io.understudy.embedded.EmbeddedStack;
import io.understudy.http.Check;
import io.understudy.registry.Registry;
import io.understudy.runtime.Node;
import io.understudy.runtime.Preflight;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.RolloutVerb;
import io.understudy.testing.Installation;
import io.understudy.testing.OnnxFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecordBuilder;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Outages of the registry and the broker. No request is lost or answered twice, and everything that can continue does.
 */
class OutageIT {

    @TempDir
    Path directory;

    @Test
    void waitsForTheRegistryAtStartAndLosesNothingDuringLaterOutages() throws Exception {
        try (EmbeddedStack stack = EmbeddedStack.temporary();
                Installation installation =
                        new Installation(stack.bootstrapServers(), stack.registryUrl(), "", directory)) {
            OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
            preflightWaitsForTheRegistry(stack, installation);
            Node node = installation.startNode();
            installation.command(RolloutVerb.DEPLOY, "sums", ShadowScenario.EXISTING);
            answersRequestsWithKnownSchemasWithoutTheRegistry(stack, installation, node);
            waitsForTheRegistryToReadAnUnknownSchema(stack, installation);
            continuesAfterAnOutageOfTheBroker(stack, installation, node);
        }
    }

    private static void preflightWaitsForTheRegistry(EmbeddedStack stack, Installation installation) throws Exception {
        stack.stopRegistry();
        // A new registry client, because the installation's client already has everything in its cache.
        try (var fresh = Registry.connect(stack.registryUrl(), Map.of(), Duration.ofSeconds(1))) {
            CompletableFuture<List<String>> faults = CompletableFuture.supplyAsync(() -> {
                try {
                    return new Preflight(installation.settings(), fresh).awaitFaults(() -> false);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            stack.startRegistry();
            assertThat(faults.get(60, TimeUnit.SECONDS)).isEmpty();
        }
    }

    private static void answersRequestsWithKnownSchemasWithoutTheRegistry(
            EmbeddedStack stack, Installation installation, Node node) throws Exception {
        send(installation, "warm", 10);
        assertAnswered(installation, 10);
        stack.stopRegistry();
        awaitReadiness(node, List.of("registry"));
        send(installation, "registry-down", 50);
        assertAnswered(installation, 60);
        stack.startRegistry();
    }

    private static void waitsForTheRegistryToReadAnUnknownSchema(EmbeddedStack stack, Installation installation)
            throws Exception {
        byte[] newer = requestOfANewerSchema(stack);
        stack.stopRegistry();
        installation
                .send(installation.topics().predictionRequests(), "key", newer)
                .get();
        send(installation, "behind-it", 5);
        stack.startRegistry();
        List<Prediction> predictions = assertAnswered(installation, 66);
        assertThat(predictions).anyMatch(prediction -> prediction.getRequestId().equals("newer"));
    }

    /** A request from an upstream program that has added a field to the schema. */
    private static byte[] requestOfANewerSchema(EmbeddedStack stack) throws Exception {
        Schema schema = SchemaBuilder.record("PredictionRequest")
                .namespace("io.understudy.schema")
                .fields()
                .requiredString("request_id")
                .requiredString("deployment")
                .requiredLong("event_time")
                .name("features")
                .type()
                .map()
                .values()
                .doubleType()
                .noDefault()
                .optionalString("tenant")
                .endRecord();
        try (SchemaRegistryClient client = new CachedSchemaRegistryClient(stack.registryUrl(), 10)) {
            client.register("upstream-value", new AvroSchema(schema));
            try (KafkaAvroSerializer serializer = new KafkaAvroSerializer(
                    client, Map.of("schema.registry.url", stack.registryUrl(), "auto.register.schemas", false))) {
                return serializer.serialize(
                        "upstream",
                        new GenericRecordBuilder(schema)
                                .set("request_id", "newer")
                                .set("deployment", "sums")
                                .set("event_time", 0L)
                                .set("features", Map.of("x", 1.0, "y", 1.0))
                                .set("tenant", "t")
                                .build());
            }
        }
    }

    private static void continuesAfterAnOutageOfTheBroker(EmbeddedStack stack, Installation installation, Node node)
            throws Exception {
        awaitReadiness(node, List.of());
        stack.stopKafka();
        awaitReadiness(node, List.of("broker", "console"));
        assertThat(node.health()).as("a restart does not help during an outage").allMatch(Check::passes);
        stack.startKafka();
        awaitReadiness(node, List.of());
        send(installation, "broker-back", 50);
        assertAnswered(installation, 116);
    }

    /** Waits until these checks fail, and possibly others. With an empty list, waits until no check fails. */
    private static void awaitReadiness(Node node, List<String> failing) {
        Awaitility.await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> {
            List<String> down = node.readiness().stream()
                    .filter(check -> !check.passes())
                    .map(Check::name)
                    .toList();
            assertThat(down).containsAll(failing);
            assertThat(down.isEmpty()).isEqualTo(failing.isEmpty());
        });
    }

    private static void send(Installation installation, String name, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            installation
                    .send(
                            installation.topics().predictionRequests(),
                            "key-" + i,
                            installation.encode(request(name + "-" + i, "sums", Map.of("x", 1.0, "y", 1.0))))
                    .get();
        }
    }

    private static List<Prediction> assertAnswered(Installation installation, int count) {
        List<Prediction> predictions =
                installation.predictions(installation.topics().predictions(), count);
        assertThat(predictions)
                .extracting(Prediction::getRequestId)
                .hasSize(count)
                .doesNotHaveDuplicates();
        assertThat(predictions).extracting(Prediction::getStatus).containsOnly(PredictionStatus.OK);
        return predictions;
    }
}
