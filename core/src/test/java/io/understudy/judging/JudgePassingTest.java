package io.understudy.judging;

import static io.understudy.judging.Judging.DIAGNOSTIC;
import static io.understudy.judging.Judging.GUARDRAIL;
import static io.understudy.judging.Judging.SHOWN;
import static io.understudy.judging.Judging.SUCCESS;
import static io.understudy.judging.Judging.code;
import static io.understudy.judging.Judging.judge;
import static io.understudy.judging.Judging.passing;
import static io.understudy.judging.Judging.snapshot;
import static io.understudy.testing.Plans.byKey;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.evidence.ArmLook;
import io.understudy.evidence.Claim;
import io.understudy.evidence.ClaimLook;
import io.understudy.evidence.RecentLook;
import io.understudy.evidence.Shortfall;
import io.understudy.judging.VerdictReason.NotShownYet;
import io.understudy.judging.VerdictReason.Open;
import io.understudy.plan.EvidencePlan;
import io.understudy.reason.ReasonCode;
import io.understudy.testing.Snapshots;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class JudgePassingTest {

    @Test
    void passesWhenEveryGuardrailHoldsAndOneSuccessMetricIsBetter() {
        EvidencePlan plan = byKey(
                "kind: ab, share: 40%, require: superiority",
                SUCCESS,
                "kind: brier, role: success, mde: 0.1",
                GUARDRAIL,
                "kind: timeout-rate, role: guardrail, margin: 2");
        double better = Math.log(2 / 0.05);
        Snapshots passing = Snapshots.of(plan)
                .look(1, look -> look.shows(Claim.SUPERIOR, better))
                .look(2, look -> look.shows(Claim.NON_INFERIOR, SHOWN))
                .look(3, look -> look.shows(Claim.NON_INFERIOR, SHOWN));

        assertThat(judge(passing).reason())
                .isInstanceOfSatisfying(
                        VerdictReason.Passed.class,
                        passed -> assertThat(passed.shown())
                                .extracting(shown -> shown.metric().spec().name() + " " + shown.claim())
                                .containsExactly("m1 SUPERIOR", "m2 NON_INFERIOR", "m3 NON_INFERIOR"));
        assertThat(code(passing.look(1, look -> look.shows(Claim.SUPERIOR, Math.nextDown(better)))))
                .as("two success metrics share alpha")
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(passing.look(1, look -> look.shows(Claim.SUPERIOR, better))
                        .look(3, look -> look)))
                .as("a guardrail that does not hold yet")
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
    }

    @Test
    void aGuardrailHoldsByTheEvidenceNowWhileTheEstimatePointsToItOrIsNegligible() {
        ClaimLook unsupported = new ClaimLook(SHOWN, Double.NaN, false);
        Snapshots better = passing();

        assertThat(code(better.look(1, look -> look.claim(Claim.NON_INFERIOR, unsupported))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(better.look(
                        1, look -> look.claim(Claim.NON_INFERIOR, unsupported).negligible())))
                .isEqualTo(ReasonCode.STAGE_PASSED);
        assertThat(code(better.look(1, look -> look.claim(Claim.NON_INFERIOR, new ClaimLook(-5, 0, true)))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
    }

    @Test
    void whatIsShownSinceTheBeginningDoesNotPassWhileItIsWorseLately() {
        ArmLook arm = new ArmLook(100, 0.1);
        RecentLook worse = new RecentLook(Duration.ofMinutes(5), arm, arm, SHOWN, true);
        RecentLook quiet = new RecentLook(Duration.ofMinutes(5), arm, arm, 0, false);

        assertThat(code(passing()
                        .look(1, look -> look.shows(Claim.NON_INFERIOR, SHOWN).recent(worse))))
                .isEqualTo(ReasonCode.RECENTLY_WORSE);
        assertThat(code(passing()
                        .look(1, look -> look.shows(Claim.NON_INFERIOR, SHOWN).recent(quiet))))
                .isEqualTo(ReasonCode.STAGE_PASSED);
    }

    @Test
    void whereNothingElseIsAskedForEachSuccessMetricMustNotBeWorse() {
        EvidencePlan unguarded = byKey("kind: ab, share: 40%", SUCCESS, "kind: brier, role: success, mde: 0.1");
        Snapshots one = Snapshots.of(unguarded).look(0, look -> look.shows(Claim.NON_INFERIOR, SHOWN));

        assertThat(code(one)).isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(one.look(1, look -> look.shows(Claim.NON_INFERIOR, SHOWN))))
                .isEqualTo(ReasonCode.STAGE_PASSED);
    }

    @Test
    void aSuccessMetricNeedsNotBeShownWhereGuardrailsAreAllThatIsAskedFor() {
        EvidencePlan guarded = byKey("kind: ab, share: 40%", SUCCESS, GUARDRAIL);

        assertThat(code(Snapshots.of(guarded).look(1, look -> look.shows(Claim.NON_INFERIOR, SHOWN))))
                .isEqualTo(ReasonCode.STAGE_PASSED);
    }

    @Test
    void aDiagnosticThatIsBetterIsNotASuccess() {
        EvidencePlan plan = byKey("kind: ab, share: 40%, require: superiority", SUCCESS, DIAGNOSTIC);

        assertThat(code(Snapshots.of(plan).look(1, look -> look.shows(Claim.SUPERIOR, 100))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
    }

    @Test
    void aStageThatMeasuresNothingPassesByItsMinimum() {
        EvidencePlan unmeasured = byKey("kind: canary, share: 5%, minimum: {units: 500}");

        assertThat(code(Snapshots.of(unmeasured).requests(10_000, 499))).isEqualTo(ReasonCode.BELOW_MINIMUM);
        assertThat(code(Snapshots.of(unmeasured).requests(10_000, 500))).isEqualTo(ReasonCode.STAGE_PASSED);
    }

    @Test
    void givesUpWhenTheBestThatTheIntervalAllowsIsBelowTheEffectWorthDetecting() {
        assertThat(code(snapshot().look(0, look -> look.interval(-0.1, 0.2499))))
                .isEqualTo(ReasonCode.NOT_WORTH_DETECTING);
        assertThat(code(snapshot().look(0, look -> look.interval(-0.1, 0.25)))).isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(snapshot().look(0, look -> look.interval(Double.NaN, Double.NaN))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
    }

    @Test
    void whereLowerIsBetterTheLowerEndIsTheBest() {
        EvidencePlan loss = byKey("kind: ab, share: 40%, require: superiority", "kind: brier, role: success, mde: 0.1");

        assertThat(code(Snapshots.of(loss).look(0, look -> look.interval(-0.2, 0.9))))
                .isEqualTo(ReasonCode.NOT_WORTH_DETECTING);
        assertThat(code(Snapshots.of(loss).look(0, look -> look.interval(-0.9, 0.2))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
    }

    @Test
    void doesNotGiveUpWhileHarmIsOnItsWayOrUnitsAreMissing() {
        Snapshots hopeless = snapshot().look(0, look -> look.interval(-0.2, 0.1));

        assertThat(code(hopeless)).isEqualTo(ReasonCode.NOT_WORTH_DETECTING);
        assertThat(code(hopeless.look(0, look -> look.interval(-0.2, 0.1).shows(Claim.HARM, 0.1))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(hopeless.look(
                        0,
                        look -> look.interval(-0.2, 0.1)
                                .shortOf(new Shortfall(Shortfall.Kind.UNITS_FOR_MEAN, 100, 200)))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
    }

    @Test
    void givesUpOnlyWhenEverySuccessMetricIsHopelessAndSuperiorityIsAskedFor() {
        EvidencePlan two =
                byKey("kind: ab, share: 40%, require: superiority", SUCCESS, "kind: brier, role: success, mde: 0.1");
        EvidencePlan guarded = byKey("kind: ab, share: 40%", SUCCESS, GUARDRAIL);

        assertThat(code(Snapshots.of(two).look(0, look -> look.interval(-0.1, 0.1))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(Snapshots.of(guarded).look(0, look -> look.interval(-0.1, 0.1))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
    }

    @Test
    void endsByUnitsAsByTime() {
        EvidencePlan plan = byKey("kind: ab, share: 40%, maximum: {units: 800}", GUARDRAIL);

        assertThat(code(Snapshots.of(plan).requests(1000, 799))).isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(Snapshots.of(plan).requests(1000, 800))).isEqualTo(ReasonCode.STAGE_ENDED);
    }

    @Test
    void namesEachOpenClaimWithItsThreshold() {
        Finding finding = judge(snapshot().look(1, look -> look.shows(Claim.NON_INFERIOR, 1)));

        assertThat(finding.reason())
                .isInstanceOfSatisfying(
                        NotShownYet.class,
                        reason -> assertThat(reason.open())
                                .extracting(open ->
                                        open.metric().spec().name() + " " + open.claim() + " " + open.threshold())
                                .containsExactly("m0 SUPERIOR " + SHOWN, "m1 NON_INFERIOR " + SHOWN));
        assertThat(judge(Snapshots.of(byKey("kind: ab, share: 40%", SUCCESS))).reason())
                .isInstanceOfSatisfying(
                        NotShownYet.class,
                        reason -> assertThat(reason.open())
                                .extracting(Open::claim)
                                .containsExactly(Claim.NON_INFERIOR));
        assertThat(judge(passing().look(0, look -> look)).reason())
                .isInstanceOfSatisfying(
                        NotShownYet.class, reason -> assertThat(reason.open()).hasSize(1));
    }
}
