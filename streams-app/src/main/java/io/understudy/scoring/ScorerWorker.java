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
 * Feeds one lane to its models: a poll is a batch, and its answers and offsets are one transaction, so a crash repeats the batch
 * and nobody sees its first half. A lane's worker shares nothing with the other lane's but the models: a candidate that hangs
 * holds up its own lane alone.
 */
public final class ScorerWorker implements Runnable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ScorerWorker.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    private final String topic;
    private final BatchScorer scorer;
    private final Consumer<byte[], byte[]> consumer;
    private final Supplier<Producer<byte[], byte[]>> producers;
    private final ScoringMeters meters;
    private volatile boolean closing;

    /**
     * @param topic the lane's topic
     * @param consumer reads committed records, does not commit by itself
     * @param producers makes a transactional producer, always under the same transactional id
     */
    ScorerWorker(
            String topic,
            BatchScorer scorer,
            Consumer<byte[], byte[]> consumer,
            Supplier<Producer<byte[], byte[]>> producers,
            ScoringMeters meters) {
        this.topic = topic;
        this.scorer = scorer;
        this.consumer = consumer;
        this.producers = producers;
        this.meters = meters;
    }

    /** A worker on {@code lane}. */
    public static ScorerWorker on(
            Lane lane,
            Topics topics,
            Registry registry,
            ModelCatalogue catalogue,
            Consumer<byte[], byte[]> consumer,
            Supplier<Producer<byte[], byte[]>> producers,
            ScoringMeters meters,
            InstantSource clock) {
        return new ScorerWorker(
                lane.requests(topics).name(),
                new BatchScorer(lane, topics, registry, catalogue, meters, clock),
                consumer,
                producers,
                meters);
    }

    @Override
    public void run() {
        try (consumer) {
            consumer.subscribe(List.of(topic));
            while (!closing) {
                try (Producer<byte[], byte[]> producer = producers.get()) {
                    // Ends whatever an earlier producer under the same id left open, one way or the other.
                    producer.initTransactions();
                    rewindToCommitted();
                    while (!closing) {
                        score(producer);
                    }
                } catch (WakeupException | InterruptException | InterruptedException e) {
                    closing = true;
                } catch (AuthenticationException | AuthorizationException | ConfigException e) {
                    // Trying again would not help: the process is to end and say so.
                    throw e;
                } catch (KafkaException e) {
                    startOver(e);
                }
            }
        }
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
            throw new KafkaException("a batch could not be scored", e);
        }
        producer.beginTransaction();
        output.forEach(producer::send);
        producer.sendOffsetsToTransaction(records.nextOffsets(), consumer.groupMetadata());
        producer.commitTransaction();
    }

    /**
     * Goes on from where the last transaction that did end left off. Not from where the last batch began: a commit that seemed
     * to fail may have come through, and its batch must not be answered again.
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

    /** Closing the producer gives its transaction up; the next one, under the same id, makes sure of it. */
    private void startOver(KafkaException failure) throws InterruptException {
        meters.abortedBatch();
        LOG.warn("Batch given up and scored again: topic={} cause={}", topic, failure.toString(), failure);
        try {
            if (!closing) {
                synchronized (this) {
                    wait(PAUSE_AFTER_FAILURE.toMillis());
                }
            }
        } catch (InterruptedException e) {
            closing = true;
        }
    }

    /** Asks the worker to stop after the batch it is at. */
    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        synchronized (this) {
            notifyAll();
        }
    }
}
