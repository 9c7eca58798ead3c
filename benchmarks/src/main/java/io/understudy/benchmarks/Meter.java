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
 * Measures the CPU time of this process and of the broker while consumer groups process their topics. The first part of
 * the work is not measured, so that compilers and caches can warm up.
 */
final class Meter {

    private static final OperatingSystemMXBean THIS_PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final long PROBE_MILLIS = 50;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double MILLION = 1e6;

    private final BrokerProcess broker;
    private final Admin admin;

    Meter(BrokerProcess broker, Admin admin) {
        this.broker = broker;
        this.admin = admin;
    }

    /**
     * The cost of a contender.
     *
     * @param recordsPerSecond records per second
     * @param clientCpu CPU seconds of this process per million records
     * @param brokerCpu CPU seconds of the broker per million records
     */
    record Cost(double recordsPerSecond, double clientCpu, double brokerCpu) {

        double cpu() {
            return clientCpu + brokerCpu;
        }
    }

    /** A consumer group and the topic that it processes. */
    record Work(String group, String topic) {}

    /**
     * Measures from the time when the first of {@code works} has processed {@code settled} records until all of them
     * are done.
     *
     * @param count number of records in the topic of the first
     */
    Cost measure(List<Work> works, long settled, long count) throws InterruptedException, ExecutionException {
        long done = 0;
        while (done < settled) {
            TimeUnit.MILLISECONDS.sleep(PROBE_MILLIS);
            done = committed(works.get(0));
        }
        long start = System.nanoTime();
        double clientCpu = clientCpu();
        double brokerCpu = brokerCpu();
        for (Work work : works) {
            while (committed(work) < end(work.topic())) {
                TimeUnit.MILLISECONDS.sleep(PROBE_MILLIS);
            }
        }
        double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
        double records = count - done;
        return new Cost(
                records / seconds,
                (clientCpu() - clientCpu) / records * MILLION,
                (brokerCpu() - brokerCpu) / records * MILLION);
    }

    private static double clientCpu() {
        return THIS_PROCESS.getProcessCpuTime() / NANOS_PER_SECOND;
    }

    private double brokerCpu() {
        return broker.cpu().toNanos() / NANOS_PER_SECOND;
    }

    private long committed(Work work) throws InterruptedException, ExecutionException {
        return admin.listConsumerGroupOffsets(work.group()).partitionsToOffsetAndMetadata().get().entrySet().stream()
                .filter(entry ->
                        entry.getValue() != null && entry.getKey().topic().equals(work.topic()))
                .mapToLong(entry -> entry.getValue().offset())
                .sum();
    }

    /**
     * The end offsets, including transaction markers. A consumer that has read a transaction has also passed its
     * marker.
     */
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
