package io.understudy.cli;

import io.understudy.access.Party;
import io.understudy.access.PermissionCheck;
import io.understudy.registry.Registry;
import io.understudy.registry.RegistryUnavailableException;
import io.understudy.runtime.Settings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * The broker and the registry, for a command that a person waits for. When one of them is away, or refuses, the command
 * ends after a limited time with an error that names it by its address.
 */
final class Cluster {

    private final Settings settings;
    private final Duration timeout;
    private final PermissionCheck permissions;

    /**
     * The cluster of these settings.
     *
     * @param party what the principal is, for the error when it may not do what the command does
     * @param timeout how long to wait for the broker, and for the registry
     */
    Cluster(Settings settings, Party party, Duration timeout) {
        this.settings = settings;
        this.timeout = timeout;
        this.permissions = settings.permissions(party);
    }

    /** What a command does with the registry and with the settings of a Kafka client. */
    interface Work<T> {
        T run(Registry registry, Map<String, Object> kafka) throws Exception;
    }

    /**
     * Does the work.
     *
     * @throws ClusterException when the broker or the registry is away, or refuses
     */
    <T> T use(Work<T> work) throws Exception {
        Optional<ClusterException> trouble = trouble();
        if (trouble.isPresent()) {
            throw trouble.get();
        }
        try (Registry registry = SettingsOptions.interactiveRegistry(settings, timeout)) {
            return work.run(registry, kafka());
        } catch (RegistryUnavailableException e) {
            throw new ClusterException(
                    "the schema registry at " + settings.registryUrl() + " does not answer (registry.url): "
                            + innermost(e),
                    e);
        } catch (KafkaException | ExecutionException e) {
            throw refused(e).orElseThrow(() -> e);
        }
    }

    /** Why the broker cannot be used now; empty when it can. */
    Optional<ClusterException> trouble() throws InterruptedException {
        try (Admin admin = Admin.create(kafka())) {
            admin.describeCluster().nodes().get();
            return Optional.empty();
        } catch (KafkaException | ExecutionException e) {
            return Optional.of(refused(e)
                    .orElseGet(
                            () -> new ClusterException("the request to " + brokers() + " failed: " + innermost(e), e)));
        }
    }

    private Optional<ClusterException> refused(Exception failure) {
        Optional<String> refusal = permissions.explain(failure);
        if (refusal.isPresent()) {
            return Optional.of(new ClusterException(refusal.get(), failure));
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof AuthenticationException) {
                return Optional.of(
                        new ClusterException(brokers() + " refuses the login: " + cause.getMessage(), failure));
            }
            if (cause instanceof TimeoutException) {
                return Optional.of(new ClusterException(
                        "no answer within " + timeout.toSeconds() + " s from " + brokers() + ": " + cause.getMessage(),
                        failure));
            }
            if (cause instanceof ConfigException) {
                return Optional.of(new ClusterException(brokers() + " cannot be used: " + cause.getMessage(), failure));
            }
        }
        return Optional.empty();
    }

    private String brokers() {
        return "the broker at " + settings.kafka().get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)
                + " (kafka.bootstrap.servers)";
    }

    private Map<String, Object> kafka() {
        int millis = Math.toIntExact(Math.max(1, timeout.toMillis()));
        Map<String, Object> configs = new HashMap<>(settings.kafka());
        configs.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
        configs.putIfAbsent(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, millis);
        configs.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, millis);
        configs.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis);
        configs.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 0);
        return configs;
    }

    private static String innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
