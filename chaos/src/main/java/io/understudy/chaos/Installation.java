package io.understudy.chaos;

import io.understudy.cli.Understudy;
import io.understudy.embedded.EmbeddedBroker;
import io.understudy.embedded.EmbeddedCluster;
import io.understudy.registry.Registry;
import io.understudy.runtime.Preflight;
import io.understudy.runtime.Settings;
import io.understudy.runtime.SettingsReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/**
 * A cluster and two processes of each role, one on each side of a network that can be cut. What is measured reads and
 * writes the brokers directly.
 */
final class Installation implements AutoCloseable {

    static final List<String> ROLES = List.of("router", "scorer", "evaluator", "controller");
    static final List<String> SIDES = List.of("east", "west");

    private static final Duration REGISTRY_PATIENCE = Duration.ofMinutes(5);
    private static final int ATTEMPTS = 5;
    private static final List<String> JVM_OPTIONS =
            List.of("-Xmx256m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");

    private final Path directory;
    private final Path example;
    private final Map<String, String> more;
    private final EmbeddedCluster cluster;
    private final Map<String, List<Proxy>> proxies = new HashMap<>();
    private final List<RoleProcess> processes = new CopyOnWriteArrayList<>();
    private Settings settings;
    private int partitions;
    private Registry registry;

    /**
     * Creates an installation that does not run yet.
     *
     * @param directory directory of all data, states and logs
     * @param example directory of the example
     * @param brokers number of brokers
     * @param brokerConfigs configs of every broker, with Kafka's names
     * @param more settings of every role, or of one role with its name and a colon before that of the setting
     */
    Installation(Path directory, Path example, int brokers, Map<String, String> brokerConfigs, Map<String, String> more)
            throws IOException {
        this.directory = directory;
        this.example = example;
        this.more = more;
        this.cluster = new EmbeddedCluster(directory.resolve("cluster"), brokers, brokerConfigs);
        for (String side : SIDES) {
            List<Proxy> ofSide = new ArrayList<>();
            for (EmbeddedBroker broker : cluster.brokers()) {
                Proxy proxy = new Proxy();
                proxy.start(broker.addListener(side.toUpperCase(Locale.ROOT), proxy.port()));
                ofSide.add(proxy);
            }
            proxies.put(side, ofSide);
        }
    }

    /** Starts the cluster, creates topics and subjects, and starts all processes. */
    void start() throws Exception {
        cluster.start();
        Properties properties = new Properties();
        properties.putAll(settings(cluster.bootstrapServers()));
        settings = SettingsReader.read(properties);
        partitions = settings.dataPartitions();
        registry = Registry.connect(settings.registryUrl(), settings.registry(), REGISTRY_PATIENCE);
        new Preflight(settings, registry).create();
        for (String side : SIDES) {
            for (String role : ROLES) {
                RoleProcess process = process(role, side, role + "-" + side);
                processes.add(process);
                process.start();
            }
        }
    }

    /**
     * Adds a partition to the data topics with the command of an operator. Routers and evaluators must be stopped.
     *
     * @throws IOException if the command fails again and again
     */
    void raisePartitions() throws IOException, InterruptedException {
        partitions++;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Understudy.class.getName(),
                "topics",
                "--partitions",
                Integer.toString(partitions),
                "--apply"));
        settings(cluster.bootstrapServers())
                .forEach((name, value) -> command.addAll(List.of("--set", name + "=" + value)));
        Path log = directory.resolve("topics.log");
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            if (process.waitFor() == 0) {
                return;
            }
        }
        throw new IOException("the partitions could not be raised, see " + log);
    }

    /** The CPU time of the running processes by role, and of the brokers. */
    Map<String, Duration> cpu() {
        Map<String, Duration> cpu = new TreeMap<>();
        for (RoleProcess process : processes) {
            cpu.merge(process.role(), process.cpu(), Duration::plus);
        }
        for (EmbeddedBroker broker : cluster.brokers()) {
            cpu.merge("broker", broker.process().info().totalCpuDuration().orElse(Duration.ZERO), Duration::plus);
        }
        return cpu;
    }

    /** The directory of the state of a role on a side. */
    Path stateOf(String role, String side) {
        return directory.resolve(role + "-" + side).resolve("state");
    }

    /** A process that does not run yet, beside those that do. */
    RoleProcess process(String role, String side, String directoryName) throws IOException {
        String bootstrap = proxies.get(side).stream()
                .map(proxy -> "127.0.0.1:" + proxy.port())
                .collect(Collectors.joining(","));
        Map<String, String> values = settings(bootstrap);
        more.forEach((name, value) -> {
            if (name.startsWith(role + ":")) {
                values.put(name.substring(role.length() + 1), value);
            }
        });
        return new RoleProcess(role, role + "-" + side, values, directory.resolve(directoryName), JVM_OPTIONS);
    }

    private Map<String, String> settings(String bootstrap) {
        Map<String, String> values = new HashMap<>(Map.of(
                "kafka.bootstrap.servers",
                bootstrap,
                "registry.url",
                cluster.registryUrl(),
                "models.directory",
                example.toString(),
                // The slow server is on this machine.
                "outbound.hosts",
                "*,localhost"));
        more.forEach((name, value) -> {
            if (!name.contains(":")) {
                values.put(name, value);
            }
        });
        return values;
    }

    /** The settings of the programs that measure. */
    Settings settings() {
        return settings;
    }

    Registry registry() {
        return registry;
    }

    EmbeddedCluster cluster() {
        return cluster;
    }

    /** All processes, in the order of their sides and roles. */
    List<RoleProcess> processes() {
        return processes;
    }

    /** The process of a role on a side. */
    RoleProcess process(String role, String side) {
        return processes.get(SIDES.indexOf(side) * ROLES.size() + ROLES.indexOf(role));
    }

    List<Proxy> proxies(String side) {
        return proxies.get(side);
    }

    /** Ends all processes of roles as a crash would. */
    void killProcesses() {
        for (RoleProcess process : processes) {
            process.killIfRunning();
        }
    }

    @Override
    public void close() throws Exception {
        killProcesses();
        if (registry != null) {
            registry.close();
        }
        for (List<Proxy> ofSide : proxies.values()) {
            for (Proxy proxy : ofSide) {
                proxy.close();
            }
        }
        cluster.close();
    }
}
