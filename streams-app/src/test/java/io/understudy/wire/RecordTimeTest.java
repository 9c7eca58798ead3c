package io.understudy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class RecordTimeTest {

    @Test
    void usesTheTimestampOfTheRecord() {
        assertThat(new RecordTime().extract(record(5), 9)).isEqualTo(5);
    }

    @Test
    void usesTheCurrentTimeWhenARecordHasNoTimestamp() {
        long before = System.currentTimeMillis();
        assertThat(new RecordTime().extract(record(-1), -1)).isBetween(before, System.currentTimeMillis());
    }

    private static ConsumerRecord<Object, Object> record(long timestamp) {
        return new ConsumerRecord<>(
                "t", 0, 0, timestamp, TimestampType.CREATE_TIME, 0, 0, "k", "v", new RecordHeaders(), Optional.empty());
    }
}
