package io.understudy.runtime;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/**
 * Whether the consumers of a role make progress, by their own metrics. A consumer that has not asked for records for a
 * long time belongs to a thread that is stuck, in a record or in a commit. One that asks and has unread records, but
 * whose position stays where it is, gets nothing from the broker. Safe for many threads.
 */
final class Progress {

    private static final String LAST_POLL = "last-poll-seconds-ago";
    private static final String LAG = "records-lag";
    private static final String LEAD = "records-lead";
    private static final String CLIENT = "client-id";

    private final Supplier<Map<MetricName, ? extends Metric>> metrics;
    private final Duration limit;
    private final InstantSource clock;
    private final Map<Map<String, String>, Position> positions = new HashMap<>();

    /** Where a consumer was in a partition, as a number that grows with the position, and when it got there. */
    private record Position(double lead, Instant since) {}

    /**
     * Creates a check.
     *
     * @param metrics metrics of the role's consumers
     * @param limit how long a consumer may stand still
     */
    Progress(Supplier<Map<MetricName, ? extends Metric>> metrics, Duration limit, InstantSource clock) {
        this.metrics = metrics;
        this.limit = limit;
        this.clock = clock;
    }

    /** What stands still; empty when everything moves, or has nothing to do. */
    synchronized Optional<String> fault() {
        Map<MetricName, ? extends Metric> now = metrics.get();
        return stuckThread(now).or(() -> stuckPartition(now));
    }

    private Optional<String> stuckThread(Map<MetricName, ? extends Metric> now) {
        return now.values().stream()
                .filter(metric -> metric.metricName().name().equals(LAST_POLL))
                // Restoring and global consumers are not asked for records all the time.
                .filter(metric -> !client(metric).endsWith("-restore-consumer")
                        && !client(metric).endsWith("-global-consumer"))
                .filter(metric -> value(metric) > limit.toSeconds())
                .findFirst()
                .map(metric -> client(metric) + " has not asked for records for " + (long) value(metric)
                        + " s: its thread is stuck in a record or a commit");
    }

    private Optional<String> stuckPartition(Map<MetricName, ? extends Metric> now) {
        Instant at = clock.instant();
        Map<Map<String, String>, Metric> lags = new HashMap<>();
        Map<Map<String, String>, Metric> leads = new HashMap<>();
        for (Metric metric : now.values()) {
            if (metric.metricName().tags().containsKey("partition")) {
                switch (metric.metricName().name()) {
                    case LAG -> lags.put(metric.metricName().tags(), metric);
                    case LEAD -> leads.put(metric.metricName().tags(), metric);
                    default -> {}
                }
            }
        }
        lags.values().removeIf(lag -> !(value(lag) > 0));
        lags.keySet().retainAll(leads.keySet());
        positions.keySet().retainAll(lags.keySet());
        lags.keySet().forEach(partition -> {
            double lead = value(Objects.requireNonNull(leads.get(partition)));
            Position before = positions.get(partition);
            if (before == null || before.lead() != lead) {
                positions.put(partition, new Position(lead, at));
            }
        });
        return lags.entrySet().stream()
                .filter(lag -> Duration.between(
                                        Objects.requireNonNull(positions.get(lag.getKey()))
                                                .since(),
                                        at)
                                .compareTo(limit)
                        > 0)
                .findFirst()
                .map(lag -> "partition " + lag.getKey().get("partition") + " of "
                        + lag.getKey().get("topic") + " has " + (long) value(lag.getValue())
                        + " unread records, and none was read for more than " + limit.toSeconds() + " s");
    }

    private static String client(Metric metric) {
        return metric.metricName().tags().getOrDefault(CLIENT, "a consumer");
    }

    private static double value(Metric metric) {
        return metric.metricValue() instanceof Number number ? number.doubleValue() : 0;
    }
}
