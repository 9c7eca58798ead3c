package io.understudy.judging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.understudy.schema.ArmEvaluation;
import io.understudy.schema.ArmTotals;
import io.understudy.schema.Disagreement;
import io.understudy.schema.MetricEvaluation;
import io.understudy.schema.MetricRole;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.SchemaClasses;
import io.understudy.schema.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class RulingJsonTest {

    private static final JsonMapper JSON = new JsonMapper();

    static {
        SchemaClasses.trust();
    }

    private static final MetricEvaluation METRIC = MetricEvaluation.newBuilder()
            .setName("errors")
            .setKind("error-rate")
            .setRole(MetricRole.GUARDRAIL)
            .setExisting(new ArmEvaluation(100L, 0.125))
            .setCandidate(new ArmEvaluation(90L, null))
            .setEffect(1.0)
            .setStandardError(2.0)
            .setLow(3.0)
            .setHigh(4.0)
            .setMargin(5.0)
            .setWorthwhile(6.0)
            .setLogEvidence(7.0)
            .setThreshold(8.0)
            .setLogEvidenceOfHarm(9.0)
            .setThresholdOfHarm(10.0)
            .setCyclesBetter(6)
            .setCyclesWorse(1)
            .setLogEvidenceOfCycles(2.5)
            .setP(0.5)
            .setMissing("more keys")
            .build();

    private static final Ruling RULING = new Ruling(
            Verdict.CONTINUE,
            "NOT_SHOWN_YET",
            "not yet",
            List.of(METRIC),
            new ArmTotals(1L, 2L, 3L, List.of(0.25, 0.75), 4.0, 5.0, 6.0),
            new ArmTotals(7L, 8L, 9L, List.of(), null, null, null),
            List.of(0.0, 0.5, 1.0),
            1.5,
            Optional.of(1234L),
            List.of("one", "two"),
            List.of(new Disagreement("r-1", 0.25, null)));

    private static JsonNode tree(String json) throws JsonProcessingException {
        return JSON.readTree(json);
    }

    @Test
    void writesAMetric() throws JsonProcessingException {
        assertThat(tree(RulingJson.of(METRIC).toString())).isEqualTo(tree("""
                        {"name": "errors", "kind": "error-rate", "role": "GUARDRAIL",
                         "existing": {"units": 100, "estimate": 0.125}, "candidate": {"units": 90, "estimate": null},
                         "effect": 1.0, "standardError": 2.0, "low": 3.0, "high": 4.0, "margin": 5.0, "worthwhile": 6.0,
                         "logEvidence": 7.0, "threshold": 8.0, "logEvidenceOfHarm": 9.0, "thresholdOfHarm": 10.0,
                         "cyclesBetter": 6, "cyclesWorse": 1, "logEvidenceOfCycles": 2.5,
                         "p": 0.5, "missing": "more keys"}
                        """));
    }

    @Test
    void writesARuling() throws JsonProcessingException {
        JsonNode json = tree(RulingJson.of(RULING).without("metrics").toString());

        assertThat(json).isEqualTo(tree("""
                        {"verdict": "CONTINUE", "code": "NOT_SHOWN_YET", "reason": "not yet",
                         "existing": {"requests": 1, "units": 2, "labelled": 3, "scores": [0.25, 0.75],
                           "latencyMillis": {"p50": 4.0, "p95": 5.0, "p99": 6.0}},
                         "candidate": {"requests": 7, "units": 8, "labelled": 9, "scores": [],
                           "latencyMillis": {"p50": null, "p95": null, "p99": null}},
                         "scoreEdges": [0.0, 0.5, 1.0], "sampleRatioEvidence": 1.5, "remainingUnits": 1234,
                         "warnings": ["one", "two"],
                         "disagreements": [{"requestId": "r-1", "existing": 0.25, "candidate": null}]}
                        """));
        assertThat(RulingJson.of(RULING).get("metrics")).hasSize(1);
    }

    @Test
    void whatIsNotKnownIsNull() {
        JsonNode json = RulingJson.of(Ruling.failed("why"));

        assertThat(json.get("existing").isNull()).isTrue();
        assertThat(json.get("candidate").isNull()).isTrue();
        assertThat(json.get("remainingUnits").isNull()).isTrue();
        assertThat(json.get("metrics")).isEmpty();
        assertThat(json.get("code").textValue()).isEqualTo("JUDGE_FAILED");
    }

    @Test
    void anEvaluationIsARulingAndWhatItIsOf() {
        RolloutEvaluation evaluation = evaluation("NOT_SHOWN_YET").build();

        JsonNode json = RulingJson.of(evaluation);

        assertThat(json.get("stage").intValue()).isEqualTo(2);
        assertThat(json.get("epoch").intValue()).isEqualTo(3);
        assertThat(json.get("windowStart").textValue()).isEqualTo("2026-03-01T00:00:00Z");
        assertThat(json.get("windowEnd").textValue()).isEqualTo("2026-03-01T00:00:05Z");
        assertThat(json.get("closedByWallClock").booleanValue()).isTrue();
        RulingJson.of(RULING)
                .properties()
                .forEach(field -> assertThat(json.get(field.getKey())).isEqualTo(field.getValue()));
    }

    @Test
    void anEvaluationOfAnEarlierVersionHasAnUnknownCode() {
        assertThat(RulingJson.of(evaluation(null).build()).get("code").textValue())
                .isEqualTo("UNKNOWN");
    }

    @Test
    void leavesOutNothingOfAnEvaluationButWhereItBelongs() {
        List<String> written = StreamSupport.stream(
                        ((Iterable<String>) RulingJson.of(evaluation(null).build())::fieldNames).spliterator(), false)
                .toList();
        List<String> fields = RolloutEvaluation.SCHEMA$.getFields().stream()
                .map(Schema.Field::name)
                .filter(name ->
                        !List.of("deployment", "rollout", "state_version", "at").contains(name))
                .map(RulingJsonTest::camelCase)
                .toList();

        assertThat(written).containsExactlyInAnyOrderElementsOf(fields);
    }

    private static String camelCase(String name) {
        StringBuilder text = new StringBuilder();
        for (String word : name.split("_", -1)) {
            text.append(text.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
        }
        return text.toString();
    }

    private static RolloutEvaluation.Builder evaluation(String code) {
        return RolloutEvaluation.newBuilder()
                .setDeployment("d")
                .setRollout("r")
                .setStage(2)
                .setEpoch(3)
                .setStateVersion(4)
                .setWindowStart(Instant.parse("2026-03-01T00:00:00Z"))
                .setWindowEnd(Instant.parse("2026-03-01T00:00:05Z"))
                .setClosedByWallClock(true)
                .setVerdict(RULING.verdict())
                .setReason(RULING.reason())
                .setCode(code)
                .setMetrics(RULING.metrics())
                .setExisting(RULING.existing())
                .setCandidate(RULING.candidate())
                .setScoreEdges(RULING.scoreEdges())
                .setSampleRatioEvidence(RULING.sampleRatioEvidence())
                .setRemainingUnits(1234L)
                .setWarnings(RULING.warnings())
                .setDisagreements(RULING.disagreements())
                .setAt(Instant.parse("2026-03-01T00:00:06Z"));
    }
}
