package io.understudy.routing;

import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.jspecify.annotations.Nullable;

/**
 * Sends the records that result from a record to the partition of that record. Upstream may use another partitioner
 * (librdkafka's differs from Java's). It uses the same one for outcomes, and answers must be in the same partition as
 * their outcomes.
 */
final class SamePartition implements StreamPartitioner<byte[], byte[]> {

    /**
     * A stream thread processes one record at a time, and sends the resulting records before it processes the next one.
     */
    private final ThreadLocal<@Nullable Integer> current = new ThreadLocal<>();

    /** Sets the partition for the records that the current thread sends from now on. */
    void use(int partition) {
        current.set(partition);
    }

    @Override
    public Optional<Set<Integer>> partitions(String topic, byte[] key, byte[] value, int numPartitions) {
        Integer partition = current.get();
        return partition == null || partition >= numPartitions ? Optional.empty() : Optional.of(Set.of(partition));
    }
}
