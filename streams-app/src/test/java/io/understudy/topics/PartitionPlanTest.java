package io.understudy.topics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.understudy.topics.InternalTopic.Partitioning;
import io.understudy.topics.PartitionPlan.Step;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartitionPlanTest {

    private final Topics topics = new Topics("", 1024 * 1024);

    private final List<InternalTopic> internalTopics = List.of(
            InternalTopic.changelog("understudy-router", "waiting", Partitioning.DATA, 1000),
            InternalTopic.repartition("understudy-evaluator", "partials", Partitioning.FIXED, 1000),
            InternalTopic.changelog("understudy-evaluator", "evidence", Partitioning.FIXED, 1000),
            InternalTopic.changelog("understudy-controller", "states", Partitioning.CONTROL, 1000));

    @Test
    void whatIsBehindARequestIsRaisedBeforeTheRequests() {
        PartitionPlan plan = PartitionPlan.of(topics, internalTopics, partitions(3), 6);
        assertThat(plan.groups()).containsExactly("understudy-evaluator", "understudy-router");
        assertThat(plan.steps())
                .extracting(Step::topic)
                .containsExactly(
                        "understudy-router-waiting-changelog",
                        "dead-letters",
                        "outcomes",
                        "candidate-predictions",
                        "predictions",
                        "candidate-requests",
                        "existing-requests",
                        "prediction-requests");
        assertThat(plan.steps()).allMatch(step -> step.from() == 3 && step.to() == 6);
    }

    /** With another number, a deployment would be judged by a task that does not have its evidence. */
    @Test
    void theTopicsOfTheJudgeKeepTheirPartitions() {
        PartitionPlan plan = PartitionPlan.of(topics, internalTopics, partitions(3), 6);
        assertThat(plan.steps()).extracting(Step::topic).noneMatch(topic -> topic.contains("understudy-evaluator"));
    }

    @Test
    void aPlanGoesOnWhereItWasStopped() {
        Map<String, Integer> partitions = partitions(6);
        partitions.put("prediction-requests", 3);
        PartitionPlan plan = PartitionPlan.of(topics, internalTopics, partitions, 6);
        assertThat(plan.steps()).containsExactly(new Step("prediction-requests", 3, 6));
        assertThat(PartitionPlan.of(topics, internalTopics, partitions(6), 6).steps())
                .isEmpty();
    }

    @Test
    void partitionsAreNeverRemoved() {
        assertThatThrownBy(() -> PartitionPlan.of(topics, internalTopics, partitions(6), 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "has 6 partitions, and partitions cannot be removed; the number must be at least 6");
    }

    @ParameterizedTest
    @CsvSource({"3, 6", "6, 9", "4, 6", "6, 7", "1, 12", "12, 24", "6, 6"})
    void theShareOfKeysThatMoveIsThatOfTheDefaultPartitioner(int from, int to) {
        int keys = 50_000;
        int moved = 0;
        for (int i = 0; i < keys; i++) {
            byte[] key = ("key-" + i).getBytes(UTF_8);
            moved += BuiltInPartitioner.partitionForKey(key, from) == BuiltInPartitioner.partitionForKey(key, to)
                    ? 0
                    : 1;
        }
        PartitionPlan plan = PartitionPlan.of(topics, internalTopics, partitions(from), to);
        assertThat((double) moved / keys).isCloseTo(plan.movedShare(), within(0.01));
    }

    private Map<String, Integer> partitions(int data) {
        Map<String, Integer> partitions = new HashMap<>();
        topics.all().forEach(topic -> partitions.put(topic.name(), topic.control() ? 1 : data));
        partitions.put("understudy-router-waiting-changelog", data);
        partitions.put("understudy-evaluator-partials-repartition", 3);
        partitions.put("understudy-evaluator-evidence-changelog", 3);
        partitions.put("understudy-controller-states-changelog", 1);
        return partitions;
    }
}
