package io.understudy.runtime;

import io.understudy.registry.Registry;
import io.understudy.registry.RegistryUnavailableException;
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

/** What must hold before roles start: topics and subjects as they should be. */
public final class Preflight {

    private static final Logger LOG = LoggerFactory.getLogger(Preflight.class);

    private static final int API_TIMEOUT_MS = 10_000;

    private final Settings settings;
    private final Registry registry;

    public Preflight(Settings settings, Registry registry) {
        this.settings = settings;
        this.registry = registry;
    }

    /** Creates the topics and registers the subjects that are missing; returns the names of the topics created. */
    public List<String> create() throws InterruptedException, ExecutionException {
        List<String> created;
        try (Admin admin = admin()) {
            created = topicAdmin(admin).create();
        }
        registry.register(settings.topics());
        return created;
    }

    /** What is wrong with topics and subjects; empty when all is well. */
    public List<String> faults() throws InterruptedException, ExecutionException {
        List<String> faults = new ArrayList<>();
        try (Admin admin = admin()) {
            faults.addAll(topicAdmin(admin).faults());
        }
        faults.addAll(registry.faults(settings.topics()));
        return faults;
    }

    /**
     * The faults as soon as broker and registry can be asked, however long that takes; none when {@code givenUp} says
     * that nobody waits any more.
     */
    public List<String> awaitFaults(BooleanSupplier givenUp) throws InterruptedException, ExecutionException {
        while (!givenUp.getAsBoolean()) {
            try {
                return faults();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof RetriableException)) {
                    throw e;
                }
                LOG.warn("Broker out of reach, waiting: cause={}", e.getCause().toString());
            } catch (KafkaException e) {
                if (!(e.getCause() instanceof ConfigException)) {
                    throw e;
                }
                // A broker's name that cannot be resolved yet, say; other settings were tried when they were read.
                LOG.warn(
                        "Broker cannot be addressed, waiting: cause={}",
                        e.getCause().getMessage());
                TimeUnit.SECONDS.sleep(1);
            } catch (RegistryUnavailableException e) {
                LOG.warn("Schema registry out of reach, waiting: cause={}", e.getMessage());
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
