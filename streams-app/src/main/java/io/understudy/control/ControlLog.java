package io.understudy.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.registry.Decoder;
import io.understudy.registry.Registry;
import io.understudy.registry.UndecodableException;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutState;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the committed states, events and evaluations from the control topics. Not safe for several threads. */
public final class ControlLog implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);
    private static final int RECENT_EVALUATIONS = 5000;

    private final Topics topics;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Decoder<RolloutState> states;
    private final Decoder<RolloutEvent> events;
    private final Decoder<RolloutEvaluation> evaluations;

    /**
     * Creates a reader of the control topics.
     *
     * @param kafka settings of the Kafka clients
     */
    public ControlLog(Topics topics, Registry registry, Map<String, ?> kafka) {
        this.topics = topics;
        this.states = registry.decoder(topics.rolloutState(), RolloutState.class);
        this.events = registry.decoder(topics.rolloutEvents(), RolloutEvent.class);
        this.evaluations = registry.decoder(topics.rolloutEvaluations(), RolloutEvaluation.class);
        Map<String, Object> configs = new HashMap<>(kafka);
        configs.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        configs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        configs.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, CommandClient.BROKER_TIMEOUT_MILLIS);
        this.consumer = new KafkaConsumer<>(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** The current state of every deployment, by deployment name. */
    public Map<String, RolloutState> states() {
        Map<String, RolloutState> found = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : read(topics.rolloutState(), Long.MAX_VALUE)) {
            String deployment = new String(record.key(), UTF_8);
            decode(states, record)
                    .ifPresentOrElse(state -> found.put(deployment, state), () -> found.remove(deployment));
        }
        return found;
    }

    /** All events of the deployment so far, oldest first. */
    public List<RolloutEvent> events(String deployment) {
        return read(topics.rolloutEvents(), Long.MAX_VALUE).stream()
                .flatMap(record -> decode(events, record).stream())
                .filter(event -> event.getDeployment().equals(deployment))
                .toList();
    }

    /**
     * The last evaluation of a rollout up to and including an epoch. Only looks at the last 5000 evaluations of each
     * partition.
     */
    public Optional<RolloutEvaluation> lastEvaluation(String rollout, int epoch) {
        return read(topics.rolloutEvaluations(), RECENT_EVALUATIONS).stream()
                .flatMap(record -> decode(evaluations, record).stream())
                .filter(evaluation -> evaluation.getRollout().equals(rollout) && evaluation.getEpoch() <= epoch)
                .reduce((first, second) -> second);
    }

    /** The current end offsets of the topics of events and evaluations, for {@link #follow}. */
    public Map<TopicPartition, Long> ends() {
        List<TopicPartition> partitions = new ArrayList<>(partitions(topics.rolloutEvents()));
        partitions.addAll(partitions(topics.rolloutEvaluations()));
        return consumer.endOffsets(partitions);
    }

    /** Makes {@link #next} return the events and evaluations from the offsets {@code ends} on. */
    public void follow(Map<TopicPartition, Long> ends) {
        consumer.assign(ends.keySet());
        ends.forEach(consumer::seek);
    }

    /**
     * The events and evaluations since the last call; those of one topic are in the order of the topic. Waits briefly
     * when there are none yet.
     */
    public List<SpecificRecord> next() {
        List<SpecificRecord> next = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            boolean event = record.topic().equals(topics.rolloutEvents().name());
            if (event) {
                decode(events, record).ifPresent(next::add);
            } else {
                decode(evaluations, record).ifPresent(next::add);
            }
        }
        return next;
    }

    private List<TopicPartition> partitions(Topic topic) {
        return consumer.partitionsFor(topic.name()).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
    }

    /** Reads up to {@code limit} of the last records of each partition. */
    private List<ConsumerRecord<byte[], byte[]>> read(Topic topic, long limit) {
        List<TopicPartition> partitions = partitions(topic);
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        ends.forEach((partition, end) -> {
            if (end - limit > consumer.position(partition)) {
                consumer.seek(partition, end - limit);
            }
        });
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            consumer.poll(POLL).forEach(records::add);
        }
        return records;
    }

    /** Empty for a tombstone, and for a record of another program. */
    private static <T extends SpecificRecord> Optional<T> decode(
            Decoder<T> decoder, ConsumerRecord<byte[], byte[]> record) {
        try {
            return record.value() == null
                    ? Optional.empty()
                    : Optional.of(decoder.decode(record.value(), record.headers()));
        } catch (UndecodableException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
