package io.understudy.embedded;

import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** A broker of an {@link EmbeddedCluster}, in a process of its own. Not safe for several threads. */
public final class EmbeddedBroker {

    private static final long STOP_SECONDS = 60;

    private final int nodeId;
    private final Path directory;
    private final String clusterId;
    private final Map<Integer, Integer> controllerPorts;
    private final Map<String, String> overrides;
    private final List<BrokerConfigs.Listener> listeners = new ArrayList<>();
    private Process process;

    EmbeddedBroker(
            int nodeId,
            Path directory,
            String clusterId,
            Map<Integer, Integer> controllerPorts,
            Map<String, String> overrides) {
        this.nodeId = nodeId;
        this.directory = directory;
        this.clusterId = clusterId;
        this.controllerPorts = controllerPorts;
        this.overrides = overrides;
        int port = Ports.free();
        listeners.add(new BrokerConfigs.Listener(BrokerConfigs.CLIENT_LISTENER, port, port));
    }

    /** Its identifier in the cluster, from 1. */
    public int nodeId() {
        return nodeId;
    }

    /** The port of its own listener, of the loopback interface. */
    public int port() {
        return listeners.get(0).port();
    }

    /**
     * Adds a listener that clients reach through a proxy. To be called before the cluster starts.
     *
     * @param name name of the listener, in upper case
     * @param advertisedPort port of the proxy, which clients are told
     * @return the port on which the broker will listen
     */
    public int addListener(String name, int advertisedPort) {
        int port = Ports.free();
        listeners.add(new BrokerConfigs.Listener(name, port, advertisedPort));
        return port;
    }

    /** Starts the process, with the records of its last start. Does not wait until the broker is ready. */
    public void start() throws IOException {
        Files.createDirectories(directory);
        Properties configs = BrokerConfigs.of(nodeId, directory.resolve("data"), listeners, controllerPorts);
        configs.putAll(overrides);
        Path file = directory.resolve("broker.properties");
        try (Writer writer = Files.newBufferedWriter(file)) {
            configs.store(writer, null);
        }
        File log = directory.resolve("broker.log").toFile();
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BrokerChild.class.getName(),
                        file.toString(),
                        clusterId)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
    }

    /** The process of the last start. */
    public ProcessHandle process() {
        return process.toHandle();
    }

    /** Ends the process as a crash would, and waits for its end. */
    public void kill() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    /** Stops the broker in its own time. */
    public void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            kill();
        }
    }
}
