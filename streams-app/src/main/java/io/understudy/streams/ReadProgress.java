package io.understudy.streams;

import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/**
 * How far the consumer of a stream thread has read. A processor asks on its own stream thread. Kafka Streams polls more
 * records than it has processed, and does not tell a processor that there are more.
 */
@FunctionalInterface
public interface ReadProgress {

    /** Knows nothing, as in a test without a consumer. */
    ReadProgress UNKNOWN = partition -> Optional.empty();

    /** Returns how far the consumer of the current thread has read {@code partition}; empty if that is unknown. */
    Optional<Reading> of(TopicPartition partition);

    /**
     * How far a consumer has read a partition.
     *
     * @param polls polls of the consumer that have returned, whether they had records or not
     * @param returnedTo offset after the last record that the consumer returned; 0 before the first one
     * @param lag number of offsets after those that the consumer knows to exist
     */
    record Reading(long polls, long returnedTo, long lag) {}
}
