package io.understudy.topics;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Whether topics that belong together have the same number of partitions. */
final class PartitionCheck {

    private PartitionCheck() {}

    /** Whether a topic must have as many partitions as the other data topics, because records are joined by partition. */
    static boolean mustBeAlike(Topic topic) {
        return !topic.control() && topic.valueSchema().isPresent();
    }

    /**
     * The faults of the topics that exist, one sentence each, with the command that mends them.
     *
     * @param partitions number of partitions of each topic that exists
     */
    static List<String> faults(Topics topics, List<InternalTopic> internalTopics, Map<String, Integer> partitions) {
        Map<Integer, List<String>> byPartitions = topics.all().stream()
                .filter(topic -> mustBeAlike(topic) && partitions.containsKey(topic.name()))
                .map(Topic::name)
                .collect(Collectors.groupingBy(
                        name -> Objects.requireNonNull(partitions.get(name)), TreeMap::new, Collectors.toList()));
        List<String> faults = new ArrayList<>();
        if (byPartitions.isEmpty()) {
            return faults;
        }
        int most = ((TreeMap<Integer, List<String>>) byPartitions).lastKey();
        if (byPartitions.size() > 1) {
            faults.add("the data topics must all have the same number of partitions, but have " + byPartitions + "; "
                    + howToRaise(most));
        }
        for (InternalTopic topic : internalTopics) {
            Integer actual = partitions.get(topic.name());
            int expected = expected(topic, internalTopics, partitions, most);
            if (actual != null && actual != expected) {
                faults.add("topic " + topic.name() + ", in which " + topic.application() + " keeps its data, has "
                        + actual + " partitions; it must have " + expected + "; "
                        + (actual < expected
                                ? howToRaise(most)
                                : "partitions cannot be removed, so raise the data topics with 'understudy topics"
                                        + " --partitions " + actual + "'"));
            }
        }
        return faults;
    }

    private static String howToRaise(int partitions) {
        return "stop the routers and evaluators, and run 'understudy topics --partitions " + partitions + " --apply'";
    }

    /** How many partitions an internal topic must have, now that the data topics have {@code dataPartitions}. */
    static int expected(
            InternalTopic topic,
            Collection<InternalTopic> internalTopics,
            Map<String, Integer> partitions,
            int dataPartitions) {
        return switch (topic.partitioning()) {
            case CONTROL -> 1;
            case DATA -> dataPartitions;
            case FIXED ->
                internalTopics.stream()
                        .filter(topic::isFixedLike)
                        .mapToInt(other -> partitions.getOrDefault(other.name(), 0))
                        .max()
                        .orElse(dataPartitions);
        };
    }
}
