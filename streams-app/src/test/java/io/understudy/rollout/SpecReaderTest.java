package io.understudy.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.understudy.schema.RandomisationUnit;
import io.understudy.schema.ScorerKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpecReaderTest {

    @Test
    void readsAShadowRollout() {
        RolloutSpec spec = SpecReader.rollout("""
                deployment: flight-delay
                candidate:
                  version: v2
                  scorer: {kind: onnx, model: models/v2.onnx, features: [hour, distance], output: probability}
                unit: request
                salt: flight-delay-v2
                stages:
                  - {kind: shadow, mirror: 12.5%}
                  - {kind: shadow}
                """);
        assertThat(spec.deployment()).isEqualTo("flight-delay");
        assertThat(spec.candidate().getLocation()).isEqualTo("models/v2.onnx");
        assertThat(spec.candidate().getFeatures()).containsExactly("hour", "distance");
        assertThat(spec.candidate().getOutput()).isEqualTo("probability");
        assertThat(spec.unit()).isEqualTo(RandomisationUnit.REQUEST);
        assertThat(spec.salt()).contains("flight-delay-v2");
        assertThat(spec.stages()).extracting("mirror").containsExactly(12_500, 100_000);
        assertThat(spec.stages()).extracting("share").containsOnly(0);
    }

    @Test
    void readsAModelOnAnInferenceServer() {
        DeploymentSpec spec = SpecReader.deployment("""
                deployment: fraud
                existing:
                  version: "3"
                  scorer: {kind: open-inference, url: "http://models:8080", model: fraud, deadline: 250ms}
                """);
        assertThat(spec.existing().getScorer()).isEqualTo(ScorerKind.OPEN_INFERENCE);
        assertThat(spec.existing().getModelName()).isEqualTo("fraud");
        assertThat(spec.existing().getDeadlineMs()).isEqualTo(250);
    }

    @Test
    void namesEveryFaultByItsPath() {
        assertThat(faults("""
                        deployment: "flight delay"
                        candidat: {}
                        candidate:
                          version: v2
                          scorer: {kind: onnx, sha256: abc, deadline: 1s}
                        unit: user
                        stages:
                          - {kind: shadow, mirror: 120%}
                          - {kind: canary, share: 5%}
                          - {kind: shadow, mirror: 0%}
                          - {kind: shadow, mirror: half}
                        """))
                .containsExactly(
                        "candidat: unknown field; allowed: candidate, deployment, salt, stages, unit",
                        "deployment: 'flight delay' is not allowed; it must be 1 to 100 letters, digits, '.', '_' or '-', beginning with a letter or digit",
                        "candidate.scorer.deadline: does not apply to a model that runs in the scorer's process",
                        "candidate.scorer.model: is missing",
                        "candidate.scorer.sha256: 'abc' is not allowed; it must be 64 hexadecimal digits",
                        "unit: 'user' is unknown; allowed: key, request",
                        "stages[0].mirror: 120% is over 100%",
                        "stages[1].share: unknown field; allowed: kind, mirror",
                        "stages[1].kind: 'canary' is unknown; allowed: shadow",
                        "stages[2].mirror: a shadow stage without a mirror compares nothing; it must be over 0%",
                        "stages[3].mirror: 'half' is no percentage; write it like 5% or 0.001%");
    }

    @Test
    void refusesWhatIsNoMappingNoYamlOrEmpty() {
        assertThat(faults("- a list")).anyMatch(fault -> fault.startsWith("the document: must be a mapping"));
        assertThat(faults("")).anyMatch(fault -> fault.startsWith("the document: must be a mapping"));
        assertThat(faults("a: [")).singleElement().asString().startsWith("the document: no valid YAML at line");
        assertThat(faults("deployment: a\ndeployment: b"))
                .singleElement()
                .asString()
                .contains("Duplicate");
    }

    @Test
    void refusesAnAddressThatIsNone() {
        assertThat(faults("""
                        deployment: d
                        candidate: {version: v, scorer: {kind: open-inference, url: "models:8080", model: m, deadline: 0s}}
                        stages: [{kind: shadow}]
                        """))
                .containsExactly(
                        "candidate.scorer.url: 'models:8080' is no http:// or https:// address",
                        "candidate.scorer.deadline: must be longer than 0");
    }

    private static List<String> faults(String yaml) {
        return catchThrowableOfType(InvalidSpecException.class, () -> SpecReader.rollout(yaml))
                .faults();
    }
}
