package io.understudy.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.topics.Topics;
import io.understudy.wire.DeadLetters.DeadLetter;
import io.understudy.wire.DeadLetters.Origin;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class RecordSizeTest {

    private static final int MAX_REQUEST_BYTES = 1024 * 1024;

    private final Topics topics = new Topics("", MAX_REQUEST_BYTES);

    @Test
    void countsTheFrameOfEachHeaderAndTheBytesOfItsName() {
        assertThat(RecordSize.of(null, null, headers(900_000, "h"))).isGreaterThanOrEqualTo(2_700_000);
        assertThat(RecordSize.of(null, null, headers(1, "\u4e2d".repeat(100)))).isGreaterThanOrEqualTo(300);
    }

    @Test
    void everyDeadLetterFitsInItsTopic() {
        DeadLetters deadLetters = new DeadLetters(topics.deadLetters());
        UnusableRecordException why = new UnusableRecordException(DeadLetterReason.MALFORMED, "\u4e2d".repeat(2000));
        for (int size = topics.deadLetters().maxMessageBytes() - 70_000;
                size < topics.deadLetters().maxMessageBytes() + 5000;
                size += 997) {
            for (int count : new int[] {0, 1, 1000, 5000}) {
                DeadLetter letter = deadLetters.of(
                        "key".getBytes(UTF_8),
                        new byte[size],
                        headers(count, "header"),
                        "router",
                        why,
                        new Origin("t".repeat(249), 1, 1));
                assertThat(RecordSize.of(letter.key(), letter.value(), letter.headers()))
                        .isLessThanOrEqualTo(topics.deadLetters().maxMessageBytes());
            }
        }
    }

    @Test
    void aDeadLetterDoesWithoutTooManyHeadersAndSaysSo() {
        DeadLetter letter = new DeadLetters(topics.deadLetters())
                .of(
                        null,
                        new byte[10],
                        headers(HeaderLimits.MAX_HEADERS + 1, "h"),
                        "router",
                        new UnusableRecordException(DeadLetterReason.MALFORMED, "detail"),
                        new Origin("topic", 1, 1));
        assertThat(letter.headers().headers("h")).isEmpty();
        assertThat(new String(
                        letter.headers().lastHeader(DeadLetters.HEADERS_DROPPED).value(), UTF_8))
                .isEqualTo("1001");
    }

    private static Headers headers(int count, String name) {
        Headers headers = new RecordHeaders();
        for (int i = 0; i < count; i++) {
            headers.add(name, new byte[0]);
        }
        return headers;
    }
}
