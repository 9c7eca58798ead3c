package io.understudy.routing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.understudy.wire.RouteHeader;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * The time of a request in the router: now, or a little later. Kafka Streams takes the record with the lowest time
 * first. With the time that its sender gave it, an old request would come before every answer of the candidate, and a
 * backlog of requests would let the answers miss their deadlines. Kafka's own topics refuse times that are far ahead,
 * and one record must not stop the router.
 *
 * <p>The sender's time is passed on to the processor in a header, because Kafka Streams passes only one time on.
 */
final class RequestTime implements TimestampExtractor {

    /** Like every header with this prefix, it is never forwarded. */
    private static final String SENT_AT = RouteHeader.PREFIX + "sent-at";

    /** By default, a broker refuses records that are more than an hour ahead. */
    private static final long MAX_AHEAD_MILLIS = Duration.ofMinutes(30).toMillis();

    private final InstantSource clock;

    RequestTime(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
        long now = clock.millis();
        long sentAt = record.timestamp() >= 0 ? record.timestamp() : now;
        record.headers().add(SENT_AT, Long.toString(sentAt).getBytes(US_ASCII));
        return Math.max(now, Math.min(sentAt, now + MAX_AHEAD_MILLIS));
    }

    /** Removes the time that the sender gave the request from its headers and returns it, milliseconds since 1970. */
    static long takeSentAt(Headers headers) {
        Header header = headers.lastHeader(SENT_AT);
        headers.remove(SENT_AT);
        return Long.parseLong(new String(header.value(), US_ASCII));
    }
}
