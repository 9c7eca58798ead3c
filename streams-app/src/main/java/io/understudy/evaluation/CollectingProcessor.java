package io.understudy.evaluation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.evaluation.Collected.Partial;
import io.understudy.evaluation.Collected.Unusable;
import io.understudy.evaluation.LiveRollouts.Live;
import io.understudy.evidence.ModelAnswer;
import io.understudy.evidence.Observations;
import io.understudy.evidence.WindowCounts;
import io.understudy.plan.MetricKind;
import io.understudy.plan.MetricSpec;
import io.understudy.registry.Decoder;
import io.understudy.registry.RegistryUnavailableException;
import io.understudy.registry.UndecodableException;
import io.understudy.schema.Arm;
import io.understudy.schema.Outcome;
import io.understudy.schema.PartialEvidence;
import io.understudy.schema.PendingRequest;
import io.understudy.schema.Prediction;
import io.understudy.schema.RolloutState;
import io.understudy.streams.AvroBytes;
import io.understudy.streams.CommitHook;
import io.understudy.wire.DeadLetterReason;
import io.understudy.wire.DeadLetters;
import io.understudy.wire.UnusableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts one partition's answers and outcomes into windows, and tells of each window as it closes. */
final class CollectingProcessor implements Processor<byte[], byte[], byte[], Collected> {

    private static final Logger LOG = LoggerFactory.getLogger(CollectingProcessor.class);

    /** How often the wall clock is looked at: a fraction of the shortest silence worth having. */
    private static final Duration TICK = Duration.ofMillis(200);

    private static final int PREDICTIONS = 0;
    private static final int CANDIDATE_PREDICTIONS = 1;
    private static final int OUTCOMES = 2;

    private final EvaluationContext evaluation;
    private final Decoder<Prediction> predictions;
    private final Decoder<Outcome> outcomes;
    private final DeadLetters deadLetters;
    private ProcessorContext<byte[], Collected> context;
    private LiveRollouts rollouts;
    private CommitHook hook;
    private PartitionWindows windows;
    private PendingRequests pending;
    private Sweep sweep;
    private long remembered;

    /** The windows that the record at hand counts in; null while it is of no rollout. */
    private OpenWindows counted;

    CollectingProcessor(EvaluationContext evaluation) {
        this.evaluation = evaluation;
        this.predictions = evaluation.registry().decoder(evaluation.topics().predictions(), Prediction.class);
        this.outcomes = evaluation.registry().decoder(evaluation.topics().outcomes(), Outcome.class);
        this.deadLetters = new DeadLetters(evaluation.topics().deadLetters());
    }

    @Override
    public void init(ProcessorContext<byte[], Collected> context) {
        this.context = context;
        this.rollouts = new LiveRollouts(
                context.getStateStore(EvaluationTopology.STATE_STORE),
                evaluation.registry().decoder(evaluation.topics().rolloutState(), RolloutState.class),
                evaluation.patience());
        this.pending = new PendingRequests(context.getStateStore(EvaluationTopology.PENDING_STORE));
        this.sweep = new Sweep(pending, rollouts, evaluation.meters());
        this.windows = new PartitionWindows(
                context.getStateStore(EvaluationTopology.WINDOW_STORE),
                rollouts,
                evaluation.meters(),
                context.taskId().partition(),
                evaluation.partitions().getAsInt(),
                evaluation.silence().toMillis(),
                context.currentSystemTimeMs() + evaluation.startup().toMillis());
        hook = context.getStateStore(EvaluationTopology.WINDOW_HOOK);
        hook.beforeCommit(windows::keep);
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
    }

    private void tick(long now) {
        windows.refresh(now);
        tell(windows.close(now), now);
        sweep.step(now, windows.highest());
        tellRemembered(pending.count());
    }

    private void tellRemembered(long count) {
        evaluation.meters().joinsPending().addAndGet(count - remembered);
        remembered = count;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        long now = context.currentSystemTimeMs();
        counted = null;
        try {
            count(record, now);
        } catch (UndecodableException e) {
            putAside(
                    record,
                    new UnusableRecordException(
                            record.value() == null ? DeadLetterReason.NULL_VALUE : DeadLetterReason.NOT_AVRO,
                            e.getMessage()));
        } catch (RegistryUnavailableException | KafkaException e) {
            // Not the record's fault: the thread starts over from the last transaction.
            throw e;
        } catch (RuntimeException e) {
            LOG.error("A record brought a fault to light and is put aside", e);
            putAside(record, new UnusableRecordException(DeadLetterReason.INTERNAL_ERROR, e.toString()));
        }
        if (counted != null) {
            tell(windows.close(counted, now), record.timestamp());
        } else if (windows.mayClose()) {
            tell(windows.close(now), record.timestamp());
        }
    }

    private void count(Record<byte[], byte[]> record, long now) {
        int topic = topic();
        long before = windows.hear(topic, record.timestamp(), now);
        if (topic == OUTCOMES) {
            outcome(record, outcomes.decode(record.value()), before, now);
        } else {
            answer(record, predictions.decode(record.value()), topic, before, now);
        }
    }

    private int topic() {
        String name = context.recordMetadata().map(RecordMetadata::topic).orElseThrow();
        if (name.equals(evaluation.topics().predictions().name())) {
            return PREDICTIONS;
        }
        return name.equals(evaluation.topics().outcomes().name()) ? OUTCOMES : CANDIDATE_PREDICTIONS;
    }

    /** The topics that the windows of a rollout wait for; where the candidate is served, besides both arms' answers. */
    static int[] topicsOf(OpenWindows open) {
        boolean shadow = open.stage().isShadow();
        boolean labels = open.stage().needsOutcomes();
        if (shadow) {
            return labels
                    ? new int[] {PREDICTIONS, CANDIDATE_PREDICTIONS, OUTCOMES}
                    : new int[] {PREDICTIONS, CANDIDATE_PREDICTIONS};
        }
        return labels ? new int[] {OUTCOMES} : new int[0];
    }

    private void answer(Record<byte[], byte[]> record, Prediction prediction, int topic, long before, long now) {
        if (prediction.getRollout() == null || record.key() == null || prediction.getArm() == Arm.UNKNOWN) {
            return;
        }
        Optional<Live> live = rollouts.of(
                prediction.getDeployment(),
                prediction.getRollout(),
                prediction.getEpoch(),
                prediction.getRoutedAt() == null ? Instant.MAX : prediction.getRoutedAt());
        if (live.isEmpty()) {
            evaluation.meters().answerStale(prediction.getDeployment());
            return;
        }
        OpenWindows open = windows.of(live.get(), now);
        counted = open;
        if (open.stage().isShadow()
                ? !isMirrored(open, record.key(), prediction.getRequestId())
                : topic == CANDIDATE_PREDICTIONS) {
            // Not in the sample; or an answer that is served, and comes again among the predictions.
            return;
        }
        // Whoever was meant to be answered by the candidate counts for it, also when it failed.
        Arm arm = prediction.getFallback() ? Arm.CANDIDATE : prediction.getArm();
        int bucket = open.isByKey() ? WindowCounts.bucket(record.key()) : 0;
        long time = open.stage().isShadow()
                ? WindowClock.timeIn(record.timestamp(), before, open.width())
                : open.arms().hear(arm, record.timestamp(), now, open.width());
        RequestJoin join = windows.join(open);
        if (join.isNeeded() && !join(join, open, prediction, arm, bucket, time)) {
            return;
        }
        WindowCounts block = open.at(time);
        block.request(arm, record.key());
        // Where the existing model stood in, the score is not the candidate's, but the wait is its users'.
        block.answer(
                arm,
                prediction.getFallback()
                        ? Double.NaN
                        : ModelAnswer.of(prediction).score(),
                Observations.latencyMillis(prediction));
        for (int i = 0; i < open.stage().metrics().size(); i++) {
            MetricSpec metric = open.stage().metrics().get(i);
            if (metric.kind() == MetricKind.SCORE_DRIFT) {
                block.observe(i, arm, bucket, ModelAnswer.of(prediction).score());
            } else if (!metric.kind().needsOutcome() && metric.kind() != MetricKind.AGREEMENT) {
                block.observe(i, arm, bucket, Observations.ofPrediction(metric, prediction));
            }
        }
    }

    private static boolean isMirrored(OpenWindows open, byte[] key, String requestId) {
        return open.live().routing().mirrors(new String(key, UTF_8), requestId);
    }

    /** Joins an answer to what is known of its request; false when it has come before. */
    private boolean join(RequestJoin join, OpenWindows open, Prediction prediction, Arm arm, int bucket, long time) {
        String key = PendingRequests.key(prediction.getDeployment(), prediction.getRequestId());
        PendingRequest known = pending.get(key);
        if (known != null && isPast(known, open, time)) {
            known = null;
        }
        Optional<PendingRequest> next = join.withAnswer(known, prediction, arm, time);
        if (next.isEmpty()) {
            evaluation.meters().joinDuplicated(prediction.getDeployment());
            return false;
        }
        keep(join, open, key, next.get(), prediction.getRequestId(), bucket);
        return true;
    }

    private static boolean isPast(PendingRequest request, OpenWindows open, long time) {
        return time - request.getSince() > open.live().plan().outcomeWindow().toMillis();
    }

    private void keep(
            RequestJoin join, OpenWindows open, String key, PendingRequest request, String requestId, int bucket) {
        PendingRequest counted = join.count(request, requestId, bucket, open.at(request.getLatest()));
        if (join.isDone(counted)) {
            evaluation.meters().joinMatched(open.live().deployment());
        }
        pending.put(key, counted);
    }

    private void outcome(Record<byte[], byte[]> record, Outcome outcome, long before, long now) {
        Optional<Live> live = record.key() == null ? Optional.empty() : rollouts.of(outcome.getDeployment());
        if (live.isEmpty()) {
            return;
        }
        OpenWindows open = windows.of(live.get(), now);
        counted = open;
        RequestJoin join = windows.join(open);
        if (!join.wants(outcome.getName())
                || open.stage().isShadow() && !isMirrored(open, record.key(), outcome.getRequestId())) {
            return;
        }
        long time = WindowClock.timeIn(record.timestamp(), before, open.width());
        String key = PendingRequests.key(outcome.getDeployment(), outcome.getRequestId());
        PendingRequest known = pending.get(key);
        if (known != null && known.getRollout() != null && !live.get().is(known.getRollout(), known.getEpoch())) {
            // An outcome of an earlier epoch: evidence of epochs is never mixed.
            evaluation.meters().answerStale(outcome.getDeployment());
            return;
        }
        if (known != null && isPast(known, open, time)) {
            evaluation.meters().outcomeLate(outcome.getDeployment());
            return;
        }
        Optional<PendingRequest> next = join.withOutcome(known, outcome, time);
        if (next.isEmpty()) {
            evaluation.meters().joinDuplicated(outcome.getDeployment());
            return;
        }
        int bucket = open.isByKey() ? WindowCounts.bucket(record.key()) : 0;
        keep(join, open, key, next.get(), outcome.getRequestId(), bucket);
    }

    private void tell(Iterable<PartialEvidence> partials, long time) {
        boolean told = false;
        for (PartialEvidence partial : partials) {
            partial.getBlocks()
                    .forEach(block ->
                            evaluation.meters().windowClosed(partial.getDeployment(), block.getClosedByWallClock()));
            context.forward(new Record<>(
                    partial.getDeployment().getBytes(UTF_8),
                    new Partial(AvroBytes.encode(PartialEvidence.getEncoder(), partial)),
                    Math.max(0, time)));
            told = true;
        }
        if (told) {
            // The judge waits for it.
            context.commit();
        }
    }

    private void putAside(Record<byte[], byte[]> record, UnusableRecordException why) {
        Record<byte[], byte[]> letter =
                deadLetters.record(record, context.recordMetadata().orElseThrow(), EvaluationContext.ROLE, why);
        context.forward(letter.withValue(new Unusable(letter.value())));
        evaluation.meters().deadLetter(why.reason());
    }

    /** The stores may live on as a standby's, and must not be written to by what has lost them. */
    @Override
    public void close() {
        tellRemembered(0);
        hook.release();
    }
}
