package io.understudy.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.understudy.spec.InvalidSpecException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The schema in the documents, which editors complete by, and the reader mean the same. */
class RolloutSchemaTest {

    private static final Path DOCS = Path.of("../docs/rollout.schema.json");
    private static final YAMLMapper YAML = new YAMLMapper();

    private static final String FULL = """
            deployment: flight-delay
            candidate: {version: v2, lane: slow-models, scorer: {kind: onnx, model: models/v2.onnx, output: p, features: [a, b]}}
            unit: request
            salt: flight-delay-v2
            metrics:
              - {name: brier, kind: brier, role: success, direction: lower, mde: 0.004, outcome: late, minimum: 10, bounds: [0, 1]}
              - {name: errors, kind: error-rate, role: guardrail, margin: 1.5, limit: 0.1, negligible: 0.01}
              - {name: slow, kind: latency-over, role: guardrail, margin: 1.5, threshold: 200ms}
              - {name: revenue, kind: value, role: diagnostic, cap: 100, count: at-maturity, outcome-window: 1h}
              - {name: same, kind: agreement, role: diagnostic, tolerance: 0.1}
              - {name: rps, kind: ratio, role: guardrail, margin: 0.02, numerator: revenue, denominator: sessions, cap: 500}
              - {name: p99, kind: latency-quantile, role: guardrail, margin: 1.1x, quantile: 0.99}
              - {name: p90, kind: latency-quantile, role: guardrail, margin: 1.25, quantile: 0.9}
              - {name: cause, kind: log-loss, role: success, mde: 0.01, classes: [weather, carrier, "0"]}
            stages:
              - {kind: shadow, mirror: 100%, minimum: {units: 2000, cycles: 3, coverage: 50%}, maximum: {duration: 30d}}
              - {kind: canary, share: 5%,  minimum: {units: 500, duration: 1m}, metrics: [brier, errors]}
              - {kind: canary, share: 25.125%}
              - {kind: ab, share: 50%, require: superiority, test: fixed, maximum: {units: 1000}, metrics: [brier, errors]}
            fallback: {deadline: 250ms, breaker: {errors: 10%, timeouts: 10%, window: 5s, minimum: 7}}
            mirror: {max-age: 30s}
            window: 2s
            outcome-window: 48h
            cycle: 24h
            coverage: {minimum: 80%, difference: 1%, after: 12h}
            alpha: 0.1
            alpha-abort: 0.01
            policies: {inconclusive: hold, invalid: abort, no-data: fail, grace: 90s, approval: promotion}
            """;

    private final JsonSchema schema;

    RolloutSchemaTest() throws IOException {
        schema = JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(Files.readString(DOCS));
    }

    static Stream<Path> examples() {
        return Stream.of(
                Path.of("../examples/flight-delay/rollout.yaml"),
                Path.of("../examples/flight-delay/rollout-broken.yaml"),
                Path.of("../examples/flight-delay/rollout-inverted.yaml"));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void theSchemaAndTheReaderAcceptTheExamples(Path example) throws IOException {
        assertValid(Files.readString(example));
    }

    @Test
    void theSchemaAndTheReaderAcceptEveryField() throws IOException {
        assertValid(FULL);
        assertValid(FULL.replace("{errors: 10%, timeouts: 10%, window: 5s, minimum: 7}", "none"));
        assertValid(FULL.replace(
                "kind: onnx, model: models/v2.onnx",
                "kind: open-inference, url: \"http://models:8080\", model: v2, deadline: 1s"));
        assertValid("""
                deployment: d
                candidate: {version: v, scorer: {kind: external}}
                stages: [{kind: canary, share: 0.001%}]
                """);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "deployment: flight-delay -> deployment: flight delay",
                "unit: request -> unit: user",
                "lane: slow-models -> lane: Slow Models",
                "salt: -> sallt:",
                "kind: brier, -> kind: briar,",
                "role: success -> role: succes",
                "mde: 0.004 -> mde: -1",
                "kind: onnx -> kind: onyx",
                "model: models/v2.onnx -> model: models/v2.onnx, url: x",
                "kind: shadow, mirror: 100% -> kind: shadow, share: 100%",
                "kind: canary, share: 25.125% -> kind: canary",
                "share: 5% -> share: 0.05",
                "share: 25.125% -> share: 25.1234%",
                "deadline: 250ms -> deadline: soon",
                "window: 5s -> windw: 5s",
                "max-age: 30s -> maxage: 30s",
                "approval: promotion -> approval: all",
                "no-data: fail -> no-data: abort",
                "alpha: 0.1 -> alpha: 5",
                "require: superiority -> require: better",
                "denominator: sessions -> denominator: 1",
                "quantile: 0.99 -> quantile: 99",
                "margin: 1.1x -> margin: 10%",
                "classes: [weather, carrier, \"0\"] -> classes: [weather]",
                "classes: [weather, carrier, \"0\"] -> classes: [weather, carrier, 0]"
            })
    void theSchemaAndTheReaderRejectTheSameMalformedDocuments(String change) throws IOException {
        String[] parts = change.split(" -> ", 2);
        assertThat(FULL).contains(parts[0]);
        String changed = FULL.replace(parts[0], parts[1]);
        assertThatThrownBy(() -> SpecReader.rollout(changed)).isInstanceOf(InvalidSpecException.class);
        assertThat(schema.validate(YAML.readTree(changed))).as(change).isNotEmpty();
    }

    @Test
    void theSchemaNamesEveryKindOfMetric() throws IOException {
        JsonNode kinds = YAML.readTree(Files.readString(DOCS)).at("/$defs/metric/properties/kind/enum");
        List<String> named = StreamSupport.stream(kinds.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
        assertThat(named)
                .containsExactlyElementsOf(
                        Arrays.stream(MetricKind.values()).map(MetricKind::code).toList());
    }

    private void assertValid(String yaml) throws IOException {
        assertThatCode(() -> SpecReader.rollout(yaml)).doesNotThrowAnyException();
        assertThat(schema.validate(YAML.readTree(yaml))).isEmpty();
    }
}
