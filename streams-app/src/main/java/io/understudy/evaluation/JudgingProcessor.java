package io.understudy.evaluation;

import io.understudy.collecting.LiveRollout;
import io.understudy.collecting.MergedEvidence;
import io.understudy.registry.Encoder;
import io.understudy.schema.PartialEvidence;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutState;
import io.understudy.schema.StageEvidenceState;
import io.understudy.streams.AvroBytes;
import io.understudy.streams.CommitHook;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Merges what the partitions tell and writes an evaluation for each window that is complete. */
final class JudgingProcessor implements Processor<byte[], byte[], byte[], byte[]> {

    private static final Logger LOG = LoggerFactory.getLogger(JudgingProcessor.class);

    private final EvaluationContext evaluation;
    private final Encoder<RolloutEvaluation> evaluations;
    private final Map<String, MergedEvidence> merged = new HashMap<>();
    private final Set<String> changed = new HashSet<>();
    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<String, byte[]> store;
    private LiveRollouts rollouts;
    private CommitHook hook;

    JudgingProcessor(EvaluationContext evaluation) {
        this.evaluation = evaluation;
        this.evaluations = evaluation.registry().encoder(evaluation.topics().rolloutEvaluations());
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        this.context = context;
        this.store = context.getStateStore(EvaluationNames.EVIDENCE_STORE);
        this.rollouts = new LiveRollouts(
                context.getStateStore(EvaluationNames.STATE_STORE),
                evaluation.registry().decoder(evaluation.topics().rolloutState(), RolloutState.class),
                evaluation.patience());
        // A task that is revived after a fault brings its processor along, with what was never committed.
        merged.clear();
        changed.clear();
        restore();
        hook = context.getStateStore(EvaluationNames.EVIDENCE_HOOK);
        hook.beforeCommit(this::keep);
    }

    private void restore() {
        try (KeyValueIterator<String, byte[]> iterator = store.all()) {
            while (iterator.hasNext()) {
                KeyValue<String, byte[]> next = iterator.next();
                try {
                    restore(AvroBytes.decode(StageEvidenceState.getDecoder(), next.value));
                } catch (RuntimeException e) {
                    evaluation.meters().unreadableEvidence();
                    LOG.error("Evidence cannot be taken up again and begins anew: deployment={}", next.key, e);
                }
            }
        }
    }

    private void restore(StageEvidenceState kept) {
        rollouts.of(kept.getDeployment())
                .filter(live -> live.matches(kept.getRollout(), kept.getEpoch()))
                .ifPresent(live -> merged.put(kept.getDeployment(), MergedEvidence.restore(live, kept)));
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        PartialEvidence partial;
        try {
            partial = AvroBytes.decode(PartialEvidence.getDecoder(), record.value());
        } catch (RuntimeException e) {
            // Nothing but this application writes here; what it cannot read must not stop it.
            evaluation.meters().unreadableEvidence();
            LOG.error("A partition's evidence cannot be read and is passed over", e);
            return;
        }
        Optional<LiveRollout> live =
                rollouts.of(partial.getDeployment(), partial.getRollout(), partial.getEpoch(), partial.getCompleteTo());
        if (live.isEmpty()) {
            return;
        }
        MergedEvidence evidence = merged.get(partial.getDeployment());
        if (evidence == null || !evidence.live().matches(partial.getRollout(), partial.getEpoch())) {
            evidence = MergedEvidence.empty(live.get());
            merged.put(partial.getDeployment(), evidence);
        }
        changed.add(partial.getDeployment());
        for (RolloutEvaluation made : evidence.add(partial, Instant.ofEpochMilli(context.currentSystemTimeMs()))) {
            evaluation.meters().evaluation(made);
            // Its time is that of the judgement, which is when what it moves is moved.
            context.forward(record.withValue(evaluations.encode(made))
                    .withTimestamp(made.getAt().toEpochMilli()));
            // Whoever waits for a verdict should not wait for the next commit as well.
            context.commit();
        }
    }

    private void keep() {
        changed.forEach(deployment -> store.put(
                deployment,
                AvroBytes.encode(
                        StageEvidenceState.getEncoder(), merged.get(deployment).save())));
        changed.clear();
    }

    /** The stores may live on as a standby's, and must not be written to by what has lost them. */
    @Override
    public void close() {
        hook.release();
    }
}
