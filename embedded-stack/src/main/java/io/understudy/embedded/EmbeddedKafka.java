package io.understudy.embedded;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * One Kafka broker and controller in this process, with a replication factor of one and small buffers. A start on a
 * directory that was used before keeps all its records.
 */
final class EmbeddedKafka implements AutoCloseable {

    private static final String NODE_ID = "1";
    private static final String CONTROLLER_LISTENER = "CONTROLLER";

    private final KafkaRaftServer server;
    private final int port;

    private EmbeddedKafka(KafkaRaftServer server, int port) {
        this.server = server;
        this.port = port;
    }

    /**
     * Starts a broker that keeps its records in {@code directory} and listens on {@code port} of the loopback
     * interface.
     *
     * @param accessControl a second listener, for clients that log in
     */
    static EmbeddedKafka start(Path directory, int port, Optional<AccessControl> accessControl) throws Exception {
        Files.createDirectories(directory);
        if (!Files.exists(directory.resolve("meta.properties"))) {
            format(directory);
        }
        Properties configs = configs(directory, port);
        accessControl.ifPresent(control -> control.configure(configs));
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(configs, false), Time.SYSTEM);
        try {
            server.startup();
        } catch (RuntimeException e) {
            server.shutdown();
            throw e;
        }
        return new EmbeddedKafka(server, port);
    }

    private static void format(Path directory) throws Exception {
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                .setNodeId(Integer.parseInt(NODE_ID))
                .setClusterId(Uuid.randomUuid().toString())
                .addDirectory(directory.toString())
                .setMetadataLogDirectory(directory.toString())
                .setControllerListenerName(CONTROLLER_LISTENER)
                .setReleaseVersion(MetadataVersion.latestProduction())
                .run();
    }

    private static Properties configs(Path directory, int port) {
        int controllerPort = Ports.free();
        Properties configs = new Properties();
        configs.put("process.roles", "broker,controller");
        configs.put("node.id", NODE_ID);
        configs.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
        configs.put("controller.listener.names", CONTROLLER_LISTENER);
        configs.put("inter.broker.listener.name", "PLAINTEXT");
        configs.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        configs.put("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
        configs.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
        configs.put("log.dirs", directory.toString());
        configs.put("auto.create.topics.enable", "false");
        configs.put("group.initial.rebalance.delay.ms", "0");
        singleReplica(configs);
        smallBuffersAndShortTimeouts(configs);
        return configs;
    }

    private static void singleReplica(Properties configs) {
        configs.put("default.replication.factor", "1");
        configs.put("min.insync.replicas", "1");
        configs.put("offsets.topic.replication.factor", "1");
        configs.put("offsets.topic.num.partitions", "4");
        configs.put("transaction.state.log.replication.factor", "1");
        configs.put("transaction.state.log.min.isr", "1");
        configs.put("transaction.state.log.num.partitions", "4");
        configs.put("share.coordinator.state.topic.replication.factor", "1");
        configs.put("share.coordinator.state.topic.min.isr", "1");
        configs.put("share.coordinator.state.topic.num.partitions", "1");
    }

    private static void smallBuffersAndShortTimeouts(Properties configs) {
        configs.put("log.cleaner.dedupe.buffer.size", "2097152");
        configs.put("log.cleaner.io.buffer.size", "65536");
        configs.put("log.index.size.max.bytes", "1048576");
        configs.put("num.network.threads", "1");
        configs.put("num.io.threads", "2");
        configs.put("background.threads", "2");
        // After a hard stop, the next start only waits this long for the old session to expire.
        configs.put("broker.session.timeout.ms", "2000");
        configs.put("broker.heartbeat.interval.ms", "300");
    }

    String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }
}
