package io.understudy.runtime;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/** How many partitions the data topics have, asked of the cluster. */
final class PartitionCount implements IntSupplier {

    private final Settings settings;

    PartitionCount(Settings settings) {
        this.settings = settings;
    }

    @Override
    public int getAsInt() {
        String topic = settings.topics().predictions().name();
        try (Admin admin = Admin.create(settings.clients())) {
            return admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get()
                    .get(topic)
                    .partitions()
                    .size();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted while asking for the partitions of " + topic, e);
        } catch (ExecutionException e) {
            throw new KafkaException("the partitions of " + topic + " could not be asked for", e.getCause());
        }
    }
}
