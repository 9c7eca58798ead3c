package io.understudy.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.registry.Decoder;
import io.understudy.registry.Registry;
import io.understudy.registry.RegistryUnavailableException;
import io.understudy.registry.UndecodableException;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutState;
import io.understudy.streams.StopSignal;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the control topics into a view, continuously: all states, and of the events and evaluations at first as many of
 * the newest as the view can hold. Retries while the broker is unavailable.
 */
final class ControlFollower implements Runnable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ControlFollower.class);
    /**
     * How many offsets before the end of a topic a console begins to read events and evaluations: twice what the view
     * holds of evaluations, because each transaction has an offset of its own beside its records. What is older is on
     * the topics and not on the page.
     */
    static final int LOOK_BACK = 2 * ControlView.MAX_ROLLOUTS * EvaluationLog.MAX_EVALUATIONS;

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PROBE_INTERVAL = Duration.ofSeconds(2);
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Topics topics;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final ControlView view;
    private final Decoder<RolloutState> states;
    private final Decoder<RolloutEvent> events;
    private final Decoder<RolloutEvaluation> evaluations;
    private final Map<TopicPartition, Long> nextOffsets = new HashMap<>();
    private final StopSignal stop = new StopSignal();

    /**
     * Creates a follower.
     *
     * @param consumers creates consumers that read committed records and commit no offsets
     */
    ControlFollower(Topics topics, Registry registry, Supplier<Consumer<byte[], byte[]>> consumers, ControlView view) {
        this.topics = topics;
        this.consumers = consumers;
        this.view = view;
        this.states = registry.decoder(topics.rolloutState(), RolloutState.class);
        this.events = registry.decoder(topics.rolloutEvents(), RolloutEvent.class);
        this.evaluations = registry.decoder(topics.rolloutEvaluations(), RolloutEvaluation.class);
    }

    @Override
    public void run() {
        while (!stop.isRequested()) {
            try (Consumer<byte[], byte[]> consumer = consumers.get()) {
                stop.wakeOnRequest(consumer);
                follow(consumer);
            } catch (WakeupException | InterruptException e) {
                LOG.debug("Stopped following the control topics");
            } catch (KafkaException | RegistryUnavailableException e) {
                LOG.warn("Cannot read the control topics, retrying: cause={}", e.toString());
                stop.pause(PAUSE);
            }
        }
    }

    private void follow(Consumer<byte[], byte[]> consumer) {
        List<TopicPartition> partitions = Stream.of(
                        topics.rolloutState(), topics.rolloutEvents(), topics.rolloutEvaluations())
                .flatMap(topic -> partitions(consumer, topic))
                .toList();
        consumer.assign(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        consumer.beginningOffsets(partitions)
                .forEach((partition, beginning) -> consumer.seek(
                        partition, nextOffsets.getOrDefault(partition, start(partition, beginning, ends))));
        long lastProbe = System.nanoTime();
        view.contact();
        while (!stop.isRequested()) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                applyOrSkip(record);
                nextOffsets.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
            }
            if (!view.isCaughtUp()
                    && ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
                view.caughtUp();
            }
            if (System.nanoTime() - lastProbe > PROBE_INTERVAL.toNanos()) {
                probe(consumer, partitions);
                lastProbe = System.nanoTime();
            }
        }
    }

    /** Where to begin to read a partition. Of the states, which are compacted, all are needed. */
    private long start(TopicPartition partition, long beginning, Map<TopicPartition, Long> ends) {
        return partition.topic().equals(topics.rolloutState().name())
                ? beginning
                : Math.max(beginning, Objects.requireNonNull(ends.get(partition)) - LOOK_BACK);
    }

    private static Stream<TopicPartition> partitions(Consumer<byte[], byte[]> consumer, Topic topic) {
        List<PartitionInfo> partitions = consumer.partitionsFor(topic.name());
        if (partitions == null || partitions.isEmpty()) {
            throw new UnknownTopicOrPartitionException("topic " + topic.name() + " does not exist yet");
        }
        return partitions.stream().map(info -> new TopicPartition(info.topic(), info.partition()));
    }

    /** Checks that the broker answers: an empty poll can mean an idle topic or an unavailable broker. */
    private void probe(Consumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        try {
            consumer.endOffsets(partitions, PROBE_TIMEOUT);
            view.contact();
        } catch (TimeoutException e) {
            LOG.warn("Broker unavailable, the console shows old data: since={}", view.asOf());
        }
    }

    private void applyOrSkip(ConsumerRecord<byte[], byte[]> record) {
        try {
            apply(record);
        } catch (RegistryUnavailableException e) {
            // The record is not the cause: it is read again.
            throw e;
        } catch (RuntimeException e) {
            LOG.error("Skipped a record that could not be processed: offset={}", record.offset(), e);
        }
    }

    private void apply(ConsumerRecord<byte[], byte[]> record) {
        if (isOf(topics.rolloutState(), record)) {
            decode(states, record).ifPresentOrElse(view::state, () -> {
                if (record.value() == null && record.key() != null) {
                    view.removeState(new String(record.key(), UTF_8));
                }
            });
        } else if (isOf(topics.rolloutEvents(), record)) {
            decode(events, record).ifPresent(view::event);
        } else {
            decode(evaluations, record).ifPresent(view::evaluation);
        }
    }

    private static boolean isOf(Topic topic, ConsumerRecord<byte[], byte[]> record) {
        return record.topic().equals(topic.name());
    }

    /** Empty for a tombstone, and for a record of another program. */
    private static <T extends SpecificRecord> Optional<T> decode(
            Decoder<T> decoder, ConsumerRecord<byte[], byte[]> record) {
        try {
            return record.value() == null ? Optional.empty() : Optional.of(decoder.decode(record.value()));
        } catch (UndecodableException e) {
            LOG.warn(
                    "Skipped an unreadable record: topic={} offset={} cause={}",
                    record.topic(),
                    record.offset(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        stop.request();
    }
}
