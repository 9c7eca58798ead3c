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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a process is set up. {@link SettingsReader} makes it of properties; {@link SettingsTable} has their names.
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

    /**
     * @param threads stream threads
     * @param commitInterval how often a transaction ends, and so how long an answer may wait for it
     */
    public record RouterSettings(int threads, Duration commitInterval) {}

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
            int requestsInFlight) {}

    /**
     * @param threads stream threads
     * @param commitInterval how often counts are made durable when no window closes
     * @param silence how long a topic may bring nothing before windows no longer wait for it
     * @param startup how long after a start nothing counts as silence
     * @param standbyReplicas other processes that keep a copy of the state, to take over at once
     */
    public record EvaluatorSettings(
            int threads, Duration commitInterval, Duration silence, Duration startup, int standbyReplicas) {}

    /**
     * @param host address to listen on; any other than a loopback one needs a token
     * @param port TCP port; 0: any that is free
     * @param token what a client must show to command, and to look where the address is not a loopback one; empty: a
     *     new one at each start
     * @param streamClients most clients that follow events at once
     */
    public record ConsoleSettings(String host, int port, Optional<Secret> token, int streamClients) {
        public ConsoleSettings {
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
                throw new InvalidSettingsException(name + " is '" + host + "', which is not an address");
            }
        }
    }

    /**
     * @param host address to listen on; health and counters are open to whoever reaches it
     * @param port TCP port; empty: nothing listens
     */
    public record MonitoringSettings(String host, Optional<Integer> port) {}

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
            secret.ifPresent(NotifierSettings::checkEncoding);
        }

        private static void checkEncoding(Secret secret) {
            if (!Notifier.Policy.isKey(secret.value())) {
                throw new InvalidSettingsException("notifier.secret begins with whsec_ and the rest is not Base64");
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
}
