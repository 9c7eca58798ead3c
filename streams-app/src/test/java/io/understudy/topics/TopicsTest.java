package io.understudy.topics;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.topics.InternalTopic.Partitioning;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TopicsTest {

    private final Topics topics = new Topics("", 1024 * 1024);

    @Test
    void aNamedLaneHasATopicForExistingModelsAndOneForCandidates() {
        Topics withLane = new Topics("p.", 1024, List.of("slow"));
        assertThat(withLane.all()).hasSize(topics.all().size() + 2);
        assertThat(withLane.existingRequests(Optional.of("slow")).name()).isEqualTo("p.existing-requests-slow");
        assertThat(withLane.candidateRequests(Optional.of("slow")).name()).isEqualTo("p.candidate-requests-slow");
        assertThat(withLane.existingRequests(Optional.empty())).isEqualTo(withLane.existingRequests());
    }

    /** Otherwise retention would delete the lane records and answers of an old request at once. */
    @Test
    void theBrokerStampsEveryRecordButTheRequestsOfSenders() {
        assertThat(topics.all())
                .filteredOn(topic -> !topic.equals(topics.predictionRequests()))
                .hasSize(11)
                .allSatisfy(
                        topic -> assertThat(topic.configs()).containsEntry("message.timestamp.type", "LogAppendTime"));
        assertThat(topics.predictionRequests().configs()).doesNotContainKey("message.timestamp.type");
    }

    @Test
    void onlyTheEventsAreKeptForEver() {
        assertThat(topics.all())
                .filteredOn(topic -> !topic.compacted())
                .filteredOn(topic -> topic.configs().get("retention.ms").equals("-1"))
                .containsExactly(topics.rolloutEvents());
    }

    @Test
    void aControlTopicThatGrowsForEverIsReportedAndADataTopicIsUpToItsOwner() {
        assertThat(rejected(topics.rolloutEvaluations().rules(), "retention.ms", "-1"))
                .containsExactly("should be limited, for example to 2592000000");
        assertThat(rejected(topics.rolloutEvaluations().rules(), "retention.ms", "1000"))
                .as("chosen by whoever runs the cluster")
                .isEmpty();
        assertThat(rejected(topics.predictions().rules(), "retention.ms", "-1")).isEmpty();
    }

    @Test
    void compactedTopicsHaveSmallSegmentsThatStillHoldTheLargestRecord() {
        InternalTopic evidence = InternalTopic.changelog("app", "store", Partitioning.FIXED, 32 * 1024 * 1024);
        assertThat(evidence.configs())
                .containsEntry("segment.bytes", Integer.toString(64 * 1024 * 1024))
                .containsEntry("cleanup.policy", "compact");
        assertThat(rejected(evidence.rules(), "segment.bytes", "1073741824")).hasSize(1);
        assertThat(rejected(evidence.rules(), "min.cleanable.dirty.ratio", "0.5"))
                .hasSize(1);
        assertThat(topics.rolloutState().configs()).containsEntry("segment.ms", "600000");
        assertThat(Stream.concat(evidence.rules().stream(), topics.rolloutState().rules().stream()))
                .filteredOn(rule -> rule.name().startsWith("segment."))
                .as("roles start all the same")
                .noneMatch(ConfigRule::required);
    }

    private static List<String> rejected(List<ConfigRule> rules, String name, String actual) {
        return rules.stream()
                .filter(rule -> rule.name().equals(name) && !rule.permits(actual))
                .map(ConfigRule::expectation)
                .collect(Collectors.toList());
    }
}
