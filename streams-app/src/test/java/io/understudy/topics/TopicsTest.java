package io.understudy.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
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
                .hasSize(10)
                .allSatisfy(
                        topic -> assertThat(topic.configs()).containsEntry("message.timestamp.type", "LogAppendTime"));
        assertThat(topics.predictionRequests().configs()).doesNotContainKey("message.timestamp.type");
    }
}
