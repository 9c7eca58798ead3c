package io.understudy.runtime;

import io.understudy.access.Party;
import io.understudy.access.PermissionCheck;
import io.understudy.access.Permissions;
import io.understudy.registry.Registry;
import io.understudy.registry.RegistryUnavailableException;
import io.understudy.topics.Topic;
import io.understudy.topics.TopicAdmin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates and checks the topics and subjects that roles need before they start. */
public final class Preflight {

    private static final Logger LOG = LoggerFactory.getLogger(Preflight.class);

    private static final int API_TIMEOUT_MS = 10_000;

    private final Settings settings;
    private final Registry registry;

    /** Creates a preflight. The registry remains the caller's. */
    public Preflight(Settings settings, Registry registry) {
        this.settings = settings;
        this.registry = registry;
    }

    /** Creates missing topics and registers missing subjects. Returns the names of the created topics. */
    public List<String> create() throws InterruptedException, ExecutionException {
        List<String> created;
        try (Admin admin = admin()) {
            created = topicAdmin(admin).create();
        }
        registry.register(settings.topics());
        return created;
    }

    /** Returns what is wrong with all topics and subjects; empty if everything is correct. */
    public List<String> faults() throws InterruptedException, ExecutionException {
        try (Admin admin = admin()) {
            return faults(admin, settings.topics().all());
        }
    }

    /**
     * Returns what the roles of this process may not do, or else what is wrong with the topics and subjects that they
     * use; empty if everything is correct. Asks for nothing else, because a role need not have other permissions.
     */
    public List<String> roleFaults() throws InterruptedException, ExecutionException {
        Permissions permissions = new Permissions(settings.topics());
        List<Party> parties = settings.roles().stream().map(RoleName::party).toList();
        List<Topic> used = settings.topics().all().stream()
                .filter(topic -> parties.stream()
                        .anyMatch(party -> permissions.read(party).contains(topic)
                                || permissions.written(party).contains(topic)))
                .toList();
        try (Admin admin = admin()) {
            List<String> missing = new PermissionCheck(
                            settings.principal(),
                            parties.stream()
                                    .flatMap(party -> permissions.of(party).stream())
                                    .toList())
                    .faults(admin);
            return missing.isEmpty() ? faults(admin, used) : missing;
        }
    }

    private List<String> faults(Admin admin, List<Topic> used) throws InterruptedException, ExecutionException {
        List<String> faults = new ArrayList<>(topicAdmin(admin).faults(used));
        faults.addAll(registry.faults(used));
        return faults;
    }

    /**
     * Waits until the broker and the registry are reachable, without a limit, and returns what {@link #roleFaults}
     * returns. Returns an empty list when {@code cancelled} returns true.
     */
    public List<String> awaitFaults(BooleanSupplier cancelled) throws InterruptedException, ExecutionException {
        while (!cancelled.getAsBoolean()) {
            try {
                return roleFaults();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof RetriableException)) {
                    throw e;
                }
                LOG.warn("Cannot reach the broker, waiting: cause={}", String.valueOf(e.getCause()));
            } catch (KafkaException e) {
                if (!(e.getCause() instanceof ConfigException invalid)) {
                    throw e;
                }
                // For example, the name of a broker cannot be resolved yet. Other settings were checked when they were
                // read.
                LOG.warn("Cannot resolve the broker, waiting: cause={}", invalid.getMessage());
                TimeUnit.SECONDS.sleep(1);
            } catch (RegistryUnavailableException e) {
                LOG.warn("Cannot reach the schema registry, waiting: cause={}", e.getMessage());
            }
        }
        return List.of();
    }

    private Admin admin() {
        Map<String, Object> configs = new HashMap<>(settings.clients());
        configs.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, API_TIMEOUT_MS);
        configs.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, API_TIMEOUT_MS / 2);
        return Admin.create(configs);
    }

    private TopicAdmin topicAdmin(Admin admin) {
        return new TopicAdmin(admin, settings.topics(), settings.dataPartitions(), settings.replicationFactor());
    }
}
