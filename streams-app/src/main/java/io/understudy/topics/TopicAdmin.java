package io.understudy.topics;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates missing topics, checks the existing ones, and changes settings that are wrong. */
public final class TopicAdmin {

    private final Admin admin;
    private final Topics topics;
    private final List<InternalTopic> internalTopics;
    private final int dataPartitions;
    private final Optional<Short> replicationFactor;

    /**
     * Creates an administrator of the topics.
     *
     * @param internalTopics internal topics that are created and checked, too
     * @param dataPartitions partitions of each data topic if there are none yet; control topics have one
     * @param replicationFactor copies of each partition; empty: three where there are three brokers, otherwise the
     * cluster's default
     */
    public TopicAdmin(
            Admin admin,
            Topics topics,
            List<InternalTopic> internalTopics,
            int dataPartitions,
            Optional<Short> replicationFactor) {
        this.admin = admin;
        this.topics = topics;
        this.internalTopics = List.copyOf(internalTopics);
        this.dataPartitions = dataPartitions;
        this.replicationFactor = replicationFactor;
    }

    /** Creates the missing topics and returns their names. Does not change existing topics. */
    public List<String> create() throws InterruptedException, ExecutionException {
        Existing existing = existing(topics.all());
        Replication replication = Replication.of(admin, replicationFactor);
        // The setting may be older than the topics: their number of partitions may have been raised.
        int partitions = existing.dataPartitions(topics).orElse(dataPartitions);
        Map<String, NewTopic> missing = new LinkedHashMap<>();
        topics.all().stream()
                .filter(topic -> !existing.has(topic.name()))
                .forEach(topic -> missing.put(
                        topic.name(),
                        newTopic(topic.name(), topic.control() ? 1 : partitions, topic.configs(), replication)));
        internalTopics.stream()
                .filter(topic -> !existing.has(topic.name()))
                .forEach(topic -> missing.put(
                        topic.name(),
                        newTopic(
                                topic.name(),
                                existing.partitionsOf(topic, internalTopics, partitions),
                                topic.configs(),
                                replication)));
        return create(missing);
    }

    private List<String> create(Map<String, NewTopic> missing) throws InterruptedException, ExecutionException {
        List<String> created = new ArrayList<>();
        var results = admin.createTopics(missing.values()).values();
        for (String name : missing.keySet()) {
            try {
                Objects.requireNonNull(results.get(name)).get();
                created.add(name);
            } catch (ExecutionException e) {
                // Another process created it first; check() checks it like any other topic.
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        }
        return created;
    }

    private static NewTopic newTopic(
            String name, int partitions, Map<String, String> configs, Replication replication) {
        Map<String, String> all = new HashMap<>(configs);
        replication
                .minInSync()
                .ifPresent(copies -> all.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(copies)));
        return new NewTopic(name, Optional.of(partitions), replication.factor()).configs(all);
    }

    /** What is not as it should be. */
    public Findings check() throws InterruptedException, ExecutionException {
        return check(topics.all(), rules(topics.all(), internalTopics));
    }

    /**
     * What is not as it should be with some of the topics, which the principal may describe. Of the internal topics, only
     * the number of partitions is checked, for which their role needs no other permissions than those for its work.
     */
    public Findings checkUsed(List<Topic> used) throws InterruptedException, ExecutionException {
        return check(used, rules(used, List.of()));
    }

    private Findings check(List<Topic> used, Map<String, List<ConfigRule>> rules)
            throws InterruptedException, ExecutionException {
        Existing existing = existing(used);
        Replication replication = Replication.of(admin, replicationFactor);
        List<String> faults = new ArrayList<>();
        List<String> differences = new ArrayList<>();
        used.stream()
                .map(Topic::name)
                .filter(name -> !existing.has(name))
                .forEach(name -> faults.add("topic " + name + " does not exist"));
        faults.addAll(PartitionCheck.faults(topics, internalTopics, existing.partitions()));
        for (Wrong wrong : wrong(rules, existing, replication)) {
            (wrong.rule().required() ? faults : differences).add(wrong.sentence());
        }
        return new Findings(faults, differences, ReplicationCheck.warnings(replication, existing.copies()));
    }

    /** Changes the settings of existing topics that are wrong, and returns what was changed, one sentence each. */
    public List<String> mend() throws InterruptedException, ExecutionException {
        List<Wrong> wrong = wrong(
                rules(topics.all(), internalTopics), existing(topics.all()), Replication.of(admin, replicationFactor));
        Map<ConfigResource, Collection<AlterConfigOp>> changes = wrong.stream()
                .collect(Collectors.groupingBy(
                        Wrong::resource, LinkedHashMap::new, Collectors.mapping(Wrong::change, collection())));
        admin.incrementalAlterConfigs(changes).all().get();
        return wrong.stream()
                .map(change -> "topic " + change.topic() + ": " + change.rule().name() + "=" + change.actual()
                        + " is now " + change.rule().value())
                .toList();
    }

    private static Collector<AlterConfigOp, ?, Collection<AlterConfigOp>> collection() {
        return Collectors.toCollection(ArrayList::new);
    }

    /** A setting of an existing topic that is not as it should be. */
    private record Wrong(String topic, ConfigRule rule, String actual) {

        ConfigResource resource() {
            return new ConfigResource(ConfigResource.Type.TOPIC, topic);
        }

        AlterConfigOp change() {
            return new AlterConfigOp(new ConfigEntry(rule.name(), rule.value()), AlterConfigOp.OpType.SET);
        }

        String sentence() {
            return "topic " + topic + " has " + rule.name() + "=" + actual + "; it " + rule.expectation()
                    + "; change it with 'understudy topics --apply', or with: kafka-configs --alter"
                    + " --entity-type topics --entity-name " + topic + " --add-config " + rule.name() + "="
                    + rule.value();
        }
    }

    private static Map<String, List<ConfigRule>> rules(List<Topic> topics, List<InternalTopic> internalTopics) {
        Map<String, List<ConfigRule>> rules = new LinkedHashMap<>();
        topics.forEach(topic -> rules.put(topic.name(), topic.rules()));
        internalTopics.forEach(topic -> rules.put(topic.name(), topic.rules()));
        return rules;
    }

    private List<Wrong> wrong(Map<String, List<ConfigRule>> rules, Existing existing, Replication replication)
            throws InterruptedException, ExecutionException {
        rules.keySet().removeIf(name -> !existing.has(name));
        Map<String, Config> configs = configs(rules.keySet());
        List<Wrong> wrong = new ArrayList<>();
        rules.forEach((name, expected) -> Stream.concat(
                        expected.stream(), replication.rules(existing.copies().getOrDefault(name, 0)).stream())
                .forEach(rule -> {
                    String actual = Objects.requireNonNull(configs.get(name))
                            .get(rule.name())
                            .value();
                    if (!rule.permits(actual)) {
                        wrong.add(new Wrong(name, rule, actual));
                    }
                }));
        return wrong;
    }

    private Map<String, Config> configs(Set<String> names) throws InterruptedException, ExecutionException {
        List<ConfigResource> resources = names.stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        Map<String, Config> configs = new HashMap<>();
        admin.describeConfigs(resources)
                .all()
                .get()
                .forEach((resource, config) -> configs.put(resource.name(), config));
        return configs;
    }

    /**
     * Plans to raise the number of partitions.
     *
     * @throws IllegalArgumentException if there are more partitions already, or topics do not exist; the message says
     * so
     */
    public PartitionPlan plan(int partitions) throws InterruptedException, ExecutionException {
        return PartitionPlan.of(topics, internalTopics, existing(topics.all()).partitions(), partitions);
    }

    private Existing existing(List<Topic> used) throws InterruptedException, ExecutionException {
        Set<String> present = admin.listTopics().names().get();
        List<String> found = Stream.concat(
                        used.stream().map(Topic::name), internalTopics.stream().map(InternalTopic::name))
                .filter(present::contains)
                .toList();
        return new Existing(admin.describeTopics(found).allTopicNames().get());
    }

    /** The topics that exist. */
    private record Existing(Map<String, TopicDescription> descriptions) {

        boolean has(String name) {
            return descriptions.containsKey(name);
        }

        Map<String, Integer> partitions() {
            return descriptions.entrySet().stream()
                    .collect(Collectors.toMap(
                            Map.Entry::getKey,
                            entry -> entry.getValue().partitions().size()));
        }

        /** The smallest number of copies of a partition of each topic. */
        Map<String, Integer> copies() {
            return descriptions.entrySet().stream()
                    .collect(Collectors.toMap(
                            Map.Entry::getKey,
                            entry -> entry.getValue().partitions().stream()
                                    .mapToInt(partition -> partition.replicas().size())
                                    .min()
                                    .orElse(0)));
        }

        Optional<Integer> dataPartitions(Topics topics) {
            OptionalInt most = topics.all().stream()
                    .filter(topic -> PartitionCheck.mustBeAlike(topic) && has(topic.name()))
                    .mapToInt(topic -> partitions(topic.name()))
                    .max();
            return most.isPresent() ? Optional.of(most.getAsInt()) : Optional.empty();
        }

        /** The partitions of an internal topic that does not exist yet. */
        int partitionsOf(InternalTopic missing, List<InternalTopic> all, int dataPartitions) {
            return switch (missing.partitioning()) {
                case CONTROL -> 1;
                case DATA -> dataPartitions;
                case FIXED ->
                    all.stream()
                            .filter(topic -> topic.isFixedLike(missing) && has(topic.name()))
                            .mapToInt(topic -> partitions(topic.name()))
                            .findFirst()
                            .orElse(dataPartitions);
            };
        }

        private int partitions(String name) {
            return Objects.requireNonNull(descriptions.get(name)).partitions().size();
        }
    }
}
