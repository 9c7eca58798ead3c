package io.understudy.judging;

import static io.understudy.judging.Judging.DIAGNOSTIC;
import static io.understudy.judging.Judging.FULL;
import static io.understudy.judging.Judging.GUARDRAIL;
import static io.understudy.judging.Judging.PLAN;
import static io.understudy.judging.Judging.SUCCESS;
import static io.understudy.judging.Judging.code;
import static io.understudy.judging.Judging.judge;
import static io.understudy.judging.Judging.passing;
import static io.understudy.judging.Judging.snapshot;
import static io.understudy.testing.Plans.byKey;
import static io.understudy.testing.Snapshots.arm;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.judging.VerdictReason.Missing;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.VerdictPolicies;
import io.understudy.plan.VerdictPolicies.Policy;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.Verdict;
import io.understudy.testing.Snapshots;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgeMissingDataTest {

    private static EvidencePlan with(EvidencePlan plan, Policy noData) {
        return new EvidencePlan(
                plan.unit(),
                plan.metrics(),
                plan.stages(),
                plan.window(),
                plan.outcomeWindow(),
                plan.cycle(),
                plan.coverage(),
                plan.alpha(),
                plan.alphaAbort(),
                new VerdictPolicies(Policy.HOLD, Policy.HOLD, noData, Duration.ofMinutes(1)));
    }

    @ParameterizedTest
    @CsvSource({"HOLD, NO_DATA", "FAIL, ABORT"})
    void missingDataAreJudgedAsThePolicySays(Policy policy, Verdict verdict) {
        Finding finding = judge(Snapshots.of(with(PLAN, policy)).requests(0, 0));

        assertThat(finding.verdict()).isEqualTo(verdict);
        assertThat(finding.code()).isEqualTo(ReasonCode.NO_ANSWERS);
    }

    @Test
    void missingDataAreOnlyBelowTheMinimumWhereThePolicyIgnoresThem() {
        assertThat(code(Snapshots.of(with(PLAN, Policy.IGNORE)).requests(0, 0))).isEqualTo(ReasonCode.BELOW_MINIMUM);
    }

    @Test
    void dataMayBeMissingDuringTheGrace() {
        assertThat(code(snapshot().requests(0, 0).after(Duration.ofMinutes(1)))).isEqualTo(ReasonCode.BELOW_MINIMUM);
        assertThat(code(snapshot().requests(0, 0).after(Duration.ofMinutes(1).plusMillis(1))))
                .isEqualTo(ReasonCode.NO_ANSWERS);
    }

    @Test
    void aCandidateIsMissingOnceFiveOfItsRequestsAreDue() {
        assertThat(code(snapshot().requests(7, 0))).isEqualTo(ReasonCode.BELOW_MINIMUM);
        assertThat(code(snapshot().requests(8, 0))).isEqualTo(ReasonCode.NO_CANDIDATE_ANSWERS);
    }

    @Test
    void aSingleAnswerIsNotMissing() {
        assertThat(code(snapshot().requests(1, 1))).isEqualTo(ReasonCode.BELOW_MINIMUM);
        assertThat(code(snapshot().requests(1000, 1))).isEqualTo(ReasonCode.BELOW_MINIMUM);
        assertThat(code(snapshot().requests(0, 1))).isEqualTo(ReasonCode.NO_EXISTING_ANSWERS);
    }

    @Test
    void aShadowsCandidateIsMissingAtOnce() {
        EvidencePlan shadow = byKey("kind: shadow, minimum: {units: 500}", SUCCESS);

        assertThat(code(Snapshots.of(shadow).requests(1, 0))).isEqualTo(ReasonCode.NO_CANDIDATE_ANSWERS);
    }

    @Test
    void theExistingModelMayBeSilentWhereTheCandidateServesEveryUnit() {
        assertThat(code(Snapshots.of(FULL).requests(0, 1000))).isEqualTo(ReasonCode.FULL_SHARE_SERVED);
        assertThat(code(Snapshots.of(FULL).requests(0, 499))).isEqualTo(ReasonCode.BELOW_MINIMUM);
        assertThat(code(Snapshots.of(FULL).requests(0, 0))).isEqualTo(ReasonCode.NO_ANSWERS);
        assertThat(code(Snapshots.of(FULL).requests(1, 0)))
                .as("a late answer of the stage before")
                .isEqualTo(ReasonCode.NO_CANDIDATE_ANSWERS);
    }

    @Test
    void namesEveryPartOfTheMinimumThatIsMissing() {
        EvidencePlan plan = byKey(
                "kind: ab, share: 40%, minimum: {units: 500, duration: 5m, coverage: 80%}",
                SUCCESS + ", minimum: 300", GUARDRAIL);
        Finding finding = judge(Snapshots.of(plan)
                .after(Duration.ofMinutes(4))
                .arms(arm(1000, 700, 700, 900), arm(1000, 400, 400, 600))
                .look(0, look -> look.existing(1000, 0.2).candidate(299, 0.2))
                .look(1, look -> look.candidate(0, Double.NaN)));

        assertThat(((VerdictReason.BelowMinimum) finding.reason()).parts())
                .containsExactly(
                        new Missing.Units(400, 500),
                        new Missing.Time(Duration.ofMinutes(4), Duration.ofMinutes(5)),
                        new Missing.Outcomes(0.6, 0.8),
                        new Missing.MetricUnits("m0", 299, 300));
    }

    @Test
    void aMinimumIsReachedWhenItIsMetExactly() {
        Snapshots exactly =
                passing().after(Duration.ofMinutes(5)).arms(arm(1000, 500, 500, 800), arm(1000, 500, 500, 800));

        assertThat(code(exactly)).isEqualTo(ReasonCode.STAGE_PASSED);
    }

    @Test
    void outcomesAreOnlyMissedByMetricsThatReadThem() {
        EvidencePlan answersAlone = byKey("kind: ab, share: 40%, minimum: {coverage: 80%}", GUARDRAIL);

        assertThat(code(Snapshots.of(answersAlone).arms(arm(1000, 1000, 1000, 0), arm(1000, 1000, 1000, 0))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
    }

    @Test
    void aDiagnosticsMinimumHoldsNothingUp() {
        EvidencePlan plan = byKey("kind: ab, share: 40%", GUARDRAIL, DIAGNOSTIC + ", minimum: 5000");

        assertThat(code(Snapshots.of(plan))).isEqualTo(ReasonCode.NOT_SHOWN_YET);
    }

    @Test
    void aMetricsMinimumCountsTheSmallerArm() {
        EvidencePlan plan = byKey("kind: ab, share: 40%", GUARDRAIL + ", minimum: 300");

        assertThat(code(Snapshots.of(plan).look(0, look -> look.existing(299, 0.2))))
                .isEqualTo(ReasonCode.BELOW_MINIMUM);
        assertThat(code(Snapshots.of(plan).look(0, look -> look.existing(300, 0.2))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
    }

    @Test
    void aMetricsMinimumCountsTheCandidateAloneWhereItServesEveryUnit() {
        EvidencePlan plan = byKey("kind: canary, share: 100%, minimum: {units: 1}", GUARDRAIL + ", minimum: 300");

        assertThat(code(Snapshots.of(plan)
                        .look(0, look -> look.existing(0, Double.NaN).candidate(300, 0))))
                .isEqualTo(ReasonCode.FULL_SHARE_SERVED);
        assertThat(code(Snapshots.of(plan)
                        .look(0, look -> look.existing(0, Double.NaN).candidate(299, 0))))
                .isEqualTo(ReasonCode.BELOW_MINIMUM);
    }
}
