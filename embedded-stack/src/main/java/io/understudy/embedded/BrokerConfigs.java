package io.understudy.embedded;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/** The configs of small brokers, each of which is also a controller. */
final class BrokerConfigs {

    static final String CONTROLLER_LISTENER = "CONTROLLER";
    static final String CLIENT_LISTENER = "PLAINTEXT";

    private static final String LOOPBACK = "127.0.0.1:";
    private static final int MAX_REPLICAS = 3;

    private BrokerConfigs() {}

    /**
     * A listener for clients.
     *
     * @param name name in upper case
     * @param port port of the loopback interface
     * @param advertisedPort port that clients are told, which differs where a proxy is in between
     */
    record Listener(String name, int port, int advertisedPort) {}

    /**
     * Returns the configs of one broker.
     *
     * @param nodeId identifier of the broker, one of {@code controllerPorts}
     * @param directory directory of its records
     * @param listeners its listeners; the brokers use the first among themselves
     * @param controllerPorts port of each broker's controller, by node id
     */
    static Properties of(int nodeId, Path directory, List<Listener> listeners, Map<Integer, Integer> controllerPorts) {
        Properties configs = new Properties();
        configs.put("process.roles", "broker,controller");
        configs.put("node.id", Integer.toString(nodeId));
        configs.put(
                "controller.quorum.voters",
                controllerPorts.entrySet().stream()
                        .sorted(Comparator.comparing(Map.Entry::getKey))
                        .map(voter -> voter.getKey() + "@" + LOOPBACK + voter.getValue())
                        .collect(Collectors.joining(",")));
        configs.put("controller.listener.names", CONTROLLER_LISTENER);
        configs.put("inter.broker.listener.name", listeners.get(0).name());
        configs.put("listener.security.protocol.map", protocols(listeners));
        configs.put(
                "listeners",
                listeners.stream()
                                .map(listener -> listener.name() + "://" + LOOPBACK + listener.port())
                                .collect(Collectors.joining(","))
                        + "," + CONTROLLER_LISTENER + "://" + LOOPBACK + controllerPorts.get(nodeId));
        configs.put(
                "advertised.listeners",
                listeners.stream()
                        .map(listener -> listener.name() + "://" + LOOPBACK + listener.advertisedPort())
                        .collect(Collectors.joining(",")));
        configs.put("log.dirs", directory.toString());
        configs.put("auto.create.topics.enable", "false");
        configs.put("group.initial.rebalance.delay.ms", "0");
        replicas(configs, Math.min(MAX_REPLICAS, controllerPorts.size()));
        smallBuffersAndShortTimeouts(configs);
        return configs;
    }

    private static String protocols(List<Listener> listeners) {
        return listeners.stream()
                        .map(listener -> listener.name() + ":PLAINTEXT")
                        .collect(Collectors.joining(","))
                + "," + CONTROLLER_LISTENER + ":PLAINTEXT";
    }

    /** With three brokers, as production has it: three replicas, of which two must have a record. */
    private static void replicas(Properties configs, int replicas) {
        String factor = Integer.toString(replicas);
        String inSync = Integer.toString(Math.max(1, replicas - 1));
        configs.put("default.replication.factor", factor);
        configs.put("min.insync.replicas", inSync);
        configs.put("offsets.topic.replication.factor", factor);
        configs.put("offsets.topic.num.partitions", "4");
        configs.put("transaction.state.log.replication.factor", factor);
        configs.put("transaction.state.log.min.isr", inSync);
        configs.put("transaction.state.log.num.partitions", "4");
        configs.put("share.coordinator.state.topic.replication.factor", factor);
        configs.put("share.coordinator.state.topic.min.isr", inSync);
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
        // Readers wait for the transaction of a process that was killed until the broker ends it: the transaction's
        // timeout and up to this interval, whose default is 10 s.
        configs.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
    }
}
