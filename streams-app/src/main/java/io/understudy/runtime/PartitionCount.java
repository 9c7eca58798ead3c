package io.understudy.runtime;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;

/** Requests the number of partitions of the data topics from the cluster. */
final class PartitionCount implements IntSupplier {

    private final Settings settings;

    PartitionCount(Settings settings) {
        this.settings = settings;
    }

    @Override
    public int getAsInt() {
        String topic = settings.topics().predictions().name();
        try (Admin admin = Admin.create(settings.clients())) {
            TopicDescription description =
                    admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
            return Objects.requireNonNull(description, topic).partitions().size();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted while requesting the partitions of " + topic, e);
        } catch (ExecutionException e) {
            throw new KafkaException("cannot request the partitions of " + topic, e.getCause());
        }
    }
}
