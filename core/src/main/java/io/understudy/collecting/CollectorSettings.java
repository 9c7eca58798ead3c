package io.understudy.collecting;

import java.time.Duration;

/**
 * What a collector must know of its surroundings.
 *
 * @param partition the partition it collects, from 0
 * @param partitions partitions there are
 * @param silence how long a source may send nothing before windows no longer wait for it
 * @param waitFrom the wall clock's time from which silence counts, milliseconds since 1970
 */
public record CollectorSettings(int partition, int partitions, Duration silence, long waitFrom) {

    long silenceMillis() {
        return silence.toMillis();
    }
}
