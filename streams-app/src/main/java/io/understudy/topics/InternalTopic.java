package io.understudy.topics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;

/**
 * A topic in which Kafka Streams keeps what belongs to one role alone. No other program reads it.
 *
 * @param application the application, with the prefix of the installation, e.g. understudy-router; also the name of its
 * consumer group
 * @param node name of the store or of the node
 * @param kind what Kafka Streams uses it for
 * @param partitioning how many partitions it has
 * @param maxMessageBytes largest record batch that the topic accepts, bytes
 */
public record InternalTopic(
        String application, String node, Kind kind, Partitioning partitioning, int maxMessageBytes) {

    private static final int MEBIBYTE = 1024 * 1024;

    /**
     * Only closed segments are compacted. A changelog is rewritten several times a second, so with Kafka's defaults (one
     * gigabyte or a week) a partition would hold a gigabyte of which a few kilobytes are in use.
     */
    private static final int SEGMENT_BYTES = 16 * MEBIBYTE;

    private static final Duration SEGMENT_AGE = Duration.ofMinutes(10);
    private static final String DIRTY_RATIO = "0.1";
    private static final Duration COMPACTION_LAG = Duration.ofMinutes(30);

    /** The size that Kafka Streams itself gives to segments of a repartition topic. */
    private static final int REPARTITION_SEGMENT_BYTES = 50 * MEBIBYTE;

    /** What a topic is used for. */
    public enum Kind {
        /** The content of a store. */
        CHANGELOG,
        /** Records on their way to another task. Kafka Streams deletes what has been read. */
        REPARTITION
    }

    /** How many partitions a topic has. */
    public enum Partitioning {
        /** As many as the data topics. */
        DATA,
        /** One, as the control topics. */
        CONTROL,
        /**
         * As many as it was created with. Its records are keyed by deployment. With another number, a deployment would
         * be in another partition than its evidence.
         */
        FIXED
    }

    /** The changelog of the store {@code store}. */
    public static InternalTopic changelog(
            String application, String store, Partitioning partitioning, int maxMessageBytes) {
        return new InternalTopic(application, store, Kind.CHANGELOG, partitioning, maxMessageBytes);
    }

    /** The topic in front of the node {@code node}. */
    public static InternalTopic repartition(
            String application, String node, Partitioning partitioning, int maxMessageBytes) {
        return new InternalTopic(application, node, Kind.REPARTITION, partitioning, maxMessageBytes);
    }

    /** The name of the topic, as Kafka Streams makes it. */
    public String name() {
        return application + "-" + node + "-" + kind.name().toLowerCase(Locale.ROOT);
    }

    /** Whether this and {@code other} are fixed, and must have the same number of partitions as they are read together. */
    boolean isFixedLike(InternalTopic other) {
        return partitioning == Partitioning.FIXED
                && other.partitioning == Partitioning.FIXED
                && application.equals(other.application);
    }

    /** The settings with which the topic is created, under Kafka's names. */
    Map<String, String> configs() {
        Map<String, String> configs = new LinkedHashMap<>();
        rules().forEach(rule -> configs.put(rule.name(), rule.value()));
        return configs;
    }

    /** The settings with which Kafka Streams creates a topic that does not exist, under Kafka's names. */
    public static Map<String, String> configs(int maxMessageBytes) {
        Map<String, String> configs = new LinkedHashMap<>();
        configs.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxMessageBytes));
        smallSegments(maxMessageBytes).forEach(rule -> configs.put(rule.name(), rule.value()));
        return configs;
    }

    /** How a compacted topic is kept small. */
    static List<ConfigRule> smallSegments(int maxMessageBytes) {
        // A segment must hold the largest batch.
        long segmentBytes = Math.max(SEGMENT_BYTES, 2L * maxMessageBytes);
        return List.of(
                ConfigRule.atMost(TopicConfig.SEGMENT_BYTES_CONFIG, Long.toString(segmentBytes)),
                ConfigRule.atMost(TopicConfig.SEGMENT_MS_CONFIG, Long.toString(SEGMENT_AGE.toMillis())),
                ConfigRule.atMost(TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG, DIRTY_RATIO),
                ConfigRule.atMost(TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG, Long.toString(COMPACTION_LAG.toMillis())));
    }

    private static List<ConfigRule> changelogRules(int maxMessageBytes) {
        List<ConfigRule> rules = new ArrayList<>();
        rules.add(ConfigRule.exactly(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT));
        rules.add(ConfigRule.atLeast(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, maxMessageBytes));
        rules.addAll(smallSegments(maxMessageBytes));
        return rules;
    }

    private static List<ConfigRule> repartitionRules(int maxMessageBytes) {
        long segmentBytes = Math.max(REPARTITION_SEGMENT_BYTES, 2L * maxMessageBytes);
        return List.of(
                ConfigRule.exactly(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE),
                // Records that wait for their reader are never too old.
                ConfigRule.exactly(TopicConfig.RETENTION_MS_CONFIG, "-1"),
                ConfigRule.atLeast(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, maxMessageBytes),
                ConfigRule.atMost(TopicConfig.SEGMENT_BYTES_CONFIG, Long.toString(segmentBytes)),
                ConfigRule.atMost(TopicConfig.SEGMENT_MS_CONFIG, Long.toString(SEGMENT_AGE.toMillis())));
    }

    List<ConfigRule> rules() {
        return switch (kind) {
            case CHANGELOG -> changelogRules(maxMessageBytes);
            case REPARTITION -> repartitionRules(maxMessageBytes);
        };
    }
}
