package io.understudy.topics;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Whether topics have enough copies for a broker to fail. */
final class ReplicationCheck {

    private ReplicationCheck() {}

    /**
     * Warnings, one sentence each.
     *
     * @param copies number of copies of each topic that exists
     */
    static List<String> warnings(Replication replication, Map<String, Integer> copies) {
        Map<String, Integer> few = copies.entrySet().stream()
                .filter(topic -> topic.getValue() < replication.wanted())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, TreeMap::new));
        if (few.isEmpty()) {
            return List.of();
        }
        if (replication.brokers() < replication.wanted()) {
            return List.of("the cluster has " + brokers(replication.brokers()) + ", so topics cannot have "
                    + replication.wanted() + " copies; when a broker fails, records may be lost; this is for trying"
                    + " things out, not for production");
        }
        return List.of("these topics have fewer than " + replication.wanted() + " copies of each partition, so records"
                + " may be lost when a broker fails; add copies with kafka-reassign-partitions: " + few);
    }

    private static String brokers(int number) {
        return number == 1 ? "1 broker" : number + " brokers";
    }
}
