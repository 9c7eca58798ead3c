package io.understudy.topics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates missing topics and checks the existing ones. */
public final class TopicAdmin {

    private final Admin admin;
    private final Topics topics;
    private final int dataPartitions;
    private final Optional<Short> replicationFactor;

    /**
     * Creates an administrator of the topics.
     *
     * @param dataPartitions partitions of each data topic; control topics have one
     * @param replicationFactor copies of each partition; empty: the cluster's default
     */
    public TopicAdmin(Admin admin, Topics topics, int dataPartitions, Optional<Short> replicationFactor) {
        this.admin = admin;
        this.topics = topics;
        this.dataPartitions = dataPartitions;
        this.replicationFactor = replicationFactor;
    }

    /** Creates the missing topics and returns their names. Does not change existing topics. */
    public List<String> create() throws InterruptedException, ExecutionException {
        Set<String> present = admin.listTopics().names().get();
        List<Topic> missing = topics.all().stream()
                .filter(topic -> !present.contains(topic.name()))
                .toList();
        List<String> created = new ArrayList<>();
        var results = admin.createTopics(missing.stream().map(this::newTopic).toList())
                .values();
        for (Topic topic : missing) {
            try {
                Objects.requireNonNull(results.get(topic.name())).get();
                created.add(topic.name());
            } catch (ExecutionException e) {
                // Another process created it first; faults() checks it like any other topic.
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        }
        return created;
    }

    /** The faults of the topics, one sentence each; empty when there are none. */
    public List<String> faults() throws InterruptedException, ExecutionException {
        return faults(topics.all());
    }

    /** The faults of some of the topics, which the principal may describe. */
    public List<String> faults(List<Topic> used) throws InterruptedException, ExecutionException {
        Set<String> present = admin.listTopics().names().get();
        List<String> faults = new ArrayList<>();
        List<Topic> found = new ArrayList<>();
        for (Topic topic : used) {
            if (present.contains(topic.name())) {
                found.add(topic);
            } else {
                faults.add("topic " + topic.name() + " does not exist");
            }
        }
        Map<String, TopicDescription> descriptions = admin.describeTopics(
                        found.stream().map(Topic::name).toList())
                .allTopicNames()
                .get();
        Map<String, Config> configs = configs(found);
        checkPartitions(found, descriptions, faults);
        for (Topic topic : found) {
            checkConfig(topic, Objects.requireNonNull(configs.get(topic.name())), faults);
        }
        return faults;
    }

    private static void checkPartitions(
            List<Topic> found, Map<String, TopicDescription> descriptions, List<String> faults) {
        Map<Integer, List<String>> byPartitions = found.stream()
                .filter(topic -> !topic.control() && topic.valueSchema().isPresent())
                .map(Topic::name)
                .collect(Collectors.groupingBy(name -> Objects.requireNonNull(descriptions.get(name))
                        .partitions()
                        .size()));
        if (byPartitions.size() > 1) {
            faults.add("the data topics must all have the same number of partitions, but have " + byPartitions);
        }
    }

    private static void checkConfig(Topic topic, Config config, List<String> faults) {
        String policy = config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
        String expected = topic.configs().get(TopicConfig.CLEANUP_POLICY_CONFIG);
        if (!policy.equals(expected)) {
            faults.add("topic " + topic.name() + " has " + TopicConfig.CLEANUP_POLICY_CONFIG + "=" + policy
                    + "; it must be " + expected);
        }
        checkTime(topic, config, faults);
        int bytes = Integer.parseInt(
                config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value());
        if (bytes < topic.maxMessageBytes()) {
            faults.add("topic " + topic.name() + " has " + TopicConfig.MAX_MESSAGE_BYTES_CONFIG + "=" + bytes
                    + "; it must be at least " + topic.maxMessageBytes());
        }
    }

    private static void checkTime(Topic topic, Config config, List<String> faults) {
        String name = TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG;
        String expected = topic.configs().get(name);
        String actual = config.get(name).value();
        if (expected != null && !expected.equals(actual)) {
            faults.add("topic " + topic.name() + " has " + name + "=" + actual + "; it must be " + expected
                    + "; change it with: kafka-configs --alter --entity-type topics --entity-name " + topic.name()
                    + " --add-config " + name + "=" + expected);
        }
    }

    private Map<String, Config> configs(List<Topic> found) throws InterruptedException, ExecutionException {
        List<ConfigResource> resources = found.stream()
                .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic.name()))
                .toList();
        Map<String, Config> configs = new HashMap<>();
        admin.describeConfigs(resources)
                .all()
                .get()
                .forEach((resource, config) -> configs.put(resource.name(), config));
        return configs;
    }

    private NewTopic newTopic(Topic topic) {
        return new NewTopic(topic.name(), Optional.of(topic.control() ? 1 : dataPartitions), replicationFactor)
                .configs(topic.configs());
    }
}
