package io.understudy.scoring;

import io.understudy.registry.Registry;
import io.understudy.topics.Topics;
import io.understudy.wire.FailureKind;
import io.understudy.wire.RepeatedFailures;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
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
 * Scores the requests of one lane. Answers and the positions behind them are one transaction, so that each request has
 * one answer, also after a crash. A transaction has the answers that are there: the requests of a slow model stay open,
 * and {@link PartitionProgress} remembers them across transactions, workers and crashes. The workers of several lanes
 * share only the models.
 */
public final class ScorerWorker implements Runnable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ScorerWorker.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration ABSENCE_DELAY = Duration.ofMillis(50);
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    /** How long a poll waits while models are working, whose answers must not wait for the next request. */
    private static final Duration POLL_WHILE_SCORING = Duration.ofMillis(5);

    /** How long a worker that is stopped waits for answers. What is open then is scored by the next worker. */
    private static final Duration DRAIN = Duration.ofMillis(500);

    private static final int MAX_BLAMED_IN_A_ROW = 50;

    private final String topic;
    private final BatchScorer scorer;
    private final Consumer<byte[], byte[]> consumer;
    private final LaneProgress progress;
    private final Supplier<Producer<byte[], byte[]>> producers;
    private final LaneMembership membership;
    private final ScoringMeters meters;
    private boolean takesPart;
    private final RepeatedFailures failures = new RepeatedFailures(System::nanoTime);
    private final Set<String> blamedSinceProgress = new HashSet<>();
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
        this.progress = new LaneProgress(consumer);
        this.producers = producers;
        this.meters = meters;
    }

    /**
     * Creates a worker for {@code lane}.
     *
     * @param maxBatch maximum number of requests in a batch
     * @param patience how long a model with too many requests may hold up the other models of the lane
     */
    public static ScorerWorker forLane(
            LaneMembership membership,
            Topics topics,
            Registry registry,
            ModelCatalogue catalogue,
            Consumer<byte[], byte[]> consumer,
            Supplier<Producer<byte[], byte[]>> producers,
            ScoringMeters meters,
            InstantSource clock,
            int maxBatch,
            Duration patience) {
        return new ScorerWorker(
                membership.lane().requests(topics).name(),
                new BatchScorer(membership.lane(), topics, registry, catalogue, meters, clock, maxBatch, patience),
                consumer,
                producers,
                membership,
                meters);
    }

    @Override
    public void run() {
        try (consumer;
                scorer) {
            while (!closing) {
                try (Producer<byte[], byte[]> producer = producers.get()) {
                    // Completes or aborts a transaction that an earlier producer with the same id has left open.
                    producer.initTransactions();
                    scorer.clear();
                    progress.rewind();
                    while (!closing) {
                        if (takePart(producer)) {
                            score(producer);
                        } else {
                            pause(ABSENCE_DELAY);
                        }
                    }
                    drain(producer);
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
    private boolean takePart(Producer<byte[], byte[]> producer) throws InterruptedException {
        boolean may = membership.mayTakePart();
        if (may != takesPart) {
            if (may) {
                consumer.subscribe(List.of(topic), progress);
            } else {
                LOG.warn(
                        "Leaving the lane to others: topic={} cause={}",
                        topic,
                        membership.status().cause());
                meters.laneLeft(membership.lane());
                drain(producer);
                consumer.unsubscribe();
            }
            takesPart = may;
            membership.changed(may);
        }
        return may;
    }

    private void score(Producer<byte[], byte[]> producer) throws InterruptedException {
        if (scorer.isFull() || progress.isWide()) {
            consumer.pause(consumer.assignment());
            converted(() -> scorer.awaitAny(POLL_WHILE_SCORING));
        } else {
            consumer.resume(consumer.paused());
        }
        ConsumerRecords<byte[], byte[]> records;
        try {
            records = consumer.poll(
                    !consumer.paused().isEmpty() ? Duration.ZERO : scorer.isIdle() ? POLL : POLL_WHILE_SCORING);
        } catch (WakeupException e) {
            closing = true;
            return;
        }
        converted(() -> {
            scorer.admit(records, progress);
            progress.readUpTo(records.nextOffsets());
            scorer.awaitPrompt();
        });
        commit(producer);
    }

    /** A step of scoring. */
    @FunctionalInterface
    private interface Step {
        void run() throws InterruptedException;
    }

    /** Runs a step; whatever goes wrong in it makes the worker begin again from its last transaction. */
    private static void converted(Step step) throws InterruptedException {
        try {
            step.run();
        } catch (KafkaException e) {
            throw e;
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            throw new KafkaException("cannot score a batch", e);
        }
    }

    private void commit(Producer<byte[], byte[]> producer) {
        Map<TopicPartition, OffsetAndMetadata> positions = progress.positions();
        if (positions.isEmpty()) {
            return;
        }
        producer.beginTransaction();
        scorer.sendTo(producer);
        producer.sendOffsetsToTransaction(positions, consumer.groupMetadata());
        producer.commitTransaction();
        if (!scorer.hasSetAside()) {
            failures.progressed(topic);
            blamedSinceProgress.clear();
        }
        scorer.sent();
        progress.committed();
    }

    /** Gives the models a moment to finish, so that the next worker has less to score again. */
    private void drain(Producer<byte[], byte[]> producer) throws InterruptedException {
        long until = System.nanoTime() + DRAIN.toNanos();
        for (long left = DRAIN.toNanos(); left > 0 && !scorer.isIdle(); left = until - System.nanoTime()) {
            Duration patience = Duration.ofNanos(left);
            converted(() -> scorer.awaitAny(patience));
            commit(producer);
        }
    }

    /** Waits after a failure. The producer is closed, and the next one with the same id ends its transaction. */
    private void waitBeforeRetry(KafkaException failure) throws InterruptException {
        meters.abortedBatch();
        FailureKind kind = FailureKind.of(failure);
        meters.failedBatch(kind);
        if (kind != FailureKind.OUTAGE) {
            failures.failed(place(), failure);
            failures.exhausted().ifPresent(why -> {
                throw new IllegalStateException("the worker of " + topic + " " + why, failure);
            });
        }
        LOG.warn("Aborted a batch, scoring it again: topic={} cause={}", topic, failure.toString(), failure);
        try {
            pause(RETRY_DELAY);
        } catch (InterruptedException e) {
            closing = true;
        }
    }

    /** A record that is to blame fails a few times and is set aside. Where too many are, the records are not to blame. */
    private String place() {
        Optional<String> blamed = scorer.takeLastBlamed();
        blamed.ifPresent(blamedSinceProgress::add);
        return blamed.filter(record -> blamedSinceProgress.size() <= MAX_BLAMED_IN_A_ROW)
                .orElse(topic);
    }

    @SuppressWarnings("WaitNotInLoop") // A pause that a spurious wakeup cuts short does no harm.
    private void pause(Duration duration) throws InterruptedException {
        synchronized (this) {
            if (!closing) {
                wait(duration.toMillis());
            }
        }
    }

    /** Whether the worker fails again and again and answers nothing. */
    public boolean isFailing() {
        return failures.areTooMany();
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
