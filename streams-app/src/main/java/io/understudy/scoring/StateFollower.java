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

/** Reads the compacted topic of states from its beginning, tells each one, and goes on listening. */
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
     * @param topic the topic of states
     * @param consumer belongs to no group and reads committed records
     * @param listener is told every state, in the order of the topic
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
                follow();
                if (caughtUp.getCount() > 0 && isPast(ends)) {
                    caughtUp.countDown();
                }
            }
        } catch (WakeupException e) {
            // asked to stop
        } finally {
            ended = true;
            caughtUp.countDown();
        }
    }

    private boolean isPast(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    /** Waits until every state that was there at the start has been told; false when the follower ended before. */
    public boolean awaitCaughtUp() throws InterruptedException {
        caughtUp.await();
        return !ended;
    }

    /** Whether every state that was there at the start has been told, and more are waited for. */
    public boolean isFollowing() {
        return caughtUp.getCount() == 0 && !ended;
    }

    private void follow() {
        try {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                tell(record);
            }
        } catch (WakeupException | AuthenticationException | AuthorizationException e) {
            throw e;
        } catch (KafkaException e) {
            LOG.warn("Rollout states cannot be read just now, those known stay in force: cause={}", e.toString());
        }
    }

    private void tell(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            return;
        }
        try {
            listener.accept(decode(record.value()));
        } catch (UndecodableException e) {
            meters.unreadableState();
            LOG.error(
                    "Unreadable rollout state, the one before stays in force: offset={} cause={}",
                    record.offset(),
                    e.getMessage());
        } catch (WakeupException e) {
            throw e;
        } catch (RuntimeException e) {
            meters.unreadableState();
            LOG.error(
                    "A rollout state brought a fault to light, the one before stays in force: offset={}",
                    record.offset(),
                    e);
        }
    }

    /** Waits for the registry for as long as it takes: without the states no request could be answered. */
    private RolloutState decode(byte[] value) {
        while (true) {
            try {
                return decoder.decode(value);
            } catch (RegistryUnavailableException e) {
                if (closing) {
                    throw new WakeupException();
                }
                LOG.warn("Rollout states wait for the schema registry: cause={}", e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
    }
}
