package io.understudy.wire;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** How large a record is, uncompressed. */
public final class RecordSize {

    private RecordSize() {}

    /** Bytes of key, value and headers. */
    public static long of(byte[] key, byte[] value, Headers headers) {
        long size = length(key) + length(value);
        for (Header header : headers) {
            size += header.key().length() + length(header.value());
        }
        return size;
    }

    private static long length(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
