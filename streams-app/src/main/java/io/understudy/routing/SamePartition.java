package io.understudy.routing;

import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * Sends what is made of a record to the partition the record came from. Upstream may have placed it by a partitioner of its own
 * (librdkafka's differs from Java's), and has placed its outcomes likewise: answers must stay beside them.
 */
final class SamePartition implements StreamPartitioner<byte[], byte[]> {

    /** A stream thread works on one record at a time, and sends what it made of it before the next. */
    private final ThreadLocal<Integer> current = new ThreadLocal<>();

    void follow(int partition) {
        current.set(partition);
    }

    @Override
    public Optional<Set<Integer>> partitions(String topic, byte[] key, byte[] value, int numPartitions) {
        Integer partition = current.get();
        return partition == null || partition >= numPartitions ? Optional.empty() : Optional.of(Set.of(partition));
    }
}
