package io.understudy.embedded;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A Kafka broker and controller in this process, with small buffers. A start on a directory that was used before keeps
 * all its records.
 */
final class EmbeddedKafka implements AutoCloseable {

    private static final int NODE_ID = 1;

    private final KafkaRaftServer server;
    private final int port;

    private EmbeddedKafka(KafkaRaftServer server, int port) {
        this.server = server;
        this.port = port;
    }

    /**
     * Starts a broker alone, which keeps its records in {@code directory} and listens on {@code port} of the loopback
     * interface.
     *
     * @param accessControl a second listener, for clients that log in
     */
    static EmbeddedKafka start(Path directory, int port, Optional<AccessControl> accessControl) throws Exception {
        Properties configs = BrokerConfigs.of(
                NODE_ID,
                directory,
                List.of(new BrokerConfigs.Listener(BrokerConfigs.CLIENT_LISTENER, port, port)),
                Map.of(NODE_ID, Ports.free()));
        accessControl.ifPresent(control -> control.configure(configs));
        return start(configs, Uuid.randomUuid().toString(), port);
    }

    /**
     * Starts a broker.
     *
     * @param clusterId identifier of the cluster if the broker's directory is new
     * @param port port of the first listener
     */
    static EmbeddedKafka start(Properties configs, String clusterId, int port) throws Exception {
        Path directory = Files.createDirectories(Path.of(configs.getProperty("log.dirs")));
        if (!Files.exists(directory.resolve("meta.properties"))) {
            format(directory, Integer.parseInt(configs.getProperty("node.id")), clusterId);
        }
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(configs, false), Time.SYSTEM);
        try {
            server.startup();
        } catch (RuntimeException e) {
            server.shutdown();
            throw e;
        }
        return new EmbeddedKafka(server, port);
    }

    private static void format(Path directory, int nodeId, String clusterId) throws Exception {
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                .setNodeId(nodeId)
                .setClusterId(clusterId)
                .addDirectory(directory.toString())
                .setMetadataLogDirectory(directory.toString())
                .setControllerListenerName(BrokerConfigs.CONTROLLER_LISTENER)
                .setReleaseVersion(MetadataVersion.latestProduction())
                .run();
    }

    String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    int port() {
        return port;
    }

    /** Waits until the broker has stopped, for whatever reason. */
    void awaitStop() {
        server.awaitShutdown();
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }
}
