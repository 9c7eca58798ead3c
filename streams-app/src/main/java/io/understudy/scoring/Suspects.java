package io.understudy.scoring;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Finds the record that makes a batch fail. The records of a failed batch are scored alone, each in its own
 * transaction, until all of them have passed. The one that fails alone is set aside. For one thread.
 */
final class Suspects {

    private static final int MAX_BLAMED = 10_000;

    /** The end of the last failed batch in each partition; records before it are scored alone. */
    private final Map<TopicPartition, Long> ends = new HashMap<>();

    private final Map<String, Blame> blamed = new LinkedHashMap<>();

    /**
     * A record that failed alone.
     *
     * @param failures how often it did
     * @param cause the last failure
     */
    record Blame(int failures, String cause) {

        /** Whether its dead letter failed, too. */
        boolean isWithoutBody() {
            return failures >= 2;
        }

        /** Whether even a dead letter without its key and value failed. */
        boolean isWithoutLetter() {
            return failures >= 3;
        }
    }

    private static final Blame NONE = new Blame(0, "");

    /** Notes that a batch failed which ends at {@code nextOffsets}. */
    void batchFailed(Map<TopicPartition, OffsetAndMetadata> nextOffsets) {
        nextOffsets.forEach((partition, next) -> ends.merge(partition, next.offset(), Math::max));
    }

    /** Notes that a record failed alone. */
    void failedAlone(ConsumerRecord<byte[], byte[]> record, Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        blamed.put(id(record), new Blame(blame(record).failures() + 1, cause.toString()));
        if (blamed.size() > MAX_BLAMED) {
            blamed.remove(blamed.keySet().iterator().next());
        }
    }

    /** Whether a record must be scored alone. */
    boolean isSuspect(ConsumerRecord<byte[], byte[]> record) {
        Long end = ends.get(new TopicPartition(record.topic(), record.partition()));
        return end != null && record.offset() < end;
    }

    /** Notes that all records of a partition before {@code offset} are committed. */
    void committed(TopicPartition partition, long offset) {
        ends.computeIfPresent(partition, (absent, end) -> offset >= end ? null : end);
    }

    /** Whether no record is a suspect. */
    boolean isEmpty() {
        return ends.isEmpty();
    }

    /** The failures of a record alone; of 0 failures if it has not failed. */
    Blame blame(ConsumerRecord<byte[], byte[]> record) {
        return blamed.getOrDefault(id(record), NONE);
    }

    private static String id(ConsumerRecord<byte[], byte[]> record) {
        return record.topic() + "-" + record.partition() + "@" + record.offset();
    }
}
