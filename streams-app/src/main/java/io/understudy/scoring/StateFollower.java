package io.understudy.scoring;

import io.understudy.registry.Decoder;
import io.understudy.registry.RegistryUnavailableException;
import io.understudy.registry.UndecodableException;
import io.understudy.schema.RolloutState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the compacted topic of states from its beginning, passes each state to a listener, and waits for new states.
 */
public final class StateFollower implements Runnable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StateFollower.class);
    private static final Duration POLL = Duration.ofSeconds(1);

    private final String topic;
    private final Consumer<byte[], byte[]> consumer;
    private final Decoder<RolloutState> decoder;
    private final java.util.function.Consumer<RolloutState> listener;
    private final ScoringMeters meters;
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private volatile boolean closing;
    private volatile boolean ended;

    /**
     * Creates a follower.
     *
     * @param topic topic of states
     * @param consumer consumer without a group that reads only committed records
     * @param listener receives every state, in the order of the topic
     */
    public StateFollower(
            String topic,
            Consumer<byte[], byte[]> consumer,
            Decoder<RolloutState> decoder,
            java.util.function.Consumer<RolloutState> listener,
            ScoringMeters meters) {
        this.topic = topic;
        this.consumer = consumer;
        this.decoder = decoder;
        this.listener = listener;
        this.meters = meters;
    }

    @Override
    public void run() {
        try (consumer) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (!closing) {
                poll();
                if (caughtUp.getCount() > 0 && isPast(ends)) {
                    caughtUp.countDown();
                }
            }
        } catch (WakeupException e) {
            // a stop was requested
        } finally {
            ended = true;
            caughtUp.countDown();
        }
    }

    private boolean isPast(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    /**
     * Waits until the listener has received all states that existed at the start; false if the follower ended before.
     */
    public boolean awaitCaughtUp() throws InterruptedException {
        caughtUp.await();
        return !ended;
    }

    /**
     * Whether the listener has received all states that existed at the start, and the follower waits for new states.
     */
    public boolean isFollowing() {
        return caughtUp.getCount() == 0 && !ended;
    }

    private void poll() {
        try {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                deliver(record);
            }
        } catch (WakeupException | AuthenticationException | AuthorizationException e) {
            throw e;
        } catch (KafkaException e) {
            LOG.warn("Cannot read rollout states, the known ones stay in force: cause={}", e.toString());
        }
    }

    private void deliver(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            return;
        }
        try {
            listener.accept(decode(record.value()));
        } catch (UndecodableException e) {
            meters.unreadableState();
            LOG.error(
                    "Cannot read a rollout state, the previous one stays in force: offset={} cause={}",
                    record.offset(),
                    e.getMessage());
        } catch (WakeupException e) {
            throw e;
        } catch (RuntimeException e) {
            meters.unreadableState();
            LOG.error("Cannot process a rollout state, the previous one stays in force: offset={}", record.offset(), e);
        }
    }

    /**
     * Decodes a state. Waits for the registry without a limit, because no request can be answered without the states.
     */
    private RolloutState decode(byte[] value) {
        while (true) {
            try {
                return decoder.decode(value);
            } catch (RegistryUnavailableException e) {
                if (closing) {
                    throw new WakeupException();
                }
                LOG.warn("Waiting for the schema registry to read rollout states: cause={}", e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
    }
}
