package io.understudy.topics;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.kafka.common.config.TopicConfig;

/**
 * One topic.
 *
 * @param name its name, prefix included
 * @param purpose what it carries, in a sentence
 * @param key what its records are keyed by
 * @param valueSchema the Avro schema of its values; empty where values are bytes of unknown form
 * @param control whether it is a control topic, keyed by deployment, rather than a data topic, keyed by unit
 * @param compacted whether only the last value of a key is kept
 * @param retention how long records are kept; empty: for ever
 * @param maxMessageBytes largest record batch the topic takes
 */
public record Topic(
        String name,
        String purpose,
        String key,
        Optional<Schema> valueSchema,
        boolean control,
        boolean compacted,
        Optional<Duration> retention,
        int maxMessageBytes) {

    /** The subject under which the values' schema is registered. */
    public String subject() {
        return name + "-value";
    }

    /** The topic's settings as Kafka names them. */
    Map<String, String> configs() {
        Map<String, String> configs = new LinkedHashMap<>();
        configs.put(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                compacted ? TopicConfig.CLEANUP_POLICY_COMPACT : TopicConfig.CLEANUP_POLICY_DELETE);
        if (!compacted) {
            configs.put(
                    TopicConfig.RETENTION_MS_CONFIG,
                    retention.map(Duration::toMillis).orElse(-1L).toString());
        }
        configs.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxMessageBytes));
        return configs;
    }
}
