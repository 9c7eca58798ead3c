package io.understudy.runtime;

import io.understudy.access.Party;
import io.understudy.access.PermissionCheck;
import io.understudy.access.Permissions;
import io.understudy.registry.Registry;
import io.understudy.registry.RegistryUnavailableException;
import io.understudy.topics.Findings;
import io.understudy.topics.PartitionPlan;
import io.understudy.topics.PartitionRaise;
import io.understudy.topics.Topic;
import io.understudy.topics.TopicAdmin;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
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

    /** Changes the settings of existing topics that are not as they should be. Returns what was changed. */
    public List<String> mend() throws InterruptedException, ExecutionException {
        try (Admin admin = admin()) {
            return topicAdmin(admin).mend();
        }
    }

    /** Returns what is wrong with all topics, the internal topics of the settings' roles, and all subjects. */
    public Findings check() throws InterruptedException, ExecutionException {
        try (Admin admin = admin()) {
            return topicAdmin(admin).check().and(subjects(settings.topics().all()));
        }
    }

    private Findings subjects(List<Topic> topics) {
        return Findings.faults(registry.faults(topics));
    }

    /**
     * Returns what the roles of this process may not do, or else what is wrong with the topics and subjects that they
     * use. Asks for nothing else, because a role need not have other permissions.
     */
    public Findings checkRoles() throws InterruptedException, ExecutionException {
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
            return missing.isEmpty() ? topicAdmin(admin).checkUsed(used).and(subjects(used)) : Findings.faults(missing);
        }
    }

    /**
     * Plans to raise the number of partitions, and carries the plan out.
     *
     * @param report gets the plan and the groups of the plan that have members, with their states; returns whether to
     * carry it out
     * @param done gets each step that was carried out
     * @throws IllegalArgumentException if it is not possible; the message says why
     */
    public void raisePartitions(
            int partitions, BiPredicate<PartitionPlan, Map<String, String>> report, Consumer<PartitionPlan.Step> done)
            throws InterruptedException, ExecutionException {
        try (Admin admin = admin()) {
            PartitionPlan plan = topicAdmin(admin).plan(partitions);
            PartitionRaise raise = new PartitionRaise(admin);
            if (report.test(plan, raise.activeGroups(plan))) {
                raise.carryOut(plan, done);
            }
        }
    }

    /**
     * Waits until the broker and the registry are reachable, without a limit, and returns the faults that
     * {@link #checkRoles} returns. Logs the rest. Returns an empty list when {@code cancelled} returns true.
     */
    public List<String> awaitFaults(BooleanSupplier cancelled) throws InterruptedException, ExecutionException {
        while (!cancelled.getAsBoolean()) {
            try {
                Findings findings = checkRoles();
                findings.differences().forEach(difference -> LOG.warn("{}", difference));
                findings.warnings().forEach(warning -> LOG.warn("{}", warning));
                return findings.faults();
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
        return new TopicAdmin(
                admin,
                settings.topics(),
                InternalTopics.of(settings, settings.roles()),
                settings.dataPartitions(),
                settings.replicationFactor());
    }
}
