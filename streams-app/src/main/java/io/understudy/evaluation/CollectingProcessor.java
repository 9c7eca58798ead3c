package io.understudy.evaluation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.collecting.Arrival;
import io.understudy.collecting.Collected;
import io.understudy.collecting.CollectorSettings;
import io.understudy.collecting.LiveRollout;
import io.understudy.collecting.OutcomeLimits;
import io.understudy.collecting.Source;
import io.understudy.collecting.WindowCollector;
import io.understudy.evaluation.CollectorOutput.Partial;
import io.understudy.evaluation.CollectorOutput.Unusable;
import io.understudy.registry.Decoder;
import io.understudy.schema.Arm;
import io.understudy.schema.Outcome;
import io.understudy.schema.PartialEvidence;
import io.understudy.schema.Prediction;
import io.understudy.schema.RolloutState;
import io.understudy.streams.AvroBytes;
import io.understudy.streams.CommitHook;
import io.understudy.streams.TaskProcessor;
import io.understudy.wire.DeadLetterReason;
import io.understudy.wire.DeadLetters;
import io.understudy.wire.FaultHandler;
import io.understudy.wire.RequestHead;
import io.understudy.wire.UnusableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Decodes the answers and outcomes of one partition, passes them to the {@link WindowCollector}, and forwards the
 * windows that it closes.
 */
final class CollectingProcessor implements TaskProcessor.Work<byte[], byte[], byte[], CollectorOutput> {

    /** How often windows are checked against the wall clock: a fraction of the shortest silence that can be set. */
    private static final Duration TICK = Duration.ofMillis(200);

    private final EvaluationContext evaluation;
    private final Decoder<Prediction> predictions;
    private final Decoder<Outcome> outcomes;
    private final DeadLetters deadLetters;
    private final ProcessorContext<byte[], CollectorOutput> context;
    private final LiveRollouts rollouts;
    private final CommitHook hook;
    private final WindowCollector collector;
    private final PendingRequestStore pending;
    private final CollectorStore store;
    private final Sweep sweep;
    private long reportedPending;

    private CollectingProcessor(EvaluationContext evaluation, ProcessorContext<byte[], CollectorOutput> context) {
        this.evaluation = evaluation;
        this.predictions = evaluation.registry().decoder(evaluation.topics().predictions(), Prediction.class);
        this.outcomes = evaluation.registry().decoder(evaluation.topics().outcomes(), Outcome.class);
        this.deadLetters = new DeadLetters(evaluation.topics().deadLetters());
        this.context = context;
        this.rollouts = new LiveRollouts(
                context.getStateStore(EvaluationNames.STATE_STORE),
                evaluation.registry().decoder(evaluation.topics().rolloutState(), RolloutState.class),
                evaluation.stateTimeout());
        this.pending =
                new PendingRequestStore(context.getStateStore(EvaluationNames.PENDING_STORE), evaluation.meters());
        this.sweep = new Sweep(pending, rollouts, evaluation.meters());
        this.collector = new WindowCollector(
                new CollectorSettings(
                        context.taskId().partition(),
                        evaluation.partitions().getAsInt(),
                        evaluation.silence(),
                        context.currentSystemTimeMs() + evaluation.startup().toMillis(),
                        evaluation.maxAhead()),
                pending);
        this.store =
                new CollectorStore(context.getStateStore(EvaluationNames.WINDOW_STORE), rollouts, evaluation.meters());
        store.restoreTo(collector);
        this.hook = context.getStateStore(EvaluationNames.WINDOW_HOOK);
        hook.beforeCommit(this::saveWindows);
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
    }

    /** Returns a supplier for the topology. */
    static ProcessorSupplier<byte[], byte[], byte[], CollectorOutput> supplier(EvaluationContext evaluation) {
        return TaskProcessor.supplier(context -> new CollectingProcessor(evaluation, context));
    }

    private void tick(long now) {
        collector.refresh(rollouts.all(), now);
        forward(collector.closeComplete(now), now);
        sweep.step(now, collector.highestTime());
        reportPending(pending.count());
    }

    private void reportPending(long count) {
        evaluation.meters().pendingRequests(count - reportedPending);
        reportedPending = count;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        long now = context.currentSystemTimeMs();
        FaultHandler.process(() -> forward(collector.closeComplete(collect(record, now), now), record.timestamp()))
                .ifPresent(why -> deadLetter(record, why));
    }

    /** Collects a record and returns the live rollout that it belongs to. */
    private Optional<LiveRollout> collect(Record<byte[], byte[]> record, long now) throws UnusableRecordException {
        Source source = source();
        return source == Source.OUTCOMES ? collectOutcome(record, now) : collectAnswer(record, source, now);
    }

    private Source source() {
        String topic = context.recordMetadata().orElseThrow().topic();
        if (topic.equals(evaluation.topics().predictions().name())) {
            return Source.PREDICTIONS;
        }
        return topic.equals(evaluation.topics().outcomes().name()) ? Source.OUTCOMES : Source.CANDIDATE_PREDICTIONS;
    }

    private Optional<LiveRollout> collectAnswer(Record<byte[], byte[]> record, Source source, long now)
            throws UnusableRecordException {
        Prediction prediction = predictions.decode(record.value());
        Arrival arrival = collector.recordArrival(source, timeOf(prediction, record.timestamp()), now);
        RequestHead.checkRequestId(prediction.getRequestId());
        if (prediction.getRollout() == null || record.key() == null || prediction.getArm() == Arm.UNKNOWN) {
            return Optional.empty();
        }
        Optional<LiveRollout> live = rollouts.await(
                prediction.getDeployment(),
                prediction.getRollout(),
                prediction.getEpoch(),
                Optional.ofNullable(prediction.getRoutedAt()).orElse(Instant.MAX));
        Collected result = live.map(rollout -> collector.collectAnswer(arrival, rollout, prediction, record.key()))
                .orElse(Collected.STALE);
        evaluation.meters().collected(prediction.getDeployment(), result);
        return live;
    }

    /**
     * The time that an answer counts for: when the router routed its request. The record's own time is that at which
     * the broker appended it, which is later, unless it is an answer of a version that copied the sender's time, or the
     * router's clock is ahead. The earlier of the two is then the better one. Both are in the record, so a replay finds
     * the same time.
     */
    private static long timeOf(Prediction prediction, long recordTime) {
        return prediction.getRoutedAt() == null
                ? recordTime
                : Math.min(recordTime, prediction.getRoutedAt().toEpochMilli());
    }

    private Optional<LiveRollout> collectOutcome(Record<byte[], byte[]> record, long now)
            throws UnusableRecordException {
        Outcome outcome = outcomes.decode(record.value());
        Arrival arrival = collector.recordArrival(Source.OUTCOMES, record.timestamp(), now);
        RequestHead.checkRequestId(outcome.getRequestId());
        Optional<LiveRollout> live = record.key() == null ? Optional.empty() : rollouts.find(outcome.getDeployment());
        Optional<Collected> result =
                live.map(rollout -> collector.collectOutcome(arrival, rollout, outcome, record.key()));
        if (result.filter(Collected.EXCESSIVE::equals).isPresent()) {
            throw new UnusableRecordException(
                    DeadLetterReason.TOO_MANY_OUTCOMES,
                    "request '" + outcome.getRequestId() + "' has too many outcomes, or too long ones; at most "
                            + OutcomeLimits.MAX_OUTCOMES + ", with " + OutcomeLimits.MAX_CHARACTERS
                            + " characters of names and texts, are kept");
        }
        result.ifPresent(known -> evaluation.meters().collected(outcome.getDeployment(), known));
        return live;
    }

    private void forward(List<PartialEvidence> partials, long time) {
        for (PartialEvidence partial : partials) {
            evaluation.meters().windowsClosed(partial);
            context.forward(new Record<>(
                    partial.getDeployment().getBytes(UTF_8),
                    new Partial(AvroBytes.encode(PartialEvidence.getEncoder(), partial)),
                    Math.max(0, time)));
        }
        if (!partials.isEmpty()) {
            // The judge should not have to wait for the next regular commit.
            context.commit();
        }
    }

    private void deadLetter(Record<byte[], byte[]> record, UnusableRecordException why) {
        Record<byte[], byte[]> letter =
                deadLetters.record(record, context.recordMetadata().orElseThrow(), EvaluationContext.ROLE, why);
        context.forward(letter.withValue(new Unusable(letter.value())));
        evaluation.meters().deadLetter(why.reason());
    }

    @Override
    public void setAside(Record<byte[], byte[]> record, UnusableRecordException why) {
        deadLetter(record, why);
    }

    @Override
    public void save() {
        saveWindows();
        CommitHook.flushCache(context.getStateStore(EvaluationNames.PENDING_STORE));
    }

    private void saveWindows() {
        store.save(collector);
    }

    /**
     * Releases the hook: the stores may continue to exist in a standby task, and a task that no longer owns them must
     * not write to them.
     */
    @Override
    public void close() {
        reportPending(0);
        hook.release();
    }
}
