package io.understudy.topics;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How to raise the number of partitions.
 *
 * @param from partitions of {@code prediction-requests} now
 * @param to partitions of the data topics afterwards
 * @param groups consumer groups that must not have members meanwhile
 * @param steps topics whose partitions are raised, in this order
 */
public record PartitionPlan(int from, int to, Set<String> groups, List<Step> steps) {

    /**
     * One topic.
     *
     * @param topic its name
     * @param from partitions now
     * @param to partitions afterwards
     */
    public record Step(String topic, int from, int to) {}

    public PartitionPlan {
        groups = Collections.unmodifiableSet(new TreeSet<>(groups));
        steps = List.copyOf(steps);
    }

    /**
     * Plans to raise the number of partitions. The order is against the way of a request: when a record arrives in a new
     * partition, everything behind it has that partition too, and if the program is stopped in between, senders still
     * see the old number.
     *
     * @param partitions number of partitions of each topic that exists
     * @param to number of partitions that the data topics are to have
     */
    static PartitionPlan of(
            Topics topics, List<InternalTopic> internalTopics, Map<String, Integer> partitions, int to) {
        List<String> absent = topics.all().stream()
                .map(Topic::name)
                .filter(name -> !partitions.containsKey(name))
                .toList();
        if (!absent.isEmpty()) {
            throw new IllegalArgumentException("these topics do not exist: " + String.join(", ", absent)
                    + "; create them with 'understudy topics --create'");
        }
        List<Step> steps = new ArrayList<>();
        Set<String> groups = new TreeSet<>();
        for (InternalTopic topic : internalTopics) {
            if (topic.partitioning() == InternalTopic.Partitioning.CONTROL) {
                continue;
            }
            groups.add(topic.application());
            step(topic.name(), partitions, PartitionCheck.expected(topic, internalTopics, partitions, to))
                    .ifPresent(steps::add);
        }
        List<Topic> data = new ArrayList<>(
                topics.all().stream().filter(topic -> !topic.control()).toList());
        Collections.reverse(data);
        data.forEach(topic -> step(topic.name(), partitions, to).ifPresent(steps::add));
        return new PartitionPlan(
                partitions.getOrDefault(topics.predictionRequests().name(), to), to, groups, steps);
    }

    private static Optional<Step> step(String topic, Map<String, Integer> partitions, int to) {
        Integer from = partitions.get(topic);
        if (from == null || from == to) {
            // An internal topic that does not exist is created when its role starts.
            return Optional.empty();
        }
        if (from > to) {
            throw new IllegalArgumentException("topic " + topic + " has " + from
                    + " partitions, and partitions cannot be removed; the number must be at least " + from);
        }
        return Optional.of(new Step(topic, from, to));
    }

    /**
     * The share of the keys that will be in another partition, for every partitioner that takes a hash of the key modulo
     * the number of partitions, as those of Kafka's clients do. A key stays if its hash has the same remainder for both
     * numbers. Of the hashes below their least common multiple, those are exactly the ones below the smaller number.
     */
    public double movedShare() {
        long leastCommonMultiple = (long) from / greatestCommonDivisor(from, to) * to;
        return 1 - (double) from / leastCommonMultiple;
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }
}
