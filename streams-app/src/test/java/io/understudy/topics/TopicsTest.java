package io.understudy.topics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TopicsTest {

    private final Topics topics = new Topics("", 1024 * 1024);

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
