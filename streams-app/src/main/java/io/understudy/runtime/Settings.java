package io.understudy.runtime;

import io.understudy.notification.Notifier;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.RolloutEventType;
import io.understudy.scoring.Lane;
import io.understudy.topics.Topics;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

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
 * @param console settings of the console
 * @param monitoring where this process tells of its health and counters, besides the console
 * @param notifier settings of the notifier
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
        EvaluatorSettings evaluator,
        ConsoleSettings console,
        MonitoringSettings monitoring,
        NotifierSettings notifier) {

    private static final int SMALLEST_REQUEST_LIMIT = 1024;
    private static final int LARGEST_PORT = 65_535;
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

    /**
     * @param host address to listen on; any other than a loopback one needs a token
     * @param port TCP port; 0: any that is free
     * @param token what a client must show to command, and to look where the address is not a loopback one; empty: a new one at
     *     each start
     * @param streamClients most clients that follow events at once
     */
    public record ConsoleSettings(String host, int port, Optional<Secret> token, int streamClients) {
        public ConsoleSettings {
            checkPort("console.port", port);
            atLeast("console.stream-clients", streamClients, 1);
            if (token.isEmpty() && !isLoopback("console.host", host)) {
                throw new InvalidSettingsException("console.host is '" + host
                        + "', which others can reach; that needs console.token-file or console.token");
            }
        }

        /** Whether only this machine can reach it. */
        public boolean isLoopback() {
            return isLoopback("console.host", host);
        }

        private static boolean isLoopback(String name, String host) {
            try {
                return InetAddress.getByName(host).isLoopbackAddress();
            } catch (UnknownHostException e) {
                throw new InvalidSettingsException(name + " is '" + host + "', which names no address");
            }
        }
    }

    /**
     * @param host address to listen on; health and counters are open to whoever reaches it
     * @param port TCP port; empty: nothing listens
     */
    public record MonitoringSettings(String host, Optional<Integer> port) {
        public MonitoringSettings {
            port.ifPresent(number -> checkPort("monitoring.port", number));
        }
    }

    /**
     * @param slack webhooks that take Slack's JSON
     * @param cloudEvents webhooks that take CloudEvents
     * @param secret signs what is sent; empty: not signed
     * @param events the kinds of events that are told
     * @param codes the codes of reasons that are told
     * @param giveUpAfter how long an event is offered to a webhook that does not take it
     */
    public record NotifierSettings(
            List<URI> slack,
            List<URI> cloudEvents,
            Optional<Secret> secret,
            Set<RolloutEventType> events,
            Set<ReasonCode> codes,
            Duration giveUpAfter) {
        public NotifierSettings {
            slack.forEach(url -> http("notifier.slack-urls", url));
            cloudEvents.forEach(url -> http("notifier.cloudevents-urls", url));
            secret.ifPresent(NotifierSettings::checkEncoding);
            atLeast("notifier.give-up-after-ms", giveUpAfter.toMillis(), 1);
        }

        private static void checkEncoding(Secret secret) {
            if (!Notifier.Policy.isKey(secret.value())) {
                throw new InvalidSettingsException("notifier.secret begins with whsec_ and is no Base64 behind it");
            }
        }

        private static void http(String name, URI url) {
            if (url.getHost() == null || !Set.of("http", "https").contains(url.getScheme())) {
                // A webhook's URL is a secret: it is not told again.
                throw new InvalidSettingsException(name + " has an entry that is not an http or https URL");
            }
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
            throw new InvalidSettingsException("roles is empty; allowed: "
                    + Arrays.stream(RoleName.values()).map(RoleName::code).collect(Collectors.joining(", ")));
        }
    }

    private static void checkPort(String name, int port) {
        if (port < 0 || port > LARGEST_PORT) {
            throw new InvalidSettingsException(name + " is " + port + "; it must be 0 to " + LARGEST_PORT);
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
