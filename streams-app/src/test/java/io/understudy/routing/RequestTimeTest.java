package io.understudy.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class RequestTimeTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final RequestTime time = new RequestTime(() -> NOW);

    /** Answers of the candidate have the time at which the broker appended them. */
    @Test
    void anOldRequestDoesNotComeBeforeAnAnswerThatWaits() {
        long appended = NOW.minusMillis(5).toEpochMilli();
        assertThat(extract(NOW.minus(Duration.ofDays(9000)), new RecordHeaders()))
                .isGreaterThan(appended)
                .isEqualTo(NOW.toEpochMilli());
    }

    @Test
    void aRequestIsNeverSoFarAheadThatABrokerRefusesItsTime() {
        assertThat(extract(NOW.plusSeconds(60), new RecordHeaders()))
                .isEqualTo(NOW.plusSeconds(60).toEpochMilli());
        assertThat(extract(NOW.plus(Duration.ofDays(1)), new RecordHeaders()))
                .isEqualTo(NOW.plus(Duration.ofMinutes(30)).toEpochMilli());
    }

    @Test
    void theProcessorGetsTheTimeOfTheSenderWhateverTheSenderWroteInAHeader() {
        Headers headers =
                new RecordHeaders().add("trace", new byte[] {7}).add("understudy-sent-at", "1".getBytes(UTF_8));
        extract(NOW.minusSeconds(9), headers);
        assertThat(RequestTime.takeSentAt(headers))
                .isEqualTo(NOW.minusSeconds(9).toEpochMilli());
        assertThat(headers).extracting(header -> header.key()).containsExactly("trace");
    }

    @Test
    void aRequestWithoutATimeWasSentNow() {
        Headers headers = new RecordHeaders();
        extract(Instant.ofEpochMilli(ConsumerRecord.NO_TIMESTAMP), headers);
        assertThat(RequestTime.takeSentAt(headers)).isEqualTo(NOW.toEpochMilli());
    }

    private long extract(Instant sentAt, Headers headers) {
        return time.extract(
                new ConsumerRecord<>(
                        "requests",
                        0,
                        0,
                        sentAt.toEpochMilli(),
                        TimestampType.CREATE_TIME,
                        0,
                        0,
                        null,
                        null,
                        headers,
                        Optional.empty()),
                0);
    }
}
