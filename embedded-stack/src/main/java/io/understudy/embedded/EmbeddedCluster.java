package io.understudy.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.common.Uuid;

/**
 * Brokers and a registry in processes of their own, so that each can be killed and frozen while the others go on. With
 * three brokers or more, topics have three replicas, of which two must have each record.
 */
public final class EmbeddedCluster implements AutoCloseable {

    private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
    private static final long PROBE_MILLIS = 200;
    private static final int PROBE_TIMEOUT_MILLIS = 5000;

    private final Path directory;
    private final List<EmbeddedBroker> brokers = new ArrayList<>();
    private EmbeddedRegistry registry;

    /**
     * Creates a cluster that does not run yet.
     *
     * @param directory directory of the data and the logs of all processes; the caller deletes it
     * @param count number of brokers
     * @param overrides configs of every broker, with Kafka's names
     */
    public EmbeddedCluster(Path directory, int count, Map<String, String> overrides) {
        this.directory = directory.toAbsolutePath();
        Map<Integer, Integer> controllerPorts = new TreeMap<>();
        for (int node = 1; node <= count; node++) {
            controllerPorts.put(node, Ports.free());
        }
        String clusterId = Uuid.randomUuid().toString();
        for (int node = 1; node <= count; node++) {
            Path own = this.directory.resolve("broker-" + node);
            brokers.add(new EmbeddedBroker(node, own, clusterId, controllerPorts, Map.copyOf(overrides)));
        }
    }

    /** Starts all brokers and the registry, and waits until they are ready. */
    public void start() throws IOException, InterruptedException {
        Files.createDirectories(directory);
        for (EmbeddedBroker broker : brokers) {
            broker.start();
        }
        registry = EmbeddedRegistry.start(directory.resolve("registry"), Ports.free());
        awaitBrokers(START_TIMEOUT);
    }

    /**
     * Waits until every broker is part of the cluster.
     *
     * @throws IOException if it takes longer than {@code timeout}
     */
    public void awaitBrokers(Duration timeout) throws IOException, InterruptedException {
        await("the brokers are not ready", timeout, this::haveAllRegistered);
    }

    /**
     * Waits until every broker has every record of the partitions of which it has a replica, so that any of them may
     * stop.
     *
     * @throws IOException if it takes longer than {@code timeout}
     */
    public void awaitInSync(Duration timeout) throws IOException, InterruptedException {
        await("the replicas are not in sync", timeout, admin -> haveAllRegistered(admin) && areAllInSync(admin));
    }

    private interface Condition {
        boolean holds(Admin admin) throws ExecutionException, InterruptedException;
    }

    private void await(String otherwise, Duration timeout, Condition condition)
            throws IOException, InterruptedException {
        long giveUpAt = System.nanoTime() + timeout.toNanos();
        Map<String, Object> configs = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers(),
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                PROBE_TIMEOUT_MILLIS,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                PROBE_TIMEOUT_MILLIS);
        try (Admin admin = Admin.create(configs)) {
            while (!holds(condition, admin)) {
                if (System.nanoTime() > giveUpAt) {
                    throw new IOException(otherwise + " after " + timeout + ", see " + directory);
                }
                TimeUnit.MILLISECONDS.sleep(PROBE_MILLIS);
            }
        }
    }

    private static boolean holds(Condition condition, Admin admin) throws InterruptedException {
        try {
            return condition.holds(admin);
        } catch (ExecutionException e) {
            // Not reachable yet.
            return false;
        }
    }

    private boolean haveAllRegistered(Admin admin) throws ExecutionException, InterruptedException {
        return admin.describeCluster().nodes().get().size() == brokers.size();
    }

    private static boolean areAllInSync(Admin admin) throws ExecutionException, InterruptedException {
        ListTopicsOptions all = new ListTopicsOptions().listInternal(true);
        Set<String> names = admin.listTopics(all).names().get();
        return admin.describeTopics(names).allTopicNames().get().values().stream()
                .flatMap(topic -> topic.partitions().stream())
                .allMatch(partition ->
                        partition.isr().size() == partition.replicas().size());
    }

    /** The brokers, in the order of their identifiers. */
    public List<EmbeddedBroker> brokers() {
        return List.copyOf(brokers);
    }

    /** The addresses of the brokers' own listeners, for {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return brokers.stream().map(broker -> "127.0.0.1:" + broker.port()).collect(Collectors.joining(","));
    }

    /** The base URL of the registry. */
    public String registryUrl() {
        return registry.url();
    }

    /** The process of the registry. */
    public ProcessHandle registry() {
        return registry.process();
    }

    /** Stops the registry and keeps its schemas. */
    public void stopRegistry() throws InterruptedException {
        registry.close();
    }

    /** Starts the registry again, on the same port. */
    public void startRegistry() throws IOException, InterruptedException {
        registry = EmbeddedRegistry.start(directory.resolve("registry"), registry.port());
    }

    @Override
    public void close() throws InterruptedException {
        if (registry != null) {
            registry.close();
        }
        for (EmbeddedBroker broker : brokers) {
            broker.kill();
        }
    }
}
