package io.understudy.runtime;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.understudy.access.PermissionCheck;
import io.understudy.http.Check;
import io.understudy.metrics.Meters;
import io.understudy.streams.PoisonRecords;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A role that is a separate Kafka Streams application. */
final class StreamsRole implements Role {

    private static final Logger LOG = LoggerFactory.getLogger(StreamsRole.class);

    /** A batch should hold all records of a transaction for one partition, because each batch has a fixed cost. */
    private static final int BATCH_BYTES = 128 * 1024;

    private static final int MAX_EVIDENCE_BYTES = 32 * 1024 * 1024;

    /** How long a poll waits for records; as long as the guard's ticks are apart. */
    private static final int POLL_MS = 20;

    private static final int SESSION_TIMEOUT_MS = 10_000;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final KafkaStreams streams;
    private final KafkaStreamsMetrics streamsMeters;
    private final String name;
    private final PoisonRecords poison;
    private final PermissionCheck permissions;
    private volatile Optional<String> failure = Optional.empty();
    private volatile Optional<String> lastFailure = Optional.empty();

    StreamsRole(
            String name,
            Topology topology,
            Map<String, Object> configs,
            PermissionCheck permissions,
            MeterRegistry meters) {
        this(name, poison -> new KafkaStreams(topology, properties(configs, poison)), permissions, meters);
    }

    /** Creates a role with clients of its own kind. */
    StreamsRole(
            String name,
            Topology topology,
            Map<String, Object> configs,
            KafkaClientSupplier clients,
            PermissionCheck permissions,
            MeterRegistry meters) {
        this(name, poison -> new KafkaStreams(topology, properties(configs, poison), clients), permissions, meters);
    }

    private StreamsRole(
            String name,
            Function<PoisonRecords, KafkaStreams> streams,
            PermissionCheck permissions,
            MeterRegistry meters) {
        this.name = name;
        this.permissions = permissions;
        this.poison = new PoisonRecords(new Meters(meters, name));
        this.streams = streams.apply(poison);
        this.streams.setUncaughtExceptionHandler(this::handleException);
        this.streamsMeters = new KafkaStreamsMetrics(this.streams, Tags.of("role", name));
        streamsMeters.bindTo(meters);
    }

    private static Properties properties(Map<String, Object> configs, PoisonRecords poison) {
        Properties properties = new Properties();
        properties.putAll(configs);
        properties.put(PoisonRecords.CONFIG, poison);
        return properties;
    }

    /**
     * Returns the settings of a Kafka Streams application.
     *
     * @param commitInterval how often its transaction is committed
     */
    static Map<String, Object> configs(Settings settings, RoleName role, int threads, Duration commitInterval) {
        Map<String, Object> configs = new HashMap<>();
        configs.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        configs.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, commitInterval.toMillis());
        // Kafka Streams would wait 100 ms for a fuller batch. The end of a transaction sends all batches anyway.
        configs.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 5);
        configs.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), BATCH_BYTES);
        configs.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), settings.maxRecordBytes());
        configs.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), settings.producerMemoryBytes());

        // The requests that the router stores must fit in its changelog, as they fit in the lanes.
        configs.put(StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG), settings.maxRecordBytes());
        configs.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, threads);
        configs.put(
                StreamsConfig.STATE_DIR_CONFIG,
                settings.stateDirectory().resolve(settings.instance()).toString());
        configs.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        // When a thread has failed, another one should take over its partitions soon.
        configs.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), SESSION_TIMEOUT_MS);
        configs.put(StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), SESSION_TIMEOUT_MS / 3);
        configs.putAll(settings.clients());
        configs.put(StreamsConfig.APPLICATION_ID_CONFIG, settings.topics().application(role.code()));
        return configs;
    }

    /** Returns the settings of the router, which calls deadlines between two polls. */
    static Map<String, Object> routerConfigs(Settings settings) {
        Settings.RouterSettings router = settings.router();
        Map<String, Object> configs =
                configs(settings, RoleName.ROUTER, router.threads(), router.commitInterval());
        configs.putIfAbsent(StreamsConfig.POLL_MS_CONFIG, POLL_MS);
        return configs;
    }

    /** Returns the settings of the evaluator, which has state and sends sums that compress well. */
    static Map<String, Object> evaluatorConfigs(Settings settings) {
        Settings.EvaluatorSettings evaluator = settings.evaluator();
        Map<String, Object> configs =
                configs(settings, RoleName.EVALUATOR, evaluator.threads(), evaluator.commitInterval());
        configs.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, evaluator.standbyReplicas());
        configs.putIfAbsent(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        // Evidence of many metrics, or of windows that wait for a slow partition, exceeds Kafka's default record size.
        // Dead letters of large records may exceed both.
        int maxBytes = Math.max(MAX_EVIDENCE_BYTES, settings.maxRecordBytes());
        configs.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), maxBytes);
        configs.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 2L * maxBytes);
        configs.put(StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG), maxBytes);
        return configs;
    }

    private StreamThreadExceptionResponse handleException(Throwable exception) {
        for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
            if (cause instanceof AuthenticationException || cause instanceof AuthorizationException) {
                failure = Optional.of(name + " may not use the cluster: "
                        + permissions.explain(cause).orElseGet(cause::toString));
                return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
            }
        }
        poison.threadFailed(exception);
        lastFailure = Optional.of(exception.toString());
        if (poison.exhausted().isPresent()) {
            LOG.error("A stream thread fails again and again, giving up: role={}", name, exception);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        LOG.error("A stream thread failed, replacing it: role={} cause={}", name, exception.toString(), exception);
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }

    KafkaStreams streams() {
        return streams;
    }

    @Override
    public void start() {
        streams.start();
    }

    @Override
    public Optional<String> failure() {
        return failure.or(() -> poison.exhausted().map(why -> name + " " + why))
                .or(() -> streams.state() == KafkaStreams.State.ERROR
                        ? Optional.of(name + " stopped"
                                + lastFailure.map(cause -> ": " + cause).orElse(""))
                        : Optional.empty());
    }

    @Override
    public Check readiness() {
        KafkaStreams.State state = streams.state();
        if (poison.areThreadsFailing()) {
            return new Check(
                    name,
                    false,
                    "its threads fail again and again"
                            + lastFailure.map(cause -> ": " + cause).orElse(""));
        }
        return new Check(name, state == KafkaStreams.State.RUNNING, state.name());
    }

    @Override
    public void close() {
        streamsMeters.close();
        streams.close(CloseOptions.timeout(CLOSE_TIMEOUT)
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    }
}
