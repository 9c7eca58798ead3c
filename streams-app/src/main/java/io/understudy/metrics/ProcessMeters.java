package io.understudy.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Set;

/** All meters of a process, in the format of Prometheus. */
public final class ProcessMeters implements AutoCloseable {

    /** Those of the hundreds of Kafka Streams meters that show whether an application is healthy. */
    private static final Set<String> KAFKA_METERS = Set.of(
            "kafka.stream.alive.stream.threads",
            "kafka.stream.failed.stream.threads",
            "kafka.stream.thread.commit.latency.avg",
            "kafka.stream.thread.poll.ratio",
            "kafka.stream.thread.process.ratio",
            "kafka.stream.task.restore.remaining.records.total",
            "kafka.consumer.fetch.manager.records.lag.max",
            "kafka.consumer.coordinator.rebalance.total",
            "kafka.consumer.coordinator.failed.rebalance.total");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gcMeters = new JvmGcMetrics();

    public ProcessMeters() {
        registry.config().meterFilter(new MeterFilter() {
            @Override
            public MeterFilterReply accept(Meter.Id id) {
                return !id.getName().startsWith("kafka.") || KAFKA_METERS.contains(id.getName())
                        ? MeterFilterReply.NEUTRAL
                        : MeterFilterReply.DENY;
            }
        });
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        gcMeters.bindTo(registry);
    }

    /** The registry for all meters. */
    public PrometheusMeterRegistry registry() {
        return registry;
    }

    /** The current values, in the text format of Prometheus. */
    public String text() {
        return registry.scrape();
    }

    @Override
    public void close() {
        gcMeters.close();
        registry.close();
    }
}
