package io.understudy.runtime;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.understudy.access.PermissionCheck;
import io.understudy.http.Check;
import io.understudy.metrics.Meters;
import io.understudy.streams.PoisonRecords;
import io.understudy.topics.InternalTopic;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import org.apache.kafka.clients.producer.ProducerConfig;
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

    /** The maximum size of a record of the evaluator's stores. */
    static final int MAX_EVIDENCE_BYTES = 32 * 1024 * 1024;

    /** How long a poll waits for records; as long as the guard's ticks are apart. */
    private static final int POLL_MS = 20;

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final KafkaStreams streams;
    private final KafkaStreamsMetrics streamsMeters;
    private final String name;
    private final PoisonRecords poison;
    private final Progress progress;
    private final PermissionCheck permissions;
    private volatile Optional<String> failure = Optional.empty();
    private volatile Optional<String> lastFailure = Optional.empty();

    /**
     * Creates a role.
     *
     * @param stuckAfter how long a thread may stand still until the role is not ready
     */
    StreamsRole(
            String name,
            Topology topology,
            Map<String, Object> configs,
            Duration stuckAfter,
            PermissionCheck permissions,
            MeterRegistry meters) {
        this(
                name,
                poison -> new KafkaStreams(topology, properties(configs, poison)),
                configs,
                stuckAfter,
                permissions,
                meters);
    }

    /** Creates a role with clients of its own kind. */
    StreamsRole(
            String name,
            Topology topology,
            Map<String, Object> configs,
            KafkaClientSupplier clients,
            Duration stuckAfter,
            PermissionCheck permissions,
            MeterRegistry meters) {
        this(
                name,
                poison -> new KafkaStreams(topology, properties(configs, poison), clients),
                configs,
                stuckAfter,
                permissions,
                meters);
    }

    private StreamsRole(
            String name,
            Function<PoisonRecords, KafkaStreams> streams,
            Map<String, Object> configs,
            Duration stuckAfter,
            PermissionCheck permissions,
            MeterRegistry meters) {
        this.name = name;
        this.permissions = permissions;
        this.poison = new PoisonRecords(new Meters(meters, name));
        this.streams = streams.apply(poison);
        // Kafka Streams opens it to the group of the user.
        StateDirectory.close(Path.of(String.valueOf(configs.get(StreamsConfig.STATE_DIR_CONFIG))));
        this.streams.setUncaughtExceptionHandler(this::handleException);
        this.progress = new Progress(this.streams::metrics, stuckAfter, InstantSource.system());
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
        putInternalTopics(configs, settings.maxRecordBytes());
        settings.replicationFactor()
                .ifPresent(factor -> configs.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, factor.intValue()));
        configs.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, threads);
        configs.put(
                StreamsConfig.STATE_DIR_CONFIG,
                StateDirectory.keepPrivate(settings.stateDirectory())
                        .resolve(settings.instance())
                        .toString());
        configs.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        Map<String, String> client = settings.kafka();
        Takeover.consumer(client)
                .forEach((name, value) -> configs.put(
                        StreamsConfig.mainConsumerPrefix(name), client.getOrDefault(name, value.toString())));
        Takeover.producer(commitInterval)
                .forEach((name, value) ->
                        configs.put(StreamsConfig.producerPrefix(name), client.getOrDefault(name, value.toString())));
        configs.putAll(settings.clients());
        configs.put(StreamsConfig.APPLICATION_ID_CONFIG, settings.topics().application(role.code()));
        return configs;
    }

    /** Returns the settings of the router, which calls deadlines between two polls. */
    static Map<String, Object> routerConfigs(Settings settings) {
        Settings.RouterSettings router = settings.router();
        Map<String, Object> configs = configs(settings, RoleName.ROUTER, router.threads(), router.commitInterval());
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
        putInternalTopics(configs, maxBytes);
        return configs;
    }

    /** With these settings, Kafka Streams creates an internal topic that {@code topics --create} has not created. */
    private static void putInternalTopics(Map<String, Object> configs, int maxMessageBytes) {
        InternalTopic.configs(maxMessageBytes)
                .forEach((name, value) -> configs.put(StreamsConfig.topicPrefix(name), value));
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
        Optional<String> stuck = progress.fault();
        return new Check(name, state == KafkaStreams.State.RUNNING && stuck.isEmpty(), stuck.orElseGet(state::name));
    }

    @Override
    public void close() {
        streamsMeters.close();
        streams.close(CloseOptions.timeout(CLOSE_TIMEOUT)
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    }
}
