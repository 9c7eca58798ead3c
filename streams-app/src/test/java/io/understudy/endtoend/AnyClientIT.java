package io.understudy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutVerb;
import io.understudy.schema.SchemaClasses;
import io.understudy.testing.Installation;
import io.understudy.testing.OnnxFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An operator's program that uses only Kafka, Confluent's serializers and the schemas, as described in
 * docs/rollouts.md.
 */
class AnyClientIT {

    @TempDir
    Path directory;

    @Test
    void anyAvroClientCanSendCommandsAndReadEvents() throws Exception {
        SchemaClasses.trust();
        try (Installation installation = Installation.onSharedStack(directory)) {
            OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
            installation.startNode();
            Map<String, Object> configs = new HashMap<>(installation.kafka());
            configs.put("schema.registry.url", installation.settings().registryUrl());
            configs.put("auto.register.schemas", false);
            configs.put("avro.remove.java.properties", true);
            configs.put("specific.avro.reader", true);
            configs.put("key.serializer", StringSerializer.class);
            configs.put("value.serializer", KafkaAvroSerializer.class);
            configs.put("key.deserializer", StringDeserializer.class);
            configs.put("value.deserializer", KafkaAvroDeserializer.class);
            configs.put("group.id", installation.settings().prefix() + "any-client");
            configs.put("auto.offset.reset", "earliest");
            configs.put("isolation.level", "read_committed");

            RolloutCommand command = RolloutCommand.newBuilder()
                    .setId(UUID.randomUUID().toString())
                    .setDeployment("sums")
                    .setVerb(RolloutVerb.DEPLOY)
                    .setActor("a program")
                    .setSpec(ShadowScenario.EXISTING)
                    .setIssuedAt(Instant.now())
                    .build();
            try (KafkaProducer<String, RolloutCommand> producer = new KafkaProducer<>(configs)) {
                producer.send(new ProducerRecord<>(
                                installation.topics().rolloutCommands().name(), command.getDeployment(), command))
                        .get();
            }
            List<RolloutEvent> events = new ArrayList<>();
            try (KafkaConsumer<String, RolloutEvent> consumer = new KafkaConsumer<>(configs)) {
                consumer.subscribe(List.of(installation.topics().rolloutEvents().name()));
                await().atMost(Duration.ofSeconds(60)).until(() -> {
                    consumer.poll(Duration.ofMillis(200)).forEach(record -> events.add(record.value()));
                    return !events.isEmpty();
                });
            }
            assertThat(events.get(0).getType()).isEqualTo(RolloutEventType.DEPLOYED);
            assertThat(events.get(0).getCommandId()).isEqualTo(command.getId());
        }
    }
}
