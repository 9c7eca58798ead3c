package io.understudy.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.understudy.registry.Encoder;
import io.understudy.registry.Registry;
import io.understudy.schema.Model;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import io.understudy.schema.ScorerKind;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.internals.AutoOffsetResetStrategy;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ControlFollowerTest {

    private static final long END = 1_000_000;

    private final Topics topics = new Topics("", 1024 * 1024);
    private final Registry registry = new Registry(new MockSchemaRegistryClient(), Map.of(), Duration.ZERO);
    private final ControlView view = new ControlView(InstantSource.system());
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>(AutoOffsetResetStrategy.EARLIEST.name());

    @Test
    void aConsoleReadsAllStatesButOnlyTheNewestEvents() throws Exception {
        registry.register(topics);
        Stream.of(topics.rolloutState(), topics.rolloutEvents(), topics.rolloutEvaluations())
                .forEach(topic -> {
                    consumer.updatePartitions(
                            topic.name(), List.of(new PartitionInfo(topic.name(), 0, null, null, null)));
                    consumer.updateBeginningOffsets(Map.of(partition(topic), 0L));
                    consumer.updateEndOffsets(Map.of(partition(topic), END));
                });
        consumer.schedulePollTask(() -> {
            add(topics.rolloutState(), 0, state());
            add(topics.rolloutEvents(), END - ControlFollower.LOOK_BACK - 1, event("too old"));
            add(topics.rolloutEvents(), END - ControlFollower.LOOK_BACK, event("old enough"));
            add(topics.rolloutEvents(), END - 1, event("newest"));
        });
        ControlFollower follower = new ControlFollower(topics, registry, () -> consumer, view);
        Thread thread = new Thread(follower, "follower");
        thread.start();
        try {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> view.events("sums").stream().anyMatch(event -> "newest".equals(event.getReason())));
            assertThat(view.events("sums")).extracting(RolloutEvent::getReason).containsExactly("old enough", "newest");
            assertThat(view.states()).extracting(RolloutState::getDeployment).containsExactly("sums");
        } finally {
            follower.close();
            thread.join();
        }
    }

    private static TopicPartition partition(Topic topic) {
        return new TopicPartition(topic.name(), 0);
    }

    private void add(Topic topic, long offset, SpecificRecord record) {
        Encoder<SpecificRecord> encoder = registry.encoder(topic);
        consumer.addRecord(
                new ConsumerRecord<>(topic.name(), 0, offset, "sums".getBytes(UTF_8), encoder.encode(record)));
    }

    private static RolloutEvent event(String reason) {
        return RolloutEvent.newBuilder()
                .setDeployment("sums")
                .setType(RolloutEventType.REJECTED)
                .setActor("tester")
                .setReason(reason)
                .setStateVersion(1)
                .setAt(Instant.EPOCH)
                .build();
    }

    private static RolloutState state() {
        return RolloutState.newBuilder()
                .setDeployment("sums")
                .setVersion(1)
                .setExisting(Model.newBuilder()
                        .setVersion("v1")
                        .setScorer(ScorerKind.ONNX)
                        .build())
                .setUpdatedAt(Instant.EPOCH)
                .build();
    }
}
