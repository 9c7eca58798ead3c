package io.understudy.runtime;

import io.understudy.evaluation.EvaluationTopology;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Requests the number of partitions of the data topics from the cluster. */
final class PartitionCount implements IntSupplier {

    private final Settings settings;

    PartitionCount(Settings settings) {
        this.settings = settings;
    }

    @Override
    public int getAsInt() {
        String topic = settings.topics().predictions().name();
        return of(settings, topic).orElseThrow(() -> new KafkaException("topic " + topic + " does not exist"));
    }

    /**
     * The number of tasks that judge deployments: that of the partitions with which the topic between counting and
     * judging was created, or of the data topics if it does not exist yet.
     */
    static int judgingTasks(Settings settings) {
        String application = settings.topics().application(RoleName.EVALUATOR.code());
        String topic = EvaluationTopology.partials(application, StreamsRole.MAX_EVIDENCE_BYTES)
                .name();
        return of(settings, topic).orElseGet(() -> new PartitionCount(settings).getAsInt());
    }

    private static Optional<Integer> of(Settings settings, String topic) {
        try (Admin admin = Admin.create(settings.clients())) {
            TopicDescription description =
                    admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
            return Optional.of(
                    Objects.requireNonNull(description, topic).partitions().size());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted while requesting the partitions of " + topic, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Optional.empty();
            }
            throw new KafkaException("cannot request the partitions of " + topic, e.getCause());
        }
    }
}
