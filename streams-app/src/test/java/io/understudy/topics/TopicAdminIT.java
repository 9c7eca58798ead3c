package io.understudy.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.understudy.testing.SharedStack;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TopicAdminIT {

    private final Topics topics = new Topics(SharedStack.prefix(), 1024 * 1024);
    private Admin admin;
    private TopicAdmin topicAdmin;

    @BeforeEach
    void connect() {
        admin = Admin.create(Map.of("bootstrap.servers", SharedStack.get().bootstrapServers()));
        topicAdmin = new TopicAdmin(admin, topics, List.of(), 4, Optional.empty());
    }

    @AfterEach
    void close() {
        admin.close();
    }

    @Test
    void createsEveryTopicAsItShouldBeOnce() throws Exception {
        assertThat(topicAdmin.check().faults())
                .hasSize(topics.all().size())
                .allMatch(fault -> fault.endsWith("does not exist"));
        assertThat(topicAdmin.create()).hasSize(topics.all().size());
        // The broker needs a moment to take notice itself.
        await().atMost(Duration.ofSeconds(20))
                .until(() -> topicAdmin.check().faults().isEmpty());
        assertThat(topicAdmin.create()).isEmpty();
        var descriptions = admin.describeTopics(List.of(
                        topics.predictions().name(), topics.rolloutState().name()))
                .allTopicNames()
                .get();
        assertThat(descriptions.get(topics.predictions().name()).partitions()).hasSize(4);
        assertThat(descriptions.get(topics.rolloutState().name()).partitions()).hasSize(1);
        assertThat(config(topics.rolloutState(), "cleanup.policy")).isEqualTo("compact");
        assertThat(config(topics.predictions(), "cleanup.policy")).isEqualTo("delete");
        assertThat(config(topics.rolloutEvents(), "retention.ms")).isEqualTo("-1");
    }

    @Test
    void saysWhatIsWrongWithTopicsThatExist() throws Exception {
        topicAdmin.create();
        admin.createPartitions(Map.of(topics.outcomes().name(), NewPartitions.increaseTo(5)))
                .all()
                .get();
        set(topics.rolloutState(), "cleanup.policy", "delete");
        set(topics.existingRequests(), "max.message.bytes", "1000");
        set(topics.rolloutCommands(), "message.timestamp.type", "CreateTime");
        // The broker needs a moment to take notice itself.
        await().atMost(Duration.ofSeconds(20))
                .until(() -> topicAdmin.check().faults().size() == 4);
        assertThat(topicAdmin.check().faults())
                .anyMatch(fault ->
                        fault.startsWith("the data topics must all have the same number of partitions, but have "))
                .anyMatch(fault -> fault.equals("topic " + topics.rolloutState().name()
                        + " has cleanup.policy=delete; it must be compact; change it with 'understudy topics --apply', or with: kafka-configs --alter --entity-type topics --entity-name "
                        + topics.rolloutState().name() + " --add-config cleanup.policy=compact"))
                .anyMatch(fault -> fault.startsWith("topic "
                        + topics.existingRequests().name() + " has max.message.bytes=1000; it must be at least "))
                .anyMatch(fault -> fault.equals("topic "
                        + topics.rolloutCommands().name()
                        + " has message.timestamp.type=CreateTime; it must be LogAppendTime; change it with"
                        + " 'understudy topics --apply', or with: kafka-configs --alter --entity-type topics --entity-name "
                        + topics.rolloutCommands().name() + " --add-config message.timestamp.type=LogAppendTime"))
                .hasSize(4);
    }

    @Test
    void aRecordWithTheTimeOfAnOldRequestIsKeptAsLongAsANewOne() throws Exception {
        topicAdmin.create();
        Map<String, Object> configs =
                Map.of("bootstrap.servers", SharedStack.get().bootstrapServers());
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(configs, new ByteArraySerializer(), new ByteArraySerializer())) {
            long before = System.currentTimeMillis();
            for (Topic topic : List.of(topics.existingRequests(), topics.predictions())) {
                RecordMetadata appended = producer.send(
                                new ProducerRecord<>(topic.name(), 0, 1L, new byte[0], new byte[0]))
                        .get();
                assertThat(appended.timestamp()).isGreaterThanOrEqualTo(before);
            }
        }
    }

    private String config(Topic topic, String name) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
        return admin.describeConfigs(List.of(resource))
                .all()
                .get()
                .get(resource)
                .get(name)
                .value();
    }

    private void set(Topic topic, String name, String value) throws Exception {
        admin.incrementalAlterConfigs(Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, topic.name()),
                        List.of(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }
}
