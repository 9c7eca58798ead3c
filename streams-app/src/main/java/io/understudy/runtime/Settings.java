package io.understudy.runtime;

import io.understudy.access.Party;
import io.understudy.access.PermissionCheck;
import io.understudy.access.Permissions;
import io.understudy.console.Proxies;
import io.understudy.http.TlsFiles;
import io.understudy.notification.Notifier;
import io.understudy.outbound.AllowedHosts;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.RolloutEventType;
import io.understudy.scoring.Lane;
import io.understudy.scoring.ModelLoader;
import io.understudy.topics.Topics;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The settings of a process. {@link SettingsReader} reads them from properties; {@link SettingsTable} has their names.
 *
 * @param kafka settings of every Kafka client, with Kafka's names
 * @param registryUrl base URLs of the schema registry, comma-separated
 * @param registry settings of the registry's client, with Confluent's names
 * @param prefix prefix of every topic, application id, group id and transactional id
 * @param dataPartitions number of partitions with which data topics are created
 * @param replicationFactor number of replicas with which topics are created; empty means three where the cluster has
 *     three brokers, otherwise the default of the cluster
 * @param maxRequestBytes maximum size of a request
 * @param maxRequestAhead how far ahead of the router's clock the time of a request may be before it is reported
 * @param lanes names of the lanes besides the default ones, the same in every process of an installation
 * @param roles roles of this process
 * @param instance name that distinguishes processes that share a machine or a volume
 * @param stateDirectory directory of Kafka Streams' local state
 * @param outboundHosts hosts that URLs of models and webhooks may name
 * @param router settings of the router
 * @param scorer settings of the scorer
 * @param controller settings of the controller
 * @param evaluator settings of the evaluator
 * @param console settings of the console
 * @param monitoring settings of the server for health and meters, which is separate from the console
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
        Duration maxRequestAhead,
        List<String> lanes,
        Set<RoleName> roles,
        String instance,
        Path stateDirectory,
        AllowedHosts outboundHosts,
        RouterSettings router,
        ScorerSettings scorer,
        ControllerSettings controller,
        EvaluatorSettings evaluator,
        ConsoleSettings console,
        MonitoringSettings monitoring,
        NotifierSettings notifier) {

    /** Kafka's default. */
    private static final long DEFAULT_PRODUCER_MEMORY_BYTES = 32L * 1024 * 1024;

    private static final Pattern USER_NAME = Pattern.compile("\\busername\\s*=\\s*\"([^\"]+)\"");

    /**
     * The settings of the router.
     *
     * @param threads number of stream threads
     * @param commitInterval how often a transaction is committed, which is also how long an answer may wait for it
     * @param maxWaitingBytes maximum memory of the requests that wait for candidates
     */
    public record RouterSettings(int threads, Duration commitInterval, long maxWaitingBytes) {}

    /**
     * The settings of the scorer.
     *
     * @param lanes lanes that this process serves
     * @param threads number of workers per lane
     * @param maxBatch maximum number of requests in a batch
     * @param patience how long a model with too many requests may hold up the other models of its lane
     * @param linger how long a worker waits for a fuller batch, which may delay an answer by this time
     * @param modelsDirectory directory of the ONNX files
     * @param maxModelBytes maximum size of an ONNX file
     * @param deadline maximum time of a call to an inference server, for models without a deadline of their own
     * @param requestsInFlight maximum number of concurrent calls to one model on an inference server
     * @param maxAnswerBytes maximum length of an answer of an inference server
     * @param loadTimeout how long a scorer that starts waits for its models, while no other serves them all
     */
    public record ScorerSettings(
            Set<Lane> lanes,
            int threads,
            int maxBatch,
            Duration patience,
            Duration linger,
            Path modelsDirectory,
            int maxModelBytes,
            Duration deadline,
            int requestsInFlight,
            int maxAnswerBytes,
            Duration loadTimeout) {}

    /**
     * The settings of the controller.
     *
     * @param inspections maximum number of models that are inspected at the same time
     * @param inspectionTimeout maximum time of the inspection of a model
     * @param inspectionMemoryBytes how much memory the process may use in which an ONNX model is inspected
     */
    public record ControllerSettings(int inspections, Duration inspectionTimeout, long inspectionMemoryBytes) {}

    /**
     * The settings of the evaluator.
     *
     * @param threads number of stream threads
     * @param commitInterval how often counts are stored durably when no window closes
     * @param silence how long a topic may be silent before windows stop waiting for it
     * @param startup how long after a start no topic counts as silent
     * @param standbyReplicas number of other processes that keep a copy of the state, so that they can take over
     *     immediately
     */
    public record EvaluatorSettings(
            int threads, Duration commitInterval, Duration silence, Duration startup, int standbyReplicas) {}

    /**
     * The settings of the console.
     *
     * @param host address to listen on; an address that is not a loopback address requires a token
     * @param port TCP port; 0 means any free port
     * @param token token that a client must send with commands, and also to read if the address is not a loopback
     *     address; empty means a new token at each start
     * @param streamClients maximum number of clients that follow events at the same time
     * @param tls certificate and key with which it serves https; empty means http
     * @param proxies addresses of the proxies whose word is taken for where a request comes from
     */
    public record ConsoleSettings(
            String host,
            int port,
            Optional<Secret> token,
            int streamClients,
            Optional<CertificateFiles> tls,
            List<String> proxies) {
        public ConsoleSettings {
            proxies = List.copyOf(proxies);
            checked("console.tls-certificate-file or console.tls-key-file", tls, CertificateFiles::read);
            checked("console.trusted-proxies", Optional.of(proxies), Proxies::new);
            if (token.isEmpty() && !isLoopback("console.host", host)) {
                throw new InvalidSettingsException("console.host is '" + host
                        + "', which other machines can reach; this requires console.token-file or console.token");
            }
        }

        private static <T> void checked(String name, Optional<T> value, Consumer<T> check) {
            try {
                value.ifPresent(check);
            } catch (IllegalArgumentException e) {
                throw new InvalidSettingsException(name + ": " + e.getMessage());
            }
        }

        /** Whether only this machine can reach the console. */
        public boolean isLoopback() {
            return isLoopback("console.host", host);
        }

        private static boolean isLoopback(String name, String host) {
            try {
                return InetAddress.getByName(host).isLoopbackAddress();
            } catch (UnknownHostException e) {
                throw new InvalidSettingsException(name + " is '" + host + "', which is not an address");
            }
        }
    }

    /**
     * PEM files for TLS.
     *
     * @param certificate certificate, followed by those of the authorities between it and the root
     * @param key its private key
     */
    public record CertificateFiles(Path certificate, Path key) {
        TlsFiles read() {
            return new TlsFiles(certificate, key);
        }
    }

    /**
     * The settings of the server for health and meters.
     *
     * @param host address to listen on; everyone who can reach it can read health and meters
     * @param port TCP port; empty means no server
     * @param stuckAfter how long a thread of a role may stand still until the role is not ready
     */
    public record MonitoringSettings(String host, Optional<Integer> port, Duration stuckAfter) {}

    /**
     * The settings of the notifier.
     *
     * @param slack webhooks that accept Slack's JSON
     * @param cloudEvents webhooks that accept CloudEvents
     * @param secret key that signs the events; empty means that events are not signed
     * @param events types of the events that are sent
     * @param codes reason codes of the events that are sent
     * @param giveUpAfter how long the notifier tries to deliver an event to a webhook that does not accept it
     */
    public record NotifierSettings(
            List<URI> slack,
            List<URI> cloudEvents,
            Optional<Secret> secret,
            Set<RolloutEventType> events,
            Set<ReasonCode> codes,
            Duration giveUpAfter) {
        public NotifierSettings {
            secret.ifPresent(NotifierSettings::checkEncoding);
        }

        private static void checkEncoding(Secret secret) {
            if (!Notifier.Policy.isKey(secret.value())) {
                throw new InvalidSettingsException("notifier.secret begins with whsec_, but the rest is not Base64");
            }
        }
    }

    public Settings {
        kafka = Map.copyOf(kafka);
        registry = Map.copyOf(registry);
        ReservedKafkaSettings.check(kafka);
        if (!kafka.containsKey("bootstrap.servers")) {
            throw new InvalidSettingsException(
                    "kafka.bootstrap.servers is missing; it must name a broker, e.g. localhost:9092");
        }
        Stream.concat(notifier.slack().stream(), notifier.cloudEvents().stream())
                .flatMap(url -> outboundHosts.refusal(url.getHost()).stream())
                .findFirst()
                .ifPresent(why -> {
                    throw new InvalidSettingsException("a URL of a webhook cannot be called: " + why);
                });
        if (registryUrl.isBlank()) {
            throw new InvalidSettingsException("registry.url is missing; it must be the schema registry's address");
        }
    }

    /** The topics with the prefix and sizes of these settings. */
    public Topics topics() {
        return new Topics(prefix, maxRequestBytes, lanes);
    }

    /** What models may use, in the scorer and while the controller inspects them. */
    ModelLoader.Limits modelLimits() {
        return new ModelLoader.Limits(
                scorer.modelsDirectory(),
                scorer.maxModelBytes(),
                scorer.deadline(),
                scorer.requestsInFlight(),
                scorer.maxAnswerBytes(),
                outboundHosts);
    }

    /**
     * The principal that this process connects to Kafka as, such as {@code User:router}; empty where only the broker
     * knows it, for example from a certificate.
     */
    public Optional<String> principal() {
        return Optional.ofNullable(kafka.get("sasl.jaas.config"))
                .map(USER_NAME::matcher)
                .filter(Matcher::find)
                .map(user -> "User:" + user.group(1));
    }

    /** What {@code party} may do, as this process connects. */
    public PermissionCheck permissions(Party party) {
        return new PermissionCheck(principal(), new Permissions(topics()).of(party));
    }

    /** A modifiable copy of the Kafka settings, to which a client adds its own. */
    Map<String, Object> clients() {
        return new LinkedHashMap<>(kafka);
    }

    /** The maximum size of a record that a role may write, bytes. */
    int maxRecordBytes() {
        return topics().deadLetters().maxMessageBytes();
    }

    /**
     * The memory of a producer for unsent records, bytes. A producer refuses a record that is larger than all of it, so
     * it must be larger than the largest record.
     */
    long producerMemoryBytes() {
        return Math.max(DEFAULT_PRODUCER_MEMORY_BYTES, 2L * maxRecordBytes());
    }
}
