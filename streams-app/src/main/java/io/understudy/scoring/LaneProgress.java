package io.understudy.scoring;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** The progress of the partitions that one worker reads. For one thread. */
final class LaneProgress implements ConsumerRebalanceListener {

    private final Consumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, PartitionProgress> partitions = new HashMap<>();

    LaneProgress(Consumer<byte[], byte[]> consumer) {
        this.consumer = consumer;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
        restore(assigned);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
        revoked.forEach(this::release);
    }

    /**
     * Continues after the last transaction that was committed. This may differ from the start of the last batch: a
     * commit that seemed to fail may have succeeded, and then its batch must not be answered again.
     */
    void rewind() {
        Set<TopicPartition> assigned = consumer.assignment();
        Set.copyOf(partitions.keySet()).forEach(this::release);
        Map<TopicPartition, OffsetAndMetadata> committed = restore(assigned);
        for (TopicPartition partition : assigned) {
            OffsetAndMetadata offset = committed.get(partition);
            if (offset == null) {
                consumer.seekToBeginning(Set.of(partition));
            } else {
                consumer.seek(partition, offset);
            }
        }
    }

    private Map<TopicPartition, OffsetAndMetadata> restore(Collection<TopicPartition> assigned) {
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(Set.copyOf(assigned));
        for (TopicPartition partition : assigned) {
            release(partition);
            Optional.ofNullable(committed.get(partition))
                    .ifPresent(offset -> partitions.put(partition, PartitionProgress.from(offset)));
        }
        return committed;
    }

    private void release(TopicPartition partition) {
        PartitionProgress released = partitions.remove(partition);
        if (released != null) {
            released.release();
        }
    }

    /** The progress of the partition of a record. */
    PartitionProgress of(ConsumerRecord<byte[], byte[]> record) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        PartitionProgress known = partitions.get(partition);
        if (known != null && known.covers(record.offset())) {
            return known;
        }
        release(partition);
        PartitionProgress progress = PartitionProgress.from(record.offset());
        partitions.put(partition, progress);
        return progress;
    }

    /** Records the positions after a poll. */
    void readUpTo(Map<TopicPartition, OffsetAndMetadata> positions) {
        positions.forEach((partition, position) -> {
            PartitionProgress progress = partitions.get(partition);
            if (progress != null) {
                progress.readUpTo(position);
            }
        });
    }

    /** Whether a partition is read so far beyond an unanswered record that no more should be read. */
    boolean isWide() {
        return partitions.values().stream().anyMatch(PartitionProgress::isWide);
    }

    /**
     * The positions to commit of the partitions of which records were answered. Empty if there are none, or while one
     * cannot be committed.
     */
    Map<TopicPartition, OffsetAndMetadata> positions() {
        Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
        for (Map.Entry<TopicPartition, PartitionProgress> entry : partitions.entrySet()) {
            if (entry.getValue().hasChanged()) {
                Optional<OffsetAndMetadata> position = entry.getValue().position();
                if (position.isEmpty()) {
                    return Map.of();
                }
                positions.put(entry.getKey(), position.get());
            }
        }
        return positions;
    }

    /** Records that {@link #positions} are committed. */
    void committed() {
        partitions.values().forEach(PartitionProgress::committed);
    }
}
