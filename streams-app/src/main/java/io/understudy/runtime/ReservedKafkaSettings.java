package io.understudy.runtime;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The settings of Kafka's clients that Understudy's guarantees rest on, and those that have a setting of Understudy.
 * With another value, requests would be lost or answered twice, or roles would not find each other, so that a process
 * refuses to start with one.
 */
public final class ReservedKafkaSettings {

    /** The prefixes with which Kafka Streams passes a setting on to one of its clients, or to its internal topics. */
    private static final Pattern PREFIX = Pattern.compile(
            "(?:main\\.consumer|restore\\.consumer|global\\.consumer|consumer|producer|admin|topic)\\.");

    private static final String EXACTLY_ONCE = "each record takes effect exactly once";
    private static final String COMMITTED = "roles act on committed records only";
    private static final String SET_BY_ROLES = "each role sets its own";
    private static final String NO_LOSS = "every record is processed, or becomes a dead letter";

    private static final Map<String, String> REASONS = new TreeMap<>(Map.ofEntries(
            Map.entry("processing.guarantee", EXACTLY_ONCE),
            Map.entry("enable.idempotence", EXACTLY_ONCE),
            Map.entry("acks", EXACTLY_ONCE),
            Map.entry("transactional.id", EXACTLY_ONCE),
            Map.entry("enable.auto.commit", EXACTLY_ONCE),
            Map.entry("isolation.level", COMMITTED),
            Map.entry("application.id", SET_BY_ROLES),
            Map.entry("group.id", SET_BY_ROLES),
            Map.entry("group.instance.id", SET_BY_ROLES),
            Map.entry("auto.offset.reset", NO_LOSS),
            Map.entry("exclude.internal.topics", NO_LOSS),
            Map.entry("processing.exception.handler", NO_LOSS),
            Map.entry("deserialization.exception.handler", NO_LOSS),
            Map.entry("default.deserialization.exception.handler", NO_LOSS),
            Map.entry("production.exception.handler", NO_LOSS),
            Map.entry("default.production.exception.handler", NO_LOSS),
            Map.entry("cleanup.policy", NO_LOSS),
            Map.entry("default.timestamp.extractor", "the topology decides which time a record has"),
            Map.entry("partitioner.class", "the records of a request stay in its partition"),
            Map.entry("ensure.explicit.internal.resource.naming", "stores are found by their names after an upgrade"),
            Map.entry("poll.ms", "the guard calls deadlines between two polls"),
            Map.entry("state.dir", "state.directory sets it"),
            Map.entry("num.stream.threads", "router.threads and evaluator.threads set it"),
            Map.entry("commit.interval.ms", "router.commit-interval-ms and evaluator.commit-interval-ms set it"),
            Map.entry("num.standby.replicas", "evaluator.standby-replicas sets it")));

    private ReservedKafkaSettings() {}

    /**
     * Checks settings by Kafka's names, with or without a prefix of Kafka Streams.
     *
     * @throws InvalidSettingsException if one of them is reserved
     */
    static void check(Map<String, String> kafka) {
        kafka.keySet()
                .forEach(name -> reason(name).ifPresent(reason -> {
                    throw new InvalidSettingsException("kafka." + name + " must not be set: " + reason + "; remove it");
                }));
    }

    private static Optional<String> reason(String name) {
        return Optional.ofNullable(REASONS.get(PREFIX.matcher(name).replaceFirst("")));
    }

    /** Each reserved setting, by Kafka's name, and why it is reserved. */
    public static Map<String, String> reasons() {
        return Collections.unmodifiableMap(REASONS);
    }
}
