package io.understudy.judging;

import io.understudy.evidence.ArmLook;
import io.understudy.evidence.ArmSnapshot;
import io.understudy.evidence.Claim;
import io.understudy.evidence.ClaimLook;
import io.understudy.evidence.CycleLook;
import io.understudy.evidence.MetricLook;
import io.understudy.evidence.StageSnapshot;
import io.understudy.plan.MetricSpec;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.ArmEvaluation;
import io.understudy.schema.ArmTotals;
import io.understudy.schema.MetricEvaluation;
import io.understudy.schema.MetricRole;
import io.understudy.schema.SchemaClasses;
import io.understudy.schema.Verdict;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Puts a finding and the evidence beside it into the form that others read. */
final class RulingReport {

    static {
        // Building a record may copy another.
        SchemaClasses.trust();
    }

    private RulingReport() {}

    /** @param earlierInvalid the code of the stage's last INVALID verdict, this one included */
    static Ruling of(StageSnapshot snapshot, Finding finding, Optional<ReasonCode> earlierInvalid) {
        Thresholds thresholds = Thresholds.of(snapshot.plan(), snapshot.stage());
        return new Ruling(
                finding.verdict(),
                finding.reason().codeName(),
                ReasonText.of(finding.reason()),
                snapshot.metrics().stream()
                        .map(metric ->
                                evaluation(metric, thresholds, snapshot.stage().fixed()))
                        .toList(),
                totals(snapshot.existing()),
                totals(snapshot.candidate()),
                snapshot.scoreEdges(),
                snapshot.sampleRatio(),
                Forecast.remainingUnits(snapshot, thresholds),
                Warnings.of(snapshot, earlierInvalid.filter(code -> finding.verdict() != Verdict.INVALID)),
                snapshot.disagreements());
    }

    private static ArmTotals totals(ArmSnapshot arm) {
        return new ArmTotals(
                arm.requests(),
                arm.units(),
                arm.labelled(),
                arm.scores(),
                defined(arm.latency().p50()),
                defined(arm.latency().p95()),
                defined(arm.latency().p99()));
    }

    private static MetricEvaluation evaluation(MetricLook metric, Thresholds thresholds, boolean fixed) {
        MetricSpec spec = metric.spec();
        ClaimLook claim = metric.of(Forecast.claim(spec.role()));
        double p = fixed ? claim.p() : Math.exp(-Math.max(0, Math.min(claim.logEvidence(), ofCycles(metric))));
        return MetricEvaluation.newBuilder()
                .setName(spec.name())
                .setKind(spec.kind().code())
                .setRole(spec.role())
                .setExisting(arm(metric.existing()))
                .setCandidate(arm(metric.candidate()))
                .setEffect(defined(metric.effect()))
                .setStandardError(defined(metric.standardError()))
                .setLow(defined(metric.low()))
                .setHigh(defined(metric.high()))
                .setMargin(spec.role() == MetricRole.GUARDRAIL ? defined(-spec.sign() * metric.allowance()) : null)
                .setWorthwhile(defined(spec.sign() * metric.worthwhile()))
                .setLogEvidence(Math.max(0, claim.logEvidence()))
                .setLogEvidenceOfHarm(Math.max(0, metric.harm().logEvidence()))
                .setThreshold(spec.decides() ? thresholds.of(spec.role()) : null)
                .setThresholdOfHarm(spec.decides() ? thresholds.harm() : null)
                .setP(spec.decides() ? defined(p) : null)
                .setCyclesBetter(metric.cycles().map(CycleLook::better).orElse(0L))
                .setCyclesWorse(metric.cycles().map(CycleLook::worse).orElse(0L))
                .setLogEvidenceOfCycles(metric.cycles().isPresent() ? defined(Math.max(0, ofCycles(metric))) : null)
                .setMissing(metric.shortfall().map(ReasonText::shortfall).orElse(null))
                .build();
    }

    /** ln E of the cycles for the metric's claim; infinite if it needs none. */
    private static double ofCycles(MetricLook metric) {
        return metric.cycles()
                .map(cycles -> Forecast.claim(metric.spec().role()) == Claim.SUPERIOR
                        ? cycles.superior()
                        : cycles.nonInferior())
                .orElse(Double.POSITIVE_INFINITY);
    }

    private static ArmEvaluation arm(ArmLook arm) {
        return new ArmEvaluation(arm.units(), defined(arm.estimate()));
    }

    private static @Nullable Double defined(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
