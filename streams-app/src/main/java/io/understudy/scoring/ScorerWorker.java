package io.understudy.scoring;

import io.understudy.registry.Registry;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores the requests of one lane. A poll is a batch, and its answers and offsets are one transaction. So a batch is
 * scored again after a crash, and readers of committed records never see a part of it. The workers of the two lanes
 * share only the models, so a candidate that hangs only delays its own lane.
 */
public final class ScorerWorker implements Runnable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ScorerWorker.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration ABSENCE_DELAY = Duration.ofMillis(50);
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    private final String topic;
    private final BatchScorer scorer;
    private final Consumer<byte[], byte[]> consumer;
    private final Supplier<Producer<byte[], byte[]>> producers;
    private final LaneMembership membership;
    private final ScoringMeters meters;
    private boolean takesPart;
    private volatile boolean closing;

    /**
     * Creates a worker.
     *
     * @param topic topic of the lane
     * @param consumer consumer that reads only committed records and does not commit automatically
     * @param producers creates transactional producers, always with the same transactional id
     * @param membership whether the worker may read the lane
     */
    ScorerWorker(
            String topic,
            BatchScorer scorer,
            Consumer<byte[], byte[]> consumer,
            Supplier<Producer<byte[], byte[]>> producers,
            LaneMembership membership,
            ScoringMeters meters) {
        this.membership = membership;
        this.topic = topic;
        this.scorer = scorer;
        this.consumer = consumer;
        this.producers = producers;
        this.meters = meters;
    }

    /** Creates a worker for {@code lane}. */
    public static ScorerWorker forLane(
            LaneMembership membership,
            Topics topics,
            Registry registry,
            ModelCatalogue catalogue,
            Consumer<byte[], byte[]> consumer,
            Supplier<Producer<byte[], byte[]>> producers,
            ScoringMeters meters,
            InstantSource clock) {
        return new ScorerWorker(
                membership.lane().requests(topics).name(),
                new BatchScorer(membership.lane(), topics, registry, catalogue, meters, clock),
                consumer,
                producers,
                membership,
                meters);
    }

    @Override
    public void run() {
        try (consumer) {
            while (!closing) {
                try (Producer<byte[], byte[]> producer = producers.get()) {
                    // Completes or aborts a transaction that an earlier producer with the same id has left open.
                    producer.initTransactions();
                    rewindToCommitted();
                    while (!closing) {
                        if (takePart()) {
                            score(producer);
                        } else {
                            pause(ABSENCE_DELAY);
                        }
                    }
                } catch (WakeupException | InterruptException | InterruptedException e) {
                    closing = true;
                } catch (AuthenticationException | AuthorizationException | ConfigException e) {
                    // A retry would not help. The process should end with this error.
                    throw e;
                } catch (KafkaException e) {
                    waitBeforeRetry(e);
                }
            }
        } finally {
            if (takesPart) {
                membership.changed(false);
            }
        }
    }

    /** Joins or leaves the lane's group if it must. Between batches, so nothing is half done. */
    private boolean takePart() {
        boolean may = membership.mayTakePart();
        if (may != takesPart) {
            if (may) {
                consumer.subscribe(List.of(topic));
            } else {
                LOG.warn(
                        "Leaving the lane to others: topic={} cause={}",
                        topic,
                        membership.status().cause());
                meters.laneLeft(membership.lane());
                consumer.unsubscribe();
            }
            takesPart = may;
            membership.changed(may);
        }
        return may;
    }

    private void score(Producer<byte[], byte[]> producer) throws InterruptedException {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        if (records.isEmpty()) {
            return;
        }
        List<ProducerRecord<byte[], byte[]>> output;
        try {
            output = scorer.score(records);
        } catch (KafkaException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new KafkaException("cannot score a batch", e);
        }
        producer.beginTransaction();
        output.forEach(producer::send);
        producer.sendOffsetsToTransaction(records.nextOffsets(), consumer.groupMetadata());
        producer.commitTransaction();
    }

    /**
     * Continues after the last transaction that was committed. This may differ from the start of the last batch: a
     * commit that seemed to fail may have succeeded, and then its batch must not be answered again.
     */
    private void rewindToCommitted() {
        Set<TopicPartition> assigned = consumer.assignment();
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(assigned);
        for (TopicPartition partition : assigned) {
            OffsetAndMetadata offset = committed.get(partition);
            if (offset == null) {
                consumer.seekToBeginning(List.of(partition));
            } else {
                consumer.seek(partition, offset);
            }
        }
    }

    /** Waits after a failure. The producer is closed, and the next one with the same id ends its transaction. */
    private void waitBeforeRetry(KafkaException failure) throws InterruptException {
        meters.abortedBatch();
        LOG.warn("Aborted a batch, scoring it again: topic={} cause={}", topic, failure.toString(), failure);
        try {
            pause(RETRY_DELAY);
        } catch (InterruptedException e) {
            closing = true;
        }
    }

    @SuppressWarnings("WaitNotInLoop") // A pause that a spurious wakeup cuts short does no harm.
    private void pause(Duration duration) throws InterruptedException {
        synchronized (this) {
            if (!closing) {
                wait(duration.toMillis());
            }
        }
    }

    /** Asks the worker to stop after the current batch. */
    @Override
    public void close() {
        consumer.wakeup();
        synchronized (this) {
            closing = true;
            notifyAll();
        }
    }
}
