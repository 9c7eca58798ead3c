package io.understudy.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.embedded.EmbeddedBroker;
import io.understudy.embedded.EmbeddedCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThreeBrokersIT {

    private static final String TOPIC = "topic";

    @TempDir
    Path directory;

    @Test
    void aTopicHasThreeReplicasAndAnyBrokerMayBeKilled() throws Exception {
        try (EmbeddedCluster cluster = new EmbeddedCluster(directory, 3, Map.of())) {
            cluster.start();
            Map<String, Object> configs = Map.of("bootstrap.servers", cluster.bootstrapServers());
            try (Admin admin = Admin.create(configs);
                    KafkaProducer<byte[], byte[]> producer =
                            new KafkaProducer<>(configs, new ByteArraySerializer(), new ByteArraySerializer())) {
                admin.createTopics(List.of(new NewTopic(TOPIC, Optional.of(3), Optional.empty())))
                        .all()
                        .get();
                assertThat(partitions(admin))
                        .hasSize(3)
                        .allSatisfy(
                                partition -> assertThat(partition.replicas()).hasSize(3));
                assertThat(minInSync(admin)).isEqualTo("2");

                for (EmbeddedBroker broker : cluster.brokers()) {
                    broker.kill();
                    for (int partition = 0; partition < 3; partition++) {
                        producer.send(new ProducerRecord<>(TOPIC, partition, null, new byte[1]))
                                .get();
                    }
                    broker.start();
                    cluster.awaitInSync(Duration.ofMinutes(2));
                }
            }
        }
    }

    private static List<TopicPartitionInfo> partitions(Admin admin) throws Exception {
        return admin.describeTopics(List.of(TOPIC))
                .allTopicNames()
                .get()
                .get(TOPIC)
                .partitions();
    }

    private static String minInSync(Admin admin) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
        return admin.describeConfigs(List.of(topic))
                .all()
                .get()
                .get(topic)
                .get("min.insync.replicas")
                .value();
    }
}
