package io.understudy.runtime;

import io.understudy.scoring.Lane;
import io.understudy.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;

/**
 * How a process is set up. Read from properties; the names are those of {@link #fromProperties}.
 *
 * @param kafka settings of every Kafka client, by Kafka's own names
 * @param registryUrl base URLs of the schema registry, comma-separated
 * @param registry settings of the registry's client, by Confluent's own names
 * @param prefix goes in front of every topic, application id, group id and transactional id
 * @param dataPartitions partitions of data topics that are created
 * @param replicationFactor copies of partitions that are created; empty: the cluster's default
 * @param maxRequestBytes largest request that is scored
 * @param roles what this process does
 * @param instance distinguishes processes that share a machine or a volume
 * @param stateDirectory where Kafka Streams keeps local state
 * @param router settings of the router
 * @param scorer settings of the scorer
 * @param evaluator settings of the evaluator
 */
public record Settings(
        Map<String, String> kafka,
        String registryUrl,
        Map<String, String> registry,
        String prefix,
        int dataPartitions,
        Optional<Short> replicationFactor,
        int maxRequestBytes,
        Set<RoleName> roles,
        String instance,
        Path stateDirectory,
        RouterSettings router,
        ScorerSettings scorer,
        EvaluatorSettings evaluator) {

    private static final int SMALLEST_REQUEST_LIMIT = 1024;
    private static final int LARGEST_REQUEST_LIMIT = 64 * 1024 * 1024;

    /**
     * @param threads stream threads
     * @param commitInterval how often a transaction ends, and so how long an answer may wait for it
     */
    public record RouterSettings(int threads, Duration commitInterval) {
        public RouterSettings {
            atLeast("router.threads", threads, 1);
            atLeast("router.commit-interval-ms", commitInterval.toMillis(), 1);
        }
    }

    /**
     * @param lanes the lanes this process serves
     * @param threads workers per lane
     * @param maxBatch most requests scored together
     * @param linger how long a worker waits for a fuller batch, and so how long an answer may wait for it
     * @param modelsDirectory where ONNX files are
     * @param deadline longest time for a call to an inference server when the model does not say
     * @param requestsInFlight calls to one model on an inference server under way at once
     */
    public record ScorerSettings(
            Set<Lane> lanes,
            int threads,
            int maxBatch,
            Duration linger,
            Path modelsDirectory,
            Duration deadline,
            int requestsInFlight) {
        public ScorerSettings {
            atLeast("scorer.threads", threads, 1);
            atLeast("scorer.max-batch", maxBatch, 1);
            atLeast("scorer.linger-ms", linger.toMillis(), 1);
            atLeast("scorer.deadline-ms", deadline.toMillis(), 1);
            atLeast("scorer.requests-in-flight", requestsInFlight, 1);
        }
    }

    /**
     * @param threads stream threads
     * @param commitInterval how often counts are made durable when no window closes
     * @param silence how long a topic may bring nothing before windows no longer wait for it
     * @param startup how long after a start nothing counts as silence
     * @param standbyReplicas other processes that keep a copy of the state, to take over at once
     */
    public record EvaluatorSettings(
            int threads, Duration commitInterval, Duration silence, Duration startup, int standbyReplicas) {
        public EvaluatorSettings {
            atLeast("evaluator.threads", threads, 1);
            atLeast("evaluator.commit-interval-ms", commitInterval.toMillis(), 1);
            atLeast("evaluator.silence-ms", silence.toMillis(), 100);
            atLeast("evaluator.startup-ms", startup.toMillis(), 0);
            atLeast("evaluator.standby-replicas", standbyReplicas, 0);
        }
    }

    public Settings {
        kafka = Map.copyOf(kafka);
        registry = Map.copyOf(registry);
        if (!kafka.containsKey("bootstrap.servers")) {
            throw new InvalidSettingsException(
                    "kafka.bootstrap.servers is missing; it must name a broker, e.g. localhost:9092");
        }
        if (registryUrl.isBlank()) {
            throw new InvalidSettingsException("registry.url is missing; it must be the schema registry's address");
        }
        if (!prefix.matches("[A-Za-z0-9._-]{0,100}")) {
            throw new InvalidSettingsException(
                    "prefix is '" + prefix + "'; it must be at most 100 letters, digits, '.', '_' or '-'");
        }
        atLeast("topics.partitions", dataPartitions, 1);
        replicationFactor.ifPresent(factor -> atLeast("topics.replication-factor", factor, 1));
        atLeast("requests.max-bytes", maxRequestBytes, SMALLEST_REQUEST_LIMIT);
        if (maxRequestBytes > LARGEST_REQUEST_LIMIT) {
            throw new InvalidSettingsException(
                    "requests.max-bytes is " + maxRequestBytes + "; it must be at most " + LARGEST_REQUEST_LIMIT);
        }
        if (roles.isEmpty()) {
            throw new InvalidSettingsException("roles is empty; allowed: router, scorer, controller, evaluator");
        }
    }

    private static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new InvalidSettingsException(name + " is " + value + "; it must be at least " + least);
        }
    }

    /** The topics these settings name. */
    public Topics topics() {
        return new Topics(prefix, maxRequestBytes);
    }

    /** Kafka settings, for a client to add its own to. */
    Map<String, Object> clients() {
        return new LinkedHashMap<>(kafka);
    }

    /** Largest record that a role may write, bytes. */
    int maxRecordBytes() {
        return topics().deadLetters().maxMessageBytes();
    }

    /**
     * Reads settings. {@code kafka.*} and {@code registry.*} are passed on to the clients; any other name that is not known is
     * refused.
     *
     * @throws InvalidSettingsException when a setting is unknown, missing or out of range
     */
    public static Settings fromProperties(Properties properties) {
        return SettingsReader.read(properties);
    }

    /** Every setting there is, besides those that are passed on. */
    public static List<Setting> reference() {
        return SettingsReader.reference();
    }
}
