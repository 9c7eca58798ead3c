package io.understudy.judging;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.ArmEvaluation;
import io.understudy.schema.ArmTotals;
import io.understudy.schema.Disagreement;
import io.understudy.schema.MetricEvaluation;
import io.understudy.schema.RolloutEvaluation;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A ruling as JSON; what is undefined is null. */
public final class RulingJson {

    private RulingJson() {}

    /** The ruling's fields, for a caller to add its own to. */
    public static ObjectNode of(Ruling ruling) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("verdict", ruling.verdict().name());
        json.put("code", ruling.code());
        json.put("reason", ruling.reason());
        ArrayNode metrics = json.putArray("metrics");
        ruling.metrics().forEach(metric -> metrics.add(of(metric)));
        json.set("existing", of(ruling.existing()));
        json.set("candidate", of(ruling.candidate()));
        ArrayNode edges = json.putArray("scoreEdges");
        ruling.scoreEdges().forEach(edges::add);
        json.put("sampleRatioEvidence", ruling.sampleRatioEvidence());
        json.put("remainingUnits", ruling.remainingUnits().orElse(null));
        ArrayNode warnings = json.putArray("warnings");
        ruling.warnings().forEach(warnings::add);
        ArrayNode disagreements = json.putArray("disagreements");
        for (Disagreement disagreement : ruling.disagreements()) {
            disagreements
                    .addObject()
                    .put("requestId", disagreement.getRequestId())
                    .put("existing", disagreement.getExisting())
                    .put("candidate", disagreement.getCandidate());
        }
        return json;
    }

    /** An evaluation: a ruling, and what it is of. */
    public static ObjectNode of(RolloutEvaluation evaluation) {
        ObjectNode json = of(new Ruling(
                evaluation.getVerdict(),
                ReasonCode.nameOf(evaluation.getCode()),
                evaluation.getReason(),
                evaluation.getMetrics(),
                evaluation.getExisting(),
                evaluation.getCandidate(),
                evaluation.getScoreEdges(),
                evaluation.getSampleRatioEvidence(),
                Optional.ofNullable(evaluation.getRemainingUnits()),
                evaluation.getWarnings(),
                evaluation.getDisagreements()));
        json.put("stage", evaluation.getStage());
        json.put("epoch", evaluation.getEpoch());
        json.put("windowStart", evaluation.getWindowStart().toString());
        json.put("windowEnd", evaluation.getWindowEnd().toString());
        json.put("closedByWallClock", evaluation.getClosedByWallClock());
        return json;
    }

    /** One metric's evidence. */
    public static ObjectNode of(MetricEvaluation metric) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", metric.getName());
        json.put("kind", metric.getKind());
        json.put("role", metric.getRole().name());
        json.set("existing", of(metric.getExisting()));
        json.set("candidate", of(metric.getCandidate()));
        json.put("effect", metric.getEffect());
        json.put("standardError", metric.getStandardError());
        json.put("low", metric.getLow());
        json.put("high", metric.getHigh());
        json.put("margin", metric.getMargin());
        json.put("worthwhile", metric.getWorthwhile());
        json.put("logEvidence", metric.getLogEvidence());
        json.put("threshold", metric.getThreshold());
        json.put("logEvidenceOfHarm", metric.getLogEvidenceOfHarm());
        json.put("thresholdOfHarm", metric.getThresholdOfHarm());
        json.put("cyclesBetter", metric.getCyclesBetter());
        json.put("cyclesWorse", metric.getCyclesWorse());
        json.put("logEvidenceOfCycles", metric.getLogEvidenceOfCycles());
        json.put("p", metric.getP());
        json.put("missing", metric.getMissing());
        return json;
    }

    private static ObjectNode of(ArmEvaluation arm) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("units", arm.getUnits())
                .put("estimate", arm.getEstimate());
    }

    private static @Nullable ObjectNode of(@Nullable ArmTotals arm) {
        if (arm == null) {
            return null;
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("requests", arm.getRequests());
        json.put("units", arm.getUnits());
        json.put("labelled", arm.getLabelled());
        ArrayNode scores = json.putArray("scores");
        arm.getScores().forEach(scores::add);
        json.putObject("latencyMillis")
                .put("p50", arm.getLatencyP50())
                .put("p95", arm.getLatencyP95())
                .put("p99", arm.getLatencyP99());
        return json;
    }
}
