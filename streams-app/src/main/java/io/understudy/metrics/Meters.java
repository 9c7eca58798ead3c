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
 * Makes the meters of one role from the catalogue of {@link Metric}. Each role has a class of its own that says which ones it uses.
 * Safe for several threads.
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

    /** Meters of {@code role} in {@code registry}. */
    public Meters(MeterRegistry registry, String role) {
        this.registry = registry;
        this.role = role;
    }

    /** A counter, by the values of the metric's own tags in their order. */
    public Counter counter(Metric metric, String... values) {
        // Looked up by the tags' text first: building a meter's identity costs more than counting.
        String key = metric.name() + '\0' + String.join("\0", values);
        Counter known = counters.get(key);
        return known != null
                ? known
                : counters.computeIfAbsent(
                        key,
                        absent -> Counter.builder(metric.id())
                                .description(metric.description())
                                .tags(tags(metric.tags(), List.of(values)))
                                .register(registry));
    }

    /** Adds one to a counter, by the values of the metric's own tags in their order. */
    public void count(Metric metric, String... values) {
        counter(metric, values).increment();
    }

    /** A timer, by the values of the metric's own tags in their order. */
    public Timer timer(Metric metric, String... values) {
        return Timer.builder(metric.id())
                .description(metric.description())
                .tags(tags(metric.tags(), List.of(values)))
                .serviceLevelObjectives(DURATIONS)
                .register(registry);
    }

    /** Sizes of batches, by the values of the metric's own tags in their order. */
    public DistributionSummary sizes(Metric metric, String... values) {
        return DistributionSummary.builder(metric.id())
                .description(metric.description())
                .tags(tags(metric.tags(), List.of(values)))
                .serviceLevelObjectives(BATCH_SIZES)
                .register(registry);
    }

    /** A gauge whose value is read when the meters are. */
    public void gauge(Metric metric, DoubleSupplier value) {
        Gauge.builder(metric.id(), value::getAsDouble)
                .description(metric.description())
                .tags(tags(metric.tags(), List.of()))
                .strongReference(true)
                .register(registry);
    }

    /** A gauge of a sum, to which each partition adds and from which it takes its own part. */
    public AtomicLong sum(Metric metric) {
        return sums.computeIfAbsent(metric, absent -> {
            AtomicLong sum = new AtomicLong();
            gauge(metric, sum::doubleValue);
            return sum;
        });
    }

    /** A gauge of many rows, each with its tags' values. */
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
        return named(names, values).and("role", role);
    }

    private static Tags named(List<String> names, List<String> values) {
        if (names.size() != values.size()) {
            throw new IllegalArgumentException("the tags are " + names + ", and the values " + values);
        }
        Tags tags = Tags.empty();
        for (int i = 0; i < names.size(); i++) {
            tags = tags.and(names.get(i), values.get(i));
        }
        return tags;
    }

    /** The rows of a gauge; setting them drops the rows before. */
    public static final class Rows {

        private final MultiGauge gauge;
        private final List<String> names;

        private Rows(MultiGauge gauge, List<String> names) {
            this.gauge = gauge;
            this.names = names;
        }

        /** The rows from now on: the tags' values in their order, and the number. */
        public void set(Map<List<String>, Double> rows) {
            gauge.register(
                    rows.entrySet().stream()
                            .map(row -> MultiGauge.Row.of(named(names, row.getKey()), row.getValue()))
                            .toList(),
                    true);
        }
    }
}
