package io.understudy.wire;

import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.record.internal.AbstractRecords;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * The uncompressed size of a record, by the estimate with which a producer decides whether it sends the record at all.
 * It is an upper bound of the batch that holds only this record, so a record that passes a check against it is refused
 * neither for {@code max.request.size} nor for {@code max.message.bytes}. The estimate counts the frame of each header:
 * a record of 900,000 headers of one byte has 2.7 MB.
 */
public final class RecordSize {

    private RecordSize() {}

    /** The size of a batch with this record alone, bytes; at most 22 more than what the broker counts. */
    public static int of(byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
        return AbstractRecords.estimateSizeInBytesUpperBound(
                RecordBatch.CURRENT_MAGIC_VALUE, CompressionType.NONE, key, value, headers.toArray());
    }
}
