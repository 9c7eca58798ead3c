package io.understudy.evidence;

import io.understudy.evidence.StageEvidence.Highest;
import io.understudy.evidence.StageEvidence.Observed;
import io.understudy.plan.EvidencePlan;
import io.understudy.schema.MetricEvidenceState;
import io.understudy.schema.SchemaClasses;
import io.understudy.schema.StageEvidenceState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The evidence of a stage as the fields of an Avro record, and back. Evidence that is restored goes on as if it had never been put away. */
public final class StageEvidenceCodec {

    static {
        // Building a record may copy another.
        SchemaClasses.trust();
    }

    private StageEvidenceCodec() {}

    /** Fills in the fields that hold the evidence. */
    public static StageEvidenceState.Builder encode(StageEvidence evidence, StageEvidenceState.Builder record) {
        List<MetricEvidenceState> metrics = new ArrayList<>();
        for (Observed metric : evidence.metrics()) {
            Highest highest = metric.highest();
            metrics.add(MetricEvidenceState.newBuilder()
                    .setProcess(process(metric.evidence()))
                    .setEdges(edges(metric.evidence()))
                    .setSuperior(highest.of(Claim.SUPERIOR))
                    .setNonInferior(highest.of(Claim.NON_INFERIOR))
                    .setHarm(highest.of(Claim.HARM))
                    .setOverLimit(highest.overLimit())
                    .build());
        }
        return record.setTotal(WindowCountsCodec.encode(evidence.total(), Instant.EPOCH))
                .setMetrics(metrics)
                .setSampleRatio(evidence.sampleRatio())
                .setLabelledRatio(evidence.labelledRatio());
    }

    /** The evidence in {@code record}, for stage number {@code stage} of the same plan. */
    public static StageEvidence decode(StageEvidenceState record, EvidencePlan plan, int stage) {
        StageEvidence evidence = StageEvidence.empty(plan, stage);
        for (int i = 0; i < evidence.metrics().size(); i++) {
            Observed metric = evidence.metrics().get(i);
            MetricEvidenceState kept = record.getMetrics().get(i);
            restore(metric.evidence(), kept);
            metric.highest().raise(Claim.SUPERIOR, kept.getSuperior());
            metric.highest().raise(Claim.NON_INFERIOR, kept.getNonInferior());
            metric.highest().raise(Claim.HARM, kept.getHarm());
            metric.highest().raiseOverLimit(kept.getOverLimit());
        }
        evidence.restore(
                WindowCountsCodec.decode(record.getTotal(), evidence.stage(), plan.isByKey()),
                record.getSampleRatio(),
                record.getLabelledRatio());
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
