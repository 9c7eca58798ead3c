package io.understudy.topics;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.topics.InternalTopic.Partitioning;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PartitionCheckTest {

    private final Topics topics = new Topics("", 1024 * 1024);
    private final InternalTopic waiting =
            InternalTopic.changelog("understudy-router", "waiting", Partitioning.DATA, 1000);
    private final InternalTopic partials =
            InternalTopic.repartition("understudy-evaluator", "partials", Partitioning.FIXED, 1000);
    private final InternalTopic evidence =
            InternalTopic.changelog("understudy-evaluator", "evidence", Partitioning.FIXED, 1000);
    private final Map<String, Integer> partitions = new HashMap<>();

    @BeforeEach
    void createTopics() {
        topics.all().forEach(topic -> partitions.put(topic.name(), topic.control() ? 1 : 6));
        partitions.put(waiting.name(), 6);
        partitions.put(partials.name(), 3);
        partitions.put(evidence.name(), 3);
    }

    @Test
    void topicsThatBelongTogetherHaveTheSameNumber() {
        assertThat(faults()).isEmpty();
    }

    @Test
    void anInternalTopicThatDoesNotExistYetIsNoFault() {
        partitions.keySet().removeAll(List.of(waiting.name(), partials.name(), evidence.name()));
        assertThat(faults()).isEmpty();
    }

    @Test
    void anInternalTopicThatKeptItsOldNumberNamesTheCommand() {
        partitions.put(waiting.name(), 3);
        assertThat(faults())
                .containsExactly("topic understudy-router-waiting-changelog, in which understudy-router keeps its data,"
                        + " has 3 partitions; it must have 6; stop the routers and evaluators, and run 'understudy"
                        + " topics --partitions 6 --apply'");
    }

    @Test
    void anInternalTopicWithTooManyPartitionsIsAFault() {
        partitions.put(waiting.name(), 8);
        assertThat(faults())
                .singleElement()
                .asString()
                .endsWith("it must have 6; partitions cannot be removed, so raise the data topics with 'understudy"
                        + " topics --partitions 8'");
    }

    @Test
    void theTopicsOfOneJudgeHaveTheSameNumber() {
        partitions.put(evidence.name(), 6);
        assertThat(faults())
                .singleElement()
                .asString()
                .startsWith("topic understudy-evaluator-partials-repartition")
                .contains("has 3 partitions; it must have 6");
    }

    private List<String> faults() {
        return PartitionCheck.faults(topics, List.of(waiting, partials, evidence), partitions);
    }
}
