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
import org.jspecify.annotations.Nullable;

/** Creates dead letters from unusable records: key and value as received, with the reason and the origin in headers. */
public final class DeadLetters {

    /** The reason, one of {@link DeadLetterReason#code()}. */
    public static final String REASON = "understudy-reason";

    /** A description of the reason. */
    public static final String DETAIL = "understudy-detail";

    /** The role that could not use the record. */
    public static final String ROLE = "understudy-role";

    /** The topic of the original record. */
    public static final String ORIGIN_TOPIC = "understudy-origin-topic";

    /** The partition of the original record. */
    public static final String ORIGIN_PARTITION = "understudy-origin-partition";

    /** The offset of the original record. */
    public static final String ORIGIN_OFFSET = "understudy-origin-offset";

    /**
     * The original size of the value in bytes, if the dead letter has only the beginnings and not the received headers.
     */
    public static final String TRUNCATED_FROM = "understudy-truncated-from";

    /** The number of received headers, if they exceeded {@link HeaderLimits} and the dead letter does not have them. */
    public static final String HEADERS_DROPPED = "understudy-headers-dropped";

    /**
     * The size in bytes to which the key and the value are truncated if the record would not fit in the topic. The
     * origin still has the whole record.
     */
    private static final int TRUNCATED_BYTES = 64 * 1024;

    private static final int MAX_DETAIL_LENGTH = 1000;

    private final Topic topic;

    /** Creates dead letters for {@code topic}. */
    public DeadLetters(Topic topic) {
        this.topic = topic;
    }

    /**
     * A dead letter.
     *
     * @param key received key, or its beginning if the record would not fit
     * @param value received value, or its beginning if the record would not fit
     * @param headers received headers, unless the record would not fit or they exceed {@link HeaderLimits}, and the
     *     headers for reason and origin
     */
    public record DeadLetter(byte @Nullable [] key, byte @Nullable [] value, Headers headers) {}

    /** Creates the dead letter for a record. */
    public DeadLetter of(
            byte @Nullable [] key,
            byte @Nullable [] value,
            Headers received,
            String role,
            UnusableRecordException why,
            Origin origin) {
        boolean oversized = RecordSize.of(key, value, received) > topic.maxMessageBytes() - TRUNCATED_BYTES;
        Headers headers = new RecordHeaders();
        if (oversized) {
            headers.add(
                    TRUNCATED_FROM,
                    Integer.toString(value == null ? 0 : value.length).getBytes(UTF_8));
        } else if (HeaderLimits.excess(received).isPresent()) {
            headers.add(
                    HEADERS_DROPPED, Integer.toString(received.toArray().length).getBytes(UTF_8));
        } else {
            RouteHeader.copyForeign(received, headers);
        }
        String detail = String.valueOf(why.getMessage());
        headers.add(REASON, why.reason().code().getBytes(UTF_8));
        headers.add(
                DETAIL,
                detail.substring(0, Math.min(detail.length(), MAX_DETAIL_LENGTH))
                        .getBytes(UTF_8));
        headers.add(ROLE, role.getBytes(UTF_8));
        headers.add(ORIGIN_TOPIC, origin.topic().getBytes(UTF_8));
        headers.add(ORIGIN_PARTITION, Integer.toString(origin.partition()).getBytes(UTF_8));
        headers.add(ORIGIN_OFFSET, Long.toString(origin.offset()).getBytes(UTF_8));
        return new DeadLetter(oversized ? truncate(key) : key, oversized ? truncate(value) : value, headers);
    }

    /** Creates the dead letter for a record of a Kafka Streams application, ready to forward. */
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

    /** Creates the dead letter for a consumed record, ready to send. */
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

    private static byte @Nullable [] truncate(byte @Nullable [] bytes) {
        return bytes == null || bytes.length <= TRUNCATED_BYTES ? bytes : Arrays.copyOf(bytes, TRUNCATED_BYTES);
    }

    /**
     * The place where a record was read.
     *
     * @param topic topic of the record
     * @param partition partition of the record
     * @param offset offset of the record
     */
    public record Origin(String topic, int partition, long offset) {}
}
