package io.understudy.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;

/**
 * Creates the meters of one role from the catalogue {@link Metric}. Each role has its own class with the meters that it
 * uses. Safe for many threads.
 */
public final class Meters {

    private static final double[] BATCH_SIZES = {1, 10, 100, 300, 1000, 3000};
    private static final Duration[] DURATIONS = {
        Duration.ofMillis(5),
        Duration.ofMillis(20),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        Duration.ofSeconds(60)
    };

    private final MeterRegistry registry;
    private final String role;
    private final Map<Metric, AtomicLong> sums = new ConcurrentHashMap<>();
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();

    /** Creates the meters of {@code role} in {@code registry}. */
    public Meters(MeterRegistry registry, String role) {
        this.registry = registry;
        this.role = role;
    }

    /** Returns a counter. {@code values} are the values of the metric's own tags, in their order. */
    public Counter counter(Metric metric, String... values) {
        // First a lookup by the text of the tags, because building the identity of a meter costs more than counting.
        String key = metric.name() + '\0' + String.join("\0", values);
        Counter counter = counters.get(key);
        return counter != null
                ? counter
                : counters.computeIfAbsent(
                        key,
                        absent -> Counter.builder(metric.id())
                                .description(metric.description())
                                .tags(tags(metric.tags(), List.of(values)))
                                .register(registry));
    }

    /** Adds one to a counter. {@code values} are the values of the metric's own tags, in their order. */
    public void count(Metric metric, String... values) {
        counter(metric, values).increment();
    }

    /** Returns a timer. {@code values} are the values of the metric's own tags, in their order. */
    public Timer timer(Metric metric, String... values) {
        return Timer.builder(metric.id())
                .description(metric.description())
                .tags(tags(metric.tags(), List.of(values)))
                .serviceLevelObjectives(DURATIONS)
                .register(registry);
    }

    /** Returns a summary of batch sizes. {@code values} are the values of the metric's own tags, in their order. */
    public DistributionSummary sizes(Metric metric, String... values) {
        return DistributionSummary.builder(metric.id())
                .description(metric.description())
                .tags(tags(metric.tags(), List.of(values)))
                .serviceLevelObjectives(BATCH_SIZES)
                .register(registry);
    }

    /** Registers a gauge. {@code value} is called whenever the meters are read. */
    public void gauge(Metric metric, DoubleSupplier value) {
        Gauge.builder(metric.id(), value::getAsDouble)
                .description(metric.description())
                .tags(tags(metric.tags(), List.of()))
                .strongReference(true)
                .register(registry);
    }

    /** Returns the value of a gauge that is a sum over partitions. Each partition adds and subtracts its own part. */
    public AtomicLong sum(Metric metric) {
        return sums.computeIfAbsent(metric, absent -> {
            AtomicLong sum = new AtomicLong();
            gauge(metric, sum::doubleValue);
            return sum;
        });
    }

    /** Registers a gauge with many rows, one for each combination of tag values. */
    public Rows rows(Metric metric) {
        return new Rows(
                MultiGauge.builder(metric.id())
                        .description(metric.description())
                        .baseUnit(metric.kind() == Metric.Kind.TIME ? "seconds" : null)
                        .tag("role", role)
                        .register(registry),
                metric.tags());
    }

    private Tags tags(List<String> names, List<String> values) {
        return zip(names, values).and("role", role);
    }

    private static Tags zip(List<String> names, List<String> values) {
        if (names.size() != values.size()) {
            throw new IllegalArgumentException("the tags are " + names + ", but the values are " + values);
        }
        Tags tags = Tags.empty();
        for (int i = 0; i < names.size(); i++) {
            tags = tags.and(names.get(i), values.get(i));
        }
        return tags;
    }

    /** The rows of a gauge. */
    public static final class Rows {

        private final MultiGauge gauge;
        private final List<String> names;

        private Rows(MultiGauge gauge, List<String> names) {
            this.gauge = gauge;
            this.names = names;
        }

        /** Replaces all rows. A key has the values of the tags in their order; a value is the number. */
        public void set(Map<List<String>, Double> rows) {
            gauge.register(
                    rows.entrySet().stream()
                            .map(row -> MultiGauge.Row.of(zip(names, row.getKey()), row.getValue()))
                            .toList(),
                    true);
        }
    }
}
