package io.understudy.judging;

import static io.understudy.testing.Plans.byKey;
import static io.understudy.testing.Plans.byRequest;
import static io.understudy.testing.Snapshots.arm;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.evidence.CoverageLook.ArmCovered;
import io.understudy.evidence.CoverageLook.ArmsCovered;
import io.understudy.evidence.KeySample;
import io.understudy.plan.EvidencePlan;
import io.understudy.reason.ReasonCode;
import io.understudy.testing.Plans;
import io.understudy.testing.Snapshots;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WarningsTest {

    private static final String ERRORS = "kind: error-rate, role: guardrail, margin: 2";
    private static final String ACCURACY = "kind: accuracy, role: success, mde: 1.3";

    private static final EvidencePlan KEYS = byKey(Plans.AB, ERRORS);
    private static final EvidencePlan REQUESTS = byRequest(Plans.AB, ERRORS);
    private static final EvidencePlan SHADOW = byRequest(Plans.SHADOW, ERRORS);
    private static final EvidencePlan OUTCOMES = byKey(Plans.AB, ACCURACY);

    private static List<String> warnings(Snapshots snapshot) {
        return Warnings.of(snapshot.build(), Optional.empty());
    }

    @Test
    void aSoundStageHasNone() {
        for (EvidencePlan plan : List.of(KEYS, REQUESTS, SHADOW, OUTCOMES)) {
            assertThat(warnings(Snapshots.of(plan))).isEmpty();
        }
    }

    @Test
    void ofUnitsThatMayNotArriveAsTheSharesSay() {
        double warning = Math.log(20);

        assertThat(warnings(Snapshots.of(KEYS).sampleRatio(Math.nextUp(warning))))
                .singleElement()
                .asString()
                .contains("2.996");
        assertThat(warnings(Snapshots.of(KEYS).sampleRatio(warning))).isEmpty();
    }

    @Test
    void ofAnInvalidVerdictThatIsOver() {
        assertThat(Warnings.of(Snapshots.of(KEYS).build(), Optional.of(ReasonCode.UNEVEN_OUTCOMES)))
                .singleElement()
                .asString()
                .contains("UNEVEN_OUTCOMES", "no longer");
    }

    @Test
    void ofASplitThatCannotBeTested() {
        assertThat(warnings(Snapshots.of(KEYS).sampleRatioUntested()))
                .singleElement()
                .asString()
                .contains("routed_at");
        assertThat(warnings(Snapshots.of(KEYS).sampleRatioUntested().requests(99, 99)))
                .isEmpty();
        assertThat(warnings(Snapshots.of(SHADOW).sampleRatioUntested())).isEmpty();
    }

    @Test
    void ofOutcomesThatAreUnevenWithinTheTolerance() {
        double warning = Math.log(20);
        ArmCovered existing = new ArmCovered(1000, 990);
        ArmCovered candidate = new ArmCovered(1000, 975);

        assertThat(warnings(Snapshots.of(OUTCOMES)
                        .coverage(0, ArmsCovered.NONE, new ArmsCovered(existing, candidate, 0.005, warning, 0))))
                .singleElement()
                .asString()
                .contains("m0", "99 %", "97.5 %");
        assertThat(warnings(Snapshots.of(OUTCOMES)
                        .coverage(
                                0,
                                new ArmsCovered(existing, candidate, 0.005, warning, 0),
                                new ArmsCovered(existing, candidate, 0.005, Math.nextDown(warning), 0))))
                .isEmpty();
    }

    @Test
    void ofAnyKeyInBothArms() {
        assertThat(warnings(Snapshots.of(KEYS).keys(new KeySample(1000, 1000, 3))))
                .singleElement()
                .asString()
                .startsWith("3 ");
        assertThat(warnings(Snapshots.of(KEYS).keys(new KeySample(1000, 1000, 1))))
                .hasSize(1);
    }

    @Test
    void ofAMirrorWithTooFewAnswers() {
        assertThat(warnings(Snapshots.of(SHADOW).requests(1000, 949)))
                .singleElement()
                .asString()
                .contains("949 of 1000");
        assertThat(warnings(Snapshots.of(SHADOW).requests(1000, 950))).isEmpty();
        assertThat(warnings(Snapshots.of(KEYS).requests(1000, 500)))
                .as("nothing is mirrored in an A/B stage")
                .isEmpty();
    }

    @Test
    void ofACandidateThatHasRejectedEverything() {
        Snapshots unobserved = Snapshots.of(KEYS).look(0, look -> look.candidate(0, Double.NaN));

        assertThat(warnings(unobserved.requests(100, 100)))
                .singleElement()
                .asString()
                .contains("all of 100 requests");
        assertThat(warnings(unobserved.requests(100, 99))).isEmpty();
        assertThat(warnings(Snapshots.of(KEYS).look(0, look -> look.candidate(1, 0))))
                .isEmpty();
    }

    @Test
    void ofRepeatedKeysThoughRequestsAreTakenForIndependent() {
        Snapshots repeated = Snapshots.of(REQUESTS).arms(arm(60, 60, 57, 60), arm(60, 60, 57, 60));

        assertThat(warnings(repeated)).singleElement().asString().contains("120 requests", "114 keys");
        assertThat(warnings(Snapshots.of(KEYS).arms(arm(60, 57, 57, 60), arm(60, 57, 57, 60))))
                .as("keys are the units")
                .isEmpty();
        assertThat(warnings(Snapshots.of(REQUESTS).arms(arm(105, 105, 100, 105), arm(105, 105, 100, 105))))
                .as("a twentieth more requests than keys")
                .isEmpty();
        assertThat(warnings(Snapshots.of(REQUESTS).arms(arm(49, 49, 10, 49), arm(50, 50, 10, 50))))
                .as("too few to say")
                .isEmpty();
        assertThat(warnings(Snapshots.of(REQUESTS).arms(arm(50, 50, 1, 50), arm(50, 50, 0, 50))))
                .hasSize(1);
        assertThat(warnings(Snapshots.of(REQUESTS).arms(arm(100, 100, 0, 100), arm(100, 100, 0, 100))))
                .as("keys that are not counted")
                .isEmpty();
    }

    @Test
    void metricsThatAShadowWouldPairCompareArmsInAnAbStage() {
        EvidencePlan arms = byRequest(Plans.AB, ACCURACY);

        assertThat(warnings(Snapshots.of(arms).arms(arm(500, 500, 100, 500), arm(500, 500, 100, 500))))
                .hasSize(1);
    }

    @Test
    void pairedMetricsOfAShadowDoNotCompareArms() {
        EvidencePlan paired = byRequest(Plans.SHADOW, ACCURACY);
        Snapshots repeated = Snapshots.of(paired).arms(arm(500, 500, 100, 500), arm(500, 500, 100, 500));

        assertThat(warnings(repeated)).isEmpty();
        assertThat(warnings(Snapshots.of(SHADOW).arms(arm(500, 500, 100, 500), arm(500, 500, 100, 500))))
                .hasSize(1);
    }

    @Test
    void ofLatenciesOfLanesWithDifferentLoad() {
        String slow = "kind: latency-over, role: guardrail, margin: 2, threshold: 1s";

        for (String stage : List.of("kind: canary, share: 5%", "kind: ab, share: 80%", "kind: shadow, mirror: 5%")) {
            assertThat(warnings(Snapshots.of(byRequest(stage, slow))))
                    .as(stage)
                    .singleElement()
                    .asString()
                    .contains(stage.substring(stage.lastIndexOf(' ') + 1) + " of the units");
            assertThat(warnings(Snapshots.of(byRequest(stage, ERRORS))))
                    .as(stage)
                    .isEmpty();
        }
        assertThat(warnings(Snapshots.of(byRequest(Plans.AB, slow)))).isEmpty();
        assertThat(warnings(Snapshots.of(byRequest(Plans.SHADOW, slow)))).isEmpty();
    }

    @Test
    void ofOutcomesThatAreMissingAndMoreSoInOneArm() {
        Snapshots even = Snapshots.of(OUTCOMES).arms(arm(1000, 1000, 1000, 900), arm(1000, 1000, 1000, 950));
        Snapshots uneven = Snapshots.of(OUTCOMES).arms(arm(1000, 1000, 1000, 900), arm(1000, 1000, 1000, 951));

        assertThat(warnings(even))
                .singleElement()
                .asString()
                .contains("90 %", "95 %")
                .doesNotContain("uneven");
        assertThat(warnings(uneven)).singleElement().asString().contains("90 %", "95.1 %", "uneven");
        assertThat(warnings(Snapshots.of(KEYS).arms(arm(1000, 1000, 1000, 0), arm(1000, 1000, 1000, 0))))
                .as("no metric reads outcomes")
                .isEmpty();
    }
}
