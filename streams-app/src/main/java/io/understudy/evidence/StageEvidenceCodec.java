package io.understudy.evidence;

import io.understudy.schema.EvidenceBlock;
import io.understudy.schema.MetricEvidenceState;
import io.understudy.schema.SchemaClasses;
import io.understudy.schema.StageEvidenceState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The evidence of a stage as the fields of an Avro record, and back. What is restored goes on as if it had never been put away. */
public final class StageEvidenceCodec {

    static {
        // Building a record may copy another.
        SchemaClasses.trust();
    }

    private StageEvidenceCodec() {}

    /** Fills in the fields that the evidence is made of. */
    public static StageEvidenceState.Builder encode(StageEvidence evidence, StageEvidenceState.Builder record) {
        List<MetricEvidenceState> metrics = new ArrayList<>();
        for (int i = 0; i < evidence.metrics().size(); i++) {
            StageEvidence.Latch latch = evidence.latch(i);
            metrics.add(MetricEvidenceState.newBuilder()
                    .setProcess(process(evidence.metrics().get(i)))
                    .setEdges(edges(evidence.metrics().get(i)))
                    .setSuperior(latch.of(Claim.SUPERIOR))
                    .setNonInferior(latch.of(Claim.NON_INFERIOR))
                    .setHarm(latch.of(Claim.HARM))
                    .setOverLimit(latch.overLimit())
                    .build());
        }
        return record.setTotal(BlockCodec.encode(evidence.total(), Instant.EPOCH))
                .setMetrics(metrics)
                .setSampleRatio(evidence.sampleRatio())
                .setLabelledRatio(evidence.labelledRatio())
                .setLatched(evidence.latched().orElse(null))
                .setLatchedReason(evidence.latchedReason());
    }

    /** The evidence in {@code record}, of stage number {@code stage} of the same plan. */
    public static StageEvidence decode(StageEvidenceState record, EvidencePlan plan, int stage) {
        StageEvidence evidence = StageEvidence.empty(plan, stage);
        EvidenceBlock total = record.getTotal();
        Block block = BlockCodec.decode(total, evidence.stage(), plan.isByKey());
        evidence.total().addAll(block);
        for (int i = 0; i < evidence.metrics().size(); i++) {
            MetricEvidence metric = evidence.metrics().get(i);
            MetricEvidenceState kept = record.getMetrics().get(i);
            metric.tally().addAll(block.tallies().get(i));
            restore(metric, kept);
            StageEvidence.Latch latch = evidence.latch(i);
            latch.raise(Claim.SUPERIOR, kept.getSuperior());
            latch.raise(Claim.NON_INFERIOR, kept.getNonInferior());
            latch.raise(Claim.HARM, kept.getHarm());
            latch.raiseOverLimit(kept.getOverLimit());
        }
        evidence.restore(
                record.getSampleRatio(), record.getLabelledRatio(), record.getLatched(), record.getLatchedReason());
        return evidence;
    }

    private static List<Double> process(MetricEvidence metric) {
        double[] values = {};
        if (metric instanceof OddsEvidence odds) {
            values = odds.logLikelihood();
        } else if (metric instanceof BoundedEvidence bounded) {
            values = bounded.processes();
        }
        return Arrays.stream(values).boxed().toList();
    }

    private static List<Integer> edges(MetricEvidence metric) {
        return metric instanceof DriftEvidence drift
                ? Arrays.stream(drift.edges()).boxed().toList()
                : List.of();
    }

    private static void restore(MetricEvidence metric, MetricEvidenceState kept) {
        double[] process =
                kept.getProcess().stream().mapToDouble(Double::doubleValue).toArray();
        if (metric instanceof OddsEvidence odds) {
            odds.restore(process);
        } else if (metric instanceof BoundedEvidence bounded) {
            bounded.restore(process);
        } else if (metric instanceof DriftEvidence drift) {
            drift.restore(kept.getEdges().stream().mapToInt(Integer::intValue).toArray());
        }
    }
}
