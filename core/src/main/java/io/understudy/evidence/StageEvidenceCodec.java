package io.understudy.evidence;

import io.understudy.plan.EvidencePlan;
import io.understudy.schema.CycleEvidenceState;
import io.understudy.schema.HarmRestart;
import io.understudy.schema.MetricEvidenceState;
import io.understudy.schema.SchemaClasses;
import io.understudy.schema.SignBetsState;
import io.understudy.schema.StageEvidenceState;
import io.understudy.statistics.SignBets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Converts the evidence of a stage to the fields of an Avro record and back. Restored evidence behaves exactly like the
 * original.
 */
public final class StageEvidenceCodec {

    static {
        // Building a record may copy another one.
        SchemaClasses.trust();
    }

    private StageEvidenceCodec() {}

    /** Sets the fields of {@code record} that hold the evidence. */
    public static StageEvidenceState.Builder encode(StageEvidence evidence, StageEvidenceState.Builder record) {
        List<MetricEvidenceState> metrics = new ArrayList<>();
        for (TrackedMetric metric : evidence.metrics()) {
            metrics.add(MetricEvidenceState.newBuilder()
                    .setProcess(process(metric.evidence()))
                    .setEdges(edges(metric.evidence()))
                    .setRestarts(metric.restarts()
                            .map(HarmRestarts::starts)
                            .map(StageEvidenceCodec::encode)
                            .orElse(List.of()))
                    .setCycles(metric.cycles().map(StageEvidenceCodec::encode).orElse(null))
                    .build());
        }
        return record.setTotal(WindowCountsCodec.encode(evidence.total(), Instant.EPOCH))
                .setWindows(evidence.windows())
                .setCycles(evidence.completedCycles())
                .setObservedCycles(evidence.observedCycles())
                .setOpenCycleObserved(evidence.isOpenCycleObserved())
                .setMetrics(metrics)
                .setSampleRatio(evidence.sampleRatio());
    }

    /** The evidence in {@code record}, for stage {@code stage} of the same plan. */
    public static StageEvidence decode(StageEvidenceState record, EvidencePlan plan, int stage) {
        StageEvidence evidence = StageEvidence.empty(plan, stage);
        for (int i = 0; i < evidence.metrics().size(); i++) {
            TrackedMetric metric = evidence.metrics().get(i);
            MetricEvidenceState state = record.getMetrics().get(i);
            restore(metric.evidence(), state.getProcess(), state.getEdges());
            metric.restarts().ifPresent(later -> state.getRestarts().forEach(restart -> restore(later, restart)));
            if (state.getCycles() != null) {
                metric.cycles().ifPresent(cycles -> restore(cycles, state.getCycles()));
            }
        }
        evidence.restore(
                WindowCountsCodec.decode(record.getTotal(), evidence.stage(), plan.isByKey()), record.getWindows());
        evidence.restoreCycles(record.getCycles(), record.getObservedCycles(), record.getOpenCycleObserved());
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

    private static List<HarmRestart> encode(List<HarmRestarts.Start> starts) {
        return starts.stream()
                .map(start -> new HarmRestart(
                        start.window(),
                        start.at().toMillis(),
                        WindowCountsCodec.encode(start.evidence().tally()),
                        process(start.evidence())))
                .toList();
    }

    private static CycleEvidenceState encode(CycleEvidence cycles) {
        return new CycleEvidenceState(
                cycles.better(),
                cycles.worse(),
                encode(cycles.bets(Claim.SUPERIOR)),
                encode(cycles.bets(Claim.NON_INFERIOR)),
                encode(cycles.bets(Claim.HARM)),
                encode(cycles.againstWorthwhile()),
                WindowCountsCodec.encode(cycles.open().tally()),
                process(cycles.open()));
    }

    private static SignBetsState encode(SignBets bets) {
        return new SignBetsState(
                bets.observations(),
                bets.sumOfSquares(),
                Arrays.stream(bets.logWealth()).boxed().toList());
    }

    private static SignBets decode(SignBetsState record) {
        return new SignBets(
                record.getObservations(),
                record.getSumOfSquares(),
                record.getLogWealth().stream().mapToDouble(Double::doubleValue).toArray());
    }

    private static void restore(CycleEvidence cycles, CycleEvidenceState record) {
        cycles.restore(
                Map.of(
                        Claim.SUPERIOR, decode(record.getSuperior()),
                        Claim.NON_INFERIOR, decode(record.getNonInferior()),
                        Claim.HARM, decode(record.getHarm())),
                decode(record.getAgainstWorthwhile()),
                record.getBetter(),
                record.getWorse());
        WindowCountsCodec.restore(cycles.open().tally(), record.getOpen());
        restore(cycles.open(), record.getProcess(), List.of());
    }

    private static void restore(HarmRestarts restarts, HarmRestart record) {
        MetricEvidence since = restarts.add(record.getWindow(), Duration.ofMillis(record.getAt()));
        WindowCountsCodec.restore(since.tally(), record.getTally());
        restore(since, record.getProcess(), List.of());
    }

    private static void restore(MetricEvidence metric, List<Double> processRecord, List<Integer> edgesRecord) {
        double[] process =
                processRecord.stream().mapToDouble(Double::doubleValue).toArray();
        if (metric instanceof OddsEvidence odds) {
            odds.restore(process);
        } else if (metric instanceof BoundedEvidence bounded) {
            bounded.restore(process);
        } else if (metric instanceof DriftEvidence drift) {
            drift.restore(edgesRecord.stream().mapToInt(Integer::intValue).toArray());
        }
    }
}
