package io.understudy.runtime;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * How soon other processes take over from one that is gone. Its partitions are silent until its group has noticed and
 * its open transaction has ended, because readers of committed records wait for that transaction.
 */
final class Takeover {

    /** The shortest that brokers allow by default. */
    private static final int SESSION_TIMEOUT_MS = 6_000;

    /** With its heartbeat, a member learns that another one has left, and takes over. */
    private static final int HEARTBEAT_INTERVAL_MS = 500;

    /**
     * The broker ends an open transaction after this time, and after up to 10 s more unless {@code
     * transaction.abort.timed.out.transaction.cleanup.interval.ms} is shorter: together no longer than a session. Every
     * transaction of a process that works takes a fraction of it.
     */
    private static final int TRANSACTION_TIMEOUT_MS = 5_000;

    private Takeover() {}

    /**
     * The settings of a consumer in a group. With a protocol in which the brokers set these times, there are none.
     *
     * @param client settings that an operator has given, with Kafka's names
     */
    static Map<String, Object> consumer(Map<String, String> client) {
        if (!isClassic(client)) {
            return Map.of();
        }
        return Map.of(
                ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                SESSION_TIMEOUT_MS,
                ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
                HEARTBEAT_INTERVAL_MS);
    }

    /** The same for a consumer that keeps its partitions while others join or leave, where its group decides that. */
    static Map<String, Object> cooperativeConsumer(Map<String, String> client) {
        Map<String, Object> configs = new HashMap<>(consumer(client));
        if (isClassic(client)) {
            configs.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
        }
        return configs;
    }

    private static boolean isClassic(Map<String, String> client) {
        String classic = GroupProtocol.CLASSIC.name();
        return client.getOrDefault(ConsumerConfig.GROUP_PROTOCOL_CONFIG, classic)
                .equalsIgnoreCase(classic);
    }

    /**
     * The settings of a producer with transactions.
     *
     * @param commitInterval how long a transaction stays open at most while all is well
     */
    static Map<String, Object> producer(Duration commitInterval) {
        long millis = Math.max(TRANSACTION_TIMEOUT_MS, 2 * commitInterval.toMillis());
        return Map.of(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, Math.toIntExact(millis));
    }
}
