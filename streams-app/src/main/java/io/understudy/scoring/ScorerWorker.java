package io.understudy.scoring;

import io.understudy.registry.Registry;
import io.understudy.scoring.Suspects.Blame;
import io.understudy.topics.Topics;
import io.understudy.wire.FailureKind;
import io.understudy.wire.RepeatedFailures;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
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
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    private final String topic;
    private final BatchScorer scorer;
    private final Consumer<byte[], byte[]> consumer;
    private final Supplier<Producer<byte[], byte[]>> producers;
    private final ScoringMeters meters;
    private final Suspects suspects = new Suspects();
    private final RepeatedFailures failures = new RepeatedFailures(System::nanoTime);
    private volatile boolean closing;

    /**
     * Creates a worker.
     *
     * @param topic topic of the lane
     * @param consumer consumer that reads only committed records and does not commit automatically
     * @param producers creates transactional producers, always with the same transactional id
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

    /** Creates a worker for {@code lane}. */
    public static ScorerWorker forLane(
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
                    // Completes or aborts a transaction that an earlier producer with the same id has left open.
                    producer.initTransactions();
                    rewindToCommitted();
                    while (!closing) {
                        score(producer);
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
        }
    }

    private void score(Producer<byte[], byte[]> producer) throws InterruptedException {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        if (records.isEmpty()) {
            return;
        }
        if (suspects.isEmpty()) {
            scoreTogether(producer, records);
            return;
        }
        for (ConsumerRecord<byte[], byte[]> record : records) {
            scoreAlone(producer, record);
        }
    }

    private void scoreTogether(Producer<byte[], byte[]> producer, ConsumerRecords<byte[], byte[]> records)
            throws InterruptedException {
        try {
            commit(producer, scorer.score(records), records.nextOffsets());
            failures.progressed(topic);
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            if (FailureKind.of(e) == FailureKind.RECORD) {
                suspects.batchFailed(records.nextOffsets());
            }
            throw asKafkaException(e);
        }
    }

    private void scoreAlone(Producer<byte[], byte[]> producer, ConsumerRecord<byte[], byte[]> record)
            throws InterruptedException {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        Blame blame = suspects.blame(record);
        try {
            commit(
                    producer,
                    blame.failures() > 0 ? scorer.setAside(record, blame) : scorer.score(List.of(record)),
                    Map.of(partition, new OffsetAndMetadata(record.offset() + 1)));
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            if (FailureKind.of(e) == FailureKind.RECORD) {
                suspects.failedAlone(record, e);
            }
            throw asKafkaException(e);
        }
        suspects.committed(partition, record.offset() + 1);
        if (blame.failures() > 0) {
            meters.setAside();
            LOG.error(
                    "Set a record aside that failed a batch and then alone: topic={} partition={} offset={} cause={}",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    blame.cause());
        } else {
            failures.progressed(topic);
        }
    }

    private void commit(
            Producer<byte[], byte[]> producer,
            List<ProducerRecord<byte[], byte[]>> output,
            Map<TopicPartition, OffsetAndMetadata> offsets) {
        producer.beginTransaction();
        output.forEach(producer::send);
        producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        producer.commitTransaction();
    }

    private static KafkaException asKafkaException(Throwable failure) {
        return failure instanceof KafkaException exception
                ? exception
                : new KafkaException("cannot score a batch", failure);
    }

    /** Whether the worker fails again and again and answers nothing. */
    public boolean isFailing() {
        return failures.areTooMany();
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
    @SuppressWarnings("WaitNotInLoop") // A pause that a spurious wakeup cuts short does no harm.
    private void waitBeforeRetry(KafkaException failure) throws InterruptException {
        meters.abortedBatch();
        FailureKind kind = FailureKind.of(failure);
        meters.failedBatch(kind);
        if (kind != FailureKind.OUTAGE) {
            failures.failed(topic, failure);
            failures.exhausted().ifPresent(why -> {
                throw new IllegalStateException("the worker of " + topic + " " + why, failure);
            });
        }
        LOG.warn("Aborted a batch, scoring it again: topic={} cause={}", topic, failure.toString(), failure);
        try {
            if (!closing) {
                synchronized (this) {
                    wait(RETRY_DELAY.toMillis());
                }
            }
        } catch (InterruptedException e) {
            closing = true;
        }
    }

    /** Asks the worker to stop after the current batch. */
    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        synchronized (this) {
            notifyAll();
        }
    }
}
