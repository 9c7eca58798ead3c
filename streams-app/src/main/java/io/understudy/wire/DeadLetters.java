package io.understudy.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.topics.Topic;
import java.util.Arrays;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** How a record that no role can use is kept: key and value as received, why and where from in headers. */
public final class DeadLetters {

    /** Why, one of {@link DeadLetterReason#code()}. */
    public static final String REASON = "understudy-reason";

    /** Why, in words. */
    public static final String DETAIL = "understudy-detail";

    /** The role that gave up on the record. */
    public static final String ROLE = "understudy-role";

    /** The topic the record came from. */
    public static final String ORIGIN_TOPIC = "understudy-origin-topic";

    /** The partition the record came from. */
    public static final String ORIGIN_PARTITION = "understudy-origin-partition";

    /** The offset the record had there. */
    public static final String ORIGIN_OFFSET = "understudy-origin-offset";

    /** How many bytes the value had, where only its beginning is kept. */
    public static final String TRUNCATED_FROM = "understudy-truncated-from";

    /** Bytes that are kept of a value that would not fit the topic; the whole is at its origin. */
    private static final int KEPT_OF_OVERSIZED = 64 * 1024;

    private final Topic topic;

    /** Dead letters for {@code topic}. */
    public DeadLetters(Topic topic) {
        this.topic = topic;
    }

    /** The dead letter's value: all of {@code value}, or its beginning when it would not fit. */
    public byte[] value(byte[] value) {
        return isOversized(value) ? Arrays.copyOf(value, KEPT_OF_OVERSIZED) : value;
    }

    /** The dead letter's headers: those received, then why and where from. */
    public Headers headers(Headers received, byte[] value, String role, UnusableRecordException why, Origin origin) {
        Headers headers = new RecordHeaders(received);
        headers.add(REASON, why.reason().code().getBytes(UTF_8));
        headers.add(DETAIL, String.valueOf(why.getMessage()).getBytes(UTF_8));
        headers.add(ROLE, role.getBytes(UTF_8));
        headers.add(ORIGIN_TOPIC, origin.topic().getBytes(UTF_8));
        headers.add(ORIGIN_PARTITION, Integer.toString(origin.partition()).getBytes(UTF_8));
        headers.add(ORIGIN_OFFSET, Long.toString(origin.offset()).getBytes(UTF_8));
        if (isOversized(value)) {
            headers.add(TRUNCATED_FROM, Integer.toString(value.length).getBytes(UTF_8));
        }
        return headers;
    }

    /** The dead letter as a record to send. */
    public ProducerRecord<byte[], byte[]> record(
            byte[] key, byte[] value, Headers received, String role, UnusableRecordException why, Origin origin) {
        return new ProducerRecord<>(
                topic.name(), null, null, key, value(value), headers(received, value, role, why, origin));
    }

    private boolean isOversized(byte[] value) {
        return value != null && value.length > topic.maxMessageBytes() - KEPT_OF_OVERSIZED;
    }

    /**
     * Where a record came from.
     *
     * @param topic its topic
     * @param partition its partition
     * @param offset its offset
     */
    public record Origin(String topic, int partition, long offset) {}
}
