package io.understudy.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/**
 * Watches consumer groups work off their topics, and takes the CPU time of this process and of the broker meanwhile. The first
 * part of the work is left out, for compilers and caches to settle.
 */
final class Meter {

    private static final OperatingSystemMXBean OWN =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final long PROBE_MILLIS = 50;
    private static final double NANOS_A_SECOND = 1e9;
    private static final double MILLION = 1e6;

    private final BrokerProcess broker;
    private final Admin admin;

    Meter(BrokerProcess broker, Admin admin) {
        this.broker = broker;
        this.admin = admin;
    }

    /**
     * What a contender cost.
     *
     * @param recordsPerSecond how fast it was
     * @param clientCpu CPU seconds of this process a million records
     * @param brokerCpu CPU seconds of the broker a million records
     */
    record Cost(double recordsPerSecond, double clientCpu, double brokerCpu) {

        double cpu() {
            return clientCpu + brokerCpu;
        }
    }

    /** A consumer group and the topic it works off. */
    record Work(String group, String topic) {}

    /**
     * Measures from when the first of {@code works} has {@code settled} records behind it until all of them are done.
     *
     * @param count records in the topic of the first
     */
    Cost measure(List<Work> works, long settled, long count) throws InterruptedException, ExecutionException {
        long done = 0;
        while (done < settled) {
            TimeUnit.MILLISECONDS.sleep(PROBE_MILLIS);
            done = committed(works.get(0));
        }
        long start = System.nanoTime();
        double own = own();
        double brokers = brokers();
        for (Work work : works) {
            while (committed(work) < end(work.topic())) {
                TimeUnit.MILLISECONDS.sleep(PROBE_MILLIS);
            }
        }
        double seconds = (System.nanoTime() - start) / NANOS_A_SECOND;
        double records = count - done;
        return new Cost(
                records / seconds, (own() - own) / records * MILLION, (brokers() - brokers) / records * MILLION);
    }

    private static double own() {
        return OWN.getProcessCpuTime() / NANOS_A_SECOND;
    }

    private double brokers() {
        return broker.cpu().toNanos() / NANOS_A_SECOND;
    }

    private long committed(Work work) throws InterruptedException, ExecutionException {
        return admin.listConsumerGroupOffsets(work.group()).partitionsToOffsetAndMetadata().get().entrySet().stream()
                .filter(entry ->
                        entry.getValue() != null && entry.getKey().topic().equals(work.topic()))
                .mapToLong(entry -> entry.getValue().offset())
                .sum();
    }

    /** The offset after the last record, markers of transactions included; they count as worked off with what they end. */
    private long end(String topic) throws InterruptedException, ExecutionException {
        Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
        admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get()
                .get(topic)
                .partitions()
                .forEach(partition ->
                        partitions.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest()));
        return admin.listOffsets(partitions).all().get().values().stream()
                .mapToLong(info -> info.offset())
                .sum();
    }
}
