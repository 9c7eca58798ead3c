package io.understudy.registry;

import io.understudy.topics.Topic;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * The header of records on control topics that says with which schema they were written: its fingerprint, eight bytes,
 * little-endian as in Avro's single-object encoding. So programs that contain the schema need no registry to read them.
 */
public final class SchemaHeader {

    private static final String NAME = "understudy-schema";

    private SchemaHeader() {}

    /** The headers of a record that is written to {@code topic} with the schema of this version. */
    public static Headers of(Topic topic) {
        long fingerprint = KnownSchemas.fingerprint(topic.valueSchema().orElseThrow());
        byte[] value = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(fingerprint)
                .array();
        return new RecordHeaders(new Header[] {new RecordHeader(NAME, value)});
    }

    static Optional<Long> fingerprint(Headers headers) {
        Header header = headers.lastHeader(NAME);
        return header == null || header.value() == null || header.value().length != Long.BYTES
                ? Optional.empty()
                : Optional.of(ByteBuffer.wrap(header.value())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getLong());
    }
}
