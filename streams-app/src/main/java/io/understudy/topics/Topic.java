package io.understudy.topics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.record.TimestampType;

/**
 * One topic.
 *
 * @param name name, including the prefix
 * @param purpose what the topic carries, in one sentence
 * @param key what its records are keyed by
 * @param valueSchema Avro schema of the values; empty when the values are arbitrary bytes
 * @param control true for a control topic, which is keyed by deployment; false for a data topic, which is keyed by unit
 * @param compacted whether the topic keeps only the last value of each key
 * @param brokerTime whether the broker stamps each record with its own clock when it appends it; otherwise a record has
 * the time that its sender gave it
 * @param retention how long records are kept; empty: forever
 * @param maxMessageBytes largest record batch that the topic accepts, bytes
 */
public record Topic(
        String name,
        String purpose,
        String key,
        Optional<Schema> valueSchema,
        boolean control,
        boolean compacted,
        boolean brokerTime,
        Optional<Duration> retention,
        int maxMessageBytes) {

    /** The registry subject of the schema of the values. */
    public String subject() {
        return name + "-value";
    }

    /**
     * The settings of the topic. Where the sender's time is kept, the cluster's own default for the kind of timestamp
     * applies: nothing depends on it.
     */
    List<ConfigRule> rules() {
        List<ConfigRule> rules = new ArrayList<>();
        rules.add(ConfigRule.exactly(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                compacted ? TopicConfig.CLEANUP_POLICY_COMPACT : TopicConfig.CLEANUP_POLICY_DELETE));
        if (brokerTime) {
            rules.add(
                    ConfigRule.exactly(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, TimestampType.LOG_APPEND_TIME.name));
        }
        rules.add(ConfigRule.atLeast(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, maxMessageBytes));
        if (compacted) {
            rules.addAll(InternalTopic.smallSegments(maxMessageBytes));
        } else if (control) {
            // How long data topics are kept is up to whoever runs the cluster.
            retention.ifPresent(
                    limit -> rules.add(ConfigRule.limited(TopicConfig.RETENTION_MS_CONFIG, limit.toMillis())));
        }
        return rules;
    }

    /** The settings with which the topic is created, under Kafka's names. */
    Map<String, String> configs() {
        Map<String, String> configs = new LinkedHashMap<>();
        rules().forEach(rule -> configs.put(rule.name(), rule.value()));
        if (!compacted) {
            configs.put(
                    TopicConfig.RETENTION_MS_CONFIG,
                    retention.map(Duration::toMillis).orElse(-1L).toString());
        }
        return configs;
    }
}
