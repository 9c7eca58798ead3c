package io.understudy.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.topics.Topic;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

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

    /** How many bytes the value had, where only beginnings are kept and the received headers are left out. */
    public static final String TRUNCATED_FROM = "understudy-truncated-from";

    /** Bytes that are kept of a key or a value when the whole would not fit the topic; it is at its origin. */
    private static final int KEPT_OF_OVERSIZED = 64 * 1024;

    private static final int LONGEST_DETAIL = 1000;

    private final Topic topic;

    /** Dead letters for {@code topic}. */
    public DeadLetters(Topic topic) {
        this.topic = topic;
    }

    /**
     * A dead letter.
     *
     * @param key the key received, or its beginning when the whole would not fit
     * @param value the value received, or its beginning when the whole would not fit
     * @param headers those received, unless the whole would not fit, then why and where from
     */
    public record DeadLetter(byte[] key, byte[] value, Headers headers) {}

    /** The dead letter for a record. */
    public DeadLetter of(
            byte[] key, byte[] value, Headers received, String role, UnusableRecordException why, Origin origin) {
        boolean oversized = RecordSize.of(key, value, received) > topic.maxMessageBytes() - KEPT_OF_OVERSIZED;
        Headers headers = new RecordHeaders();
        if (oversized) {
            headers.add(
                    TRUNCATED_FROM,
                    Integer.toString(value == null ? 0 : value.length).getBytes(UTF_8));
        } else {
            RouteHeader.copyForeign(received, headers);
        }
        String detail = String.valueOf(why.getMessage());
        headers.add(REASON, why.reason().code().getBytes(UTF_8));
        headers.add(
                DETAIL,
                detail.substring(0, Math.min(detail.length(), LONGEST_DETAIL)).getBytes(UTF_8));
        headers.add(ROLE, role.getBytes(UTF_8));
        headers.add(ORIGIN_TOPIC, origin.topic().getBytes(UTF_8));
        headers.add(ORIGIN_PARTITION, Integer.toString(origin.partition()).getBytes(UTF_8));
        headers.add(ORIGIN_OFFSET, Long.toString(origin.offset()).getBytes(UTF_8));
        return new DeadLetter(oversized ? beginning(key) : key, oversized ? beginning(value) : value, headers);
    }

    /** The dead letter for a record of a Streams application, ready to forward. */
    public Record<byte[], byte[]> record(
            Record<byte[], byte[]> record, RecordMetadata origin, String role, UnusableRecordException why) {
        DeadLetter letter = of(
                record.key(),
                record.value(),
                record.headers(),
                role,
                why,
                new Origin(origin.topic(), origin.partition(), origin.offset()));
        return new Record<>(letter.key(), letter.value(), record.timestamp(), letter.headers());
    }

    /** The dead letter for a record, ready to send. */
    public ProducerRecord<byte[], byte[]> record(
            ConsumerRecord<byte[], byte[]> record, String role, UnusableRecordException why) {
        DeadLetter letter = of(
                record.key(),
                record.value(),
                record.headers(),
                role,
                why,
                new Origin(record.topic(), record.partition(), record.offset()));
        return new ProducerRecord<>(topic.name(), null, null, letter.key(), letter.value(), letter.headers());
    }

    private static byte[] beginning(byte[] bytes) {
        return bytes == null || bytes.length <= KEPT_OF_OVERSIZED ? bytes : Arrays.copyOf(bytes, KEPT_OF_OVERSIZED);
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
