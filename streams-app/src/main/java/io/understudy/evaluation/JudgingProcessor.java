package io.understudy.evaluation;

import io.understudy.collecting.LiveRollout;
import io.understudy.collecting.MergedEvidence;
import io.understudy.registry.Encoder;
import io.understudy.registry.SchemaHeader;
import io.understudy.schema.PartialEvidence;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutState;
import io.understudy.schema.StageEvidenceState;
import io.understudy.streams.AvroBytes;
import io.understudy.streams.CommitHook;
import io.understudy.streams.TaskProcessor;
import io.understudy.wire.UnusableRecordException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Merges the evidence of the partitions and writes an evaluation for each complete window. */
final class JudgingProcessor implements TaskProcessor.Work<byte[], byte[], byte[], byte[]> {

    private static final Logger LOG = LoggerFactory.getLogger(JudgingProcessor.class);

    private final EvaluationContext evaluation;
    private final Encoder<RolloutEvaluation> evaluations;
    private final Map<String, MergedEvidence> merged = new HashMap<>();
    private final Map<String, MergedEvidence> changed = new HashMap<>();
    private final ProcessorContext<byte[], byte[]> context;
    private final KeyValueStore<String, byte[]> store;
    private final LiveRollouts rollouts;
    private final CommitHook hook;

    private JudgingProcessor(EvaluationContext evaluation, ProcessorContext<byte[], byte[]> context) {
        this.evaluation = evaluation;
        this.evaluations = evaluation.registry().encoder(evaluation.topics().rolloutEvaluations());
        this.context = context;
        this.store = context.getStateStore(EvaluationNames.EVIDENCE_STORE);
        this.rollouts = new LiveRollouts(
                context.getStateStore(EvaluationNames.STATE_STORE),
                evaluation.registry().decoder(evaluation.topics().rolloutState(), RolloutState.class),
                evaluation.stateTimeout());
        this.hook = context.getStateStore(EvaluationNames.EVIDENCE_HOOK);
        restore();
        hook.beforeCommit(this::save);
    }

    /** Returns a supplier for the topology. */
    static ProcessorSupplier<byte[], byte[], byte[], byte[]> supplier(EvaluationContext evaluation) {
        return TaskProcessor.supplier(context -> new JudgingProcessor(evaluation, context));
    }

    private void restore() {
        try (KeyValueIterator<String, byte[]> iterator = store.all()) {
            while (iterator.hasNext()) {
                KeyValue<String, byte[]> next = iterator.next();
                try {
                    restore(AvroBytes.decode(StageEvidenceState.getDecoder(), next.value));
                } catch (RuntimeException e) {
                    evaluation.meters().unreadableEvidence();
                    LOG.error("Cannot restore the evidence, it starts again from zero: deployment={}", next.key, e);
                }
            }
        }
    }

    private void restore(StageEvidenceState saved) {
        rollouts.find(saved.getDeployment())
                .filter(live -> live.matches(saved.getRollout(), saved.getEpoch()))
                .ifPresent(live -> merged.put(saved.getDeployment(), MergedEvidence.restore(live, saved)));
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        PartialEvidence partial;
        try {
            partial = AvroBytes.decode(PartialEvidence.getDecoder(), record.value());
        } catch (RuntimeException e) {
            // Only this application writes to this topic. Unreadable evidence must not stop the application.
            evaluation.meters().unreadableEvidence();
            LOG.error("Cannot read the evidence of a partition, ignoring it", e);
            return;
        }
        Optional<LiveRollout> live = rollouts.await(
                partial.getDeployment(), partial.getRollout(), partial.getEpoch(), partial.getCompleteTo());
        if (live.isEmpty()) {
            return;
        }
        MergedEvidence evidence = merged.get(partial.getDeployment());
        if (evidence == null || !evidence.live().matches(partial.getRollout(), partial.getEpoch())) {
            evidence = MergedEvidence.empty(live.get());
            merged.put(partial.getDeployment(), evidence);
        }
        changed.put(partial.getDeployment(), evidence);
        for (RolloutEvaluation result : evidence.add(partial, Instant.ofEpochMilli(context.currentSystemTimeMs()))) {
            evaluation.meters().evaluation(result);
            // The state that the evaluation changes gets the same timestamp.
            context.forward(record.withValue(evaluations.encode(result))
                    .withHeaders(SchemaHeader.of(evaluation.topics().rolloutEvaluations()))
                    .withTimestamp(result.getAt().toEpochMilli()));
            // The controller and other readers should not have to wait for the next regular commit.
            context.commit();
        }
    }

    /** Ignores the evidence: only this application writes to the topic, so it is of no use as a dead letter. */
    @Override
    public void setAside(Record<byte[], byte[]> record, UnusableRecordException why) {
        evaluation.meters().unreadableEvidence();
    }

    @Override
    public void save() {
        changed.forEach((deployment, evidence) ->
                store.put(deployment, AvroBytes.encode(StageEvidenceState.getEncoder(), evidence.save())));
        changed.clear();
    }

    /**
     * Releases the hook: the stores may continue to exist in a standby task, and a task that no longer owns them must
     * not write to them.
     */
    @Override
    public void close() {
        hook.release();
    }
}
