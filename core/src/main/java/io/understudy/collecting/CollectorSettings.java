package io.understudy.collecting;

import java.time.Duration;

/**
 * The settings of a collector.
 *
 * @param partition partition that it collects, from 0
 * @param partitions number of partitions
 * @param silence how long a source may be silent before windows stop waiting for it
 * @param silenceStart wall-clock time from which silence is measured at the earliest, milliseconds since 1970
 * @param maxAhead how far ahead of the router's clock the time of a request may be before it is counted as ahead
 */
public record CollectorSettings(int partition, int partitions, Duration silence, long silenceStart, Duration maxAhead) {

    long silenceMillis() {
        return silence.toMillis();
    }
}
