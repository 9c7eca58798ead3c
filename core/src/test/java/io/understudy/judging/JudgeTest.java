package io.understudy.judging;

import static io.understudy.judging.Judging.FIXED;
import static io.understudy.judging.Judging.FULL;
import static io.understudy.judging.Judging.HARM;
import static io.understudy.judging.Judging.MISMATCH;
import static io.understudy.judging.Judging.OVER;
import static io.understudy.judging.Judging.SHOWN;
import static io.understudy.judging.Judging.SUCCESS;
import static io.understudy.judging.Judging.code;
import static io.understudy.judging.Judging.judge;
import static io.understudy.judging.Judging.passing;
import static io.understudy.judging.Judging.snapshot;
import static io.understudy.testing.Plans.byRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.evidence.ArmLook;
import io.understudy.evidence.Claim;
import io.understudy.evidence.ClaimLook;
import io.understudy.evidence.CoverageLook.ArmCovered;
import io.understudy.evidence.CoverageLook.ArmsCovered;
import io.understudy.evidence.CycleLook;
import io.understudy.evidence.CycleProgress;
import io.understudy.evidence.KeySample;
import io.understudy.evidence.RecentLook;
import io.understudy.evidence.StageSnapshot;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.Verdict;
import io.understudy.testing.Plans;
import io.understudy.testing.Snapshots;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class JudgeTest {

    static Stream<Arguments> findings() {
        return Stream.of(
                found(
                        Verdict.INVALID,
                        ReasonCode.SAMPLE_RATIO_MISMATCH,
                        snapshot().sampleRatio(MISMATCH)),
                found(
                        Verdict.INVALID,
                        ReasonCode.UNEVEN_OUTCOMES,
                        snapshot().coverage(0, covered(0.9, 0.01, 0), covered(0.9, 0.01, MISMATCH))),
                found(
                        Verdict.HOLD,
                        ReasonCode.OUTCOMES_UNEVEN_SO_FAR,
                        passing().coverage(0, covered(0.9, 0.01, 0), ArmsCovered.NONE)),
                found(Verdict.INVALID, ReasonCode.KEYS_IN_BOTH_ARMS, snapshot().keys(new KeySample(1000, 1000, 22))),
                found(Verdict.ABORT, ReasonCode.LIMIT_EXCEEDED, snapshot().look(1, look -> look.overLimit(HARM))),
                found(
                        Verdict.ABORT,
                        ReasonCode.SUCCESS_METRIC_WORSE,
                        snapshot().look(0, look -> look.shows(Claim.HARM, HARM))),
                found(
                        Verdict.ABORT,
                        ReasonCode.GUARDRAIL_WORSE,
                        snapshot().look(1, look -> look.shows(Claim.HARM, HARM))),
                found(Verdict.NO_DATA, ReasonCode.NO_ANSWERS, snapshot().requests(0, 0)),
                found(
                        Verdict.NO_DATA,
                        ReasonCode.NO_CANDIDATE_ANSWERS,
                        snapshot().requests(1000, 0)),
                found(
                        Verdict.NO_DATA,
                        ReasonCode.NO_EXISTING_ANSWERS,
                        snapshot().requests(0, 1000)),
                found(Verdict.HOLD, ReasonCode.BELOW_MINIMUM, snapshot().requests(1000, 499)),
                found(
                        Verdict.INCONCLUSIVE,
                        ReasonCode.ENDED_BELOW_MINIMUM,
                        snapshot().requests(1000, 499).after(OVER)),
                found(
                        Verdict.HOLD,
                        ReasonCode.METRIC_UNOBSERVED,
                        passing()
                                .look(
                                        0,
                                        look -> look.shows(Claim.SUPERIOR, SHOWN)
                                                .candidate(0, Double.NaN))),
                found(Verdict.CONTINUE, ReasonCode.NOT_SHOWN_YET, snapshot()),
                found(Verdict.CONTINUE, ReasonCode.CYCLE_UNFINISHED, passingOverCycles(UNFINISHED)),
                found(Verdict.CONTINUE, ReasonCode.RECENTLY_WORSE, recentlyWorse()),
                found(Verdict.CONTINUE, ReasonCode.FIXED_TEST_WAITS, Snapshots.of(FIXED)),
                found(Verdict.PASS, ReasonCode.STAGE_PASSED, passing()),
                found(Verdict.PASS, ReasonCode.FULL_SHARE_SERVED, Snapshots.of(FULL)),
                found(Verdict.INCONCLUSIVE, ReasonCode.STAGE_ENDED, snapshot().after(OVER)),
                found(
                        Verdict.CONTINUE,
                        ReasonCode.NOT_WORTH_DETECTING,
                        snapshot().look(0, look -> look.interval(-0.1, 0.2))));
    }

    private static Snapshots recentlyWorse() {
        ArmLook arm = new ArmLook(100, 0.1);
        RecentLook worse = new RecentLook(Duration.ofMinutes(5), arm, arm, 0, true);
        return passing().look(0, look -> look.shows(Claim.SUPERIOR, SHOWN).recent(worse));
    }

    private static final CycleProgress UNFINISHED = new CycleProgress(7, false, Duration.ofHours(5));
    private static final CycleProgress ENDED = new CycleProgress(7, true, Duration.ofHours(24));

    /** A shadow that is judged over days. */
    private static Snapshots overCycles(CycleProgress progress) {
        return Snapshots.of(SpecReader.evidence("""
                        cycle: 24h
                        metrics:
                          - {name: m0, kind: accuracy, role: success, mde: 1.3}
                          - {name: m1, kind: error-rate, role: guardrail, margin: 2}
                        stages: [{kind: shadow, require: superiority, minimum: {cycles: 7}}]
                        """)).after(Duration.ofDays(8)).cycles(progress);
    }

    private static CycleLook cycles(double superior, double nonInferior, double harm) {
        return new CycleLook(6, 1, superior, nonInferior, harm, 0);
    }

    private static Snapshots passingOverCycles(CycleProgress progress) {
        return overCycles(progress)
                .look(0, look -> look.shows(Claim.SUPERIOR, SHOWN).cycles(cycles(SHOWN, SHOWN, 0)))
                .look(1, look -> look.shows(Claim.NON_INFERIOR, SHOWN).cycles(cycles(0, SHOWN, 0)));
    }

    @Test
    void overCyclesAStagePassesAtTheEndOfOne() {
        assertThat(code(passingOverCycles(ENDED))).isEqualTo(ReasonCode.STAGE_PASSED);
        assertThat(code(passingOverCycles(UNFINISHED))).isEqualTo(ReasonCode.CYCLE_UNFINISHED);
        assertThat(code(passingOverCycles(new CycleProgress(6, true, Duration.ofHours(24)))))
                .isEqualTo(ReasonCode.BELOW_MINIMUM);
    }

    @Test
    void afterItsMaximumAStageOverCyclesPassesAtAnyLookSoThatItCanBeResumed() {
        EvidencePlan plan = plan("cycle: 24h", "continue", ", maximum: {duration: 7d}");
        Snapshots shown = Snapshots.of(plan)
                .cycles(UNFINISHED)
                .look(0, look -> look.shows(Claim.SUPERIOR, SHOWN).cycles(cycles(SHOWN, SHOWN, 0)));

        assertThat(code(shown.after(Duration.ofHours(167)))).isEqualTo(ReasonCode.CYCLE_UNFINISHED);
        assertThat(code(shown.after(Duration.ofHours(169)))).isEqualTo(ReasonCode.STAGE_PASSED);
    }

    @Test
    void overCyclesEveryClaimNeedsTheirEvidenceBesideThatOfTheUnits() {
        assertThat(code(passingOverCycles(ENDED)
                        .look(0, look -> look.shows(Claim.SUPERIOR, SHOWN).cycles(cycles(SHOWN - 0.01, SHOWN, 0)))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(passingOverCycles(ENDED)
                        .look(1, look -> look.shows(Claim.NON_INFERIOR, SHOWN).cycles(cycles(SHOWN, SHOWN - 0.01, 0)))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(passingOverCycles(ENDED)
                        .look(
                                1,
                                look -> look.shows(Claim.NON_INFERIOR, SHOWN)
                                        .cycles(cycles(0, 0, 0))
                                        .negligible())))
                .as("faults so rare that they have no effect")
                .isEqualTo(ReasonCode.STAGE_PASSED);
    }

    @Test
    void inAShadowOverCyclesOnlyFaultsAbortBeforeACycleIsOver() {
        double harm = Math.log(2 / 0.05);

        assertThat(code(overCycles(UNFINISHED)
                        .look(0, look -> look.shows(Claim.HARM, harm).cycles(cycles(0, 0, harm)))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(overCycles(ENDED)
                        .look(0, look -> look.shows(Claim.HARM, harm).cycles(cycles(0, 0, 1)))))
                .as("harm in the hours of a few days, and not over days")
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(overCycles(ENDED)
                        .look(0, look -> look.shows(Claim.HARM, harm).cycles(cycles(0, 0, harm)))))
                .isEqualTo(ReasonCode.SUCCESS_METRIC_WORSE);
        assertThat(code(overCycles(UNFINISHED).look(1, look -> look.shows(Claim.HARM, harm))))
                .isEqualTo(ReasonCode.GUARDRAIL_WORSE);
    }

    private static EvidencePlan plan(String cycle, String policy, String maximum) {
        return SpecReader.evidence("""
                %s
                metrics: [{name: m0, kind: accuracy, role: success, mde: 1.3}]
                stages: [{kind: shadow, require: superiority%s}]
                policies: {inconclusive: %s}
                """.formatted(cycle, maximum, policy));
    }

    private static Verdict hopeless(EvidencePlan plan, CycleProgress progress) {
        Snapshots snapshot = Snapshots.of(plan)
                .look(0, look -> look.interval(-0.1, 0.1).cycles(new CycleLook(3, 4, 0, 0, 0, SHOWN)));
        Finding finding = judge(plan.cycle().isPresent() ? snapshot.cycles(progress) : snapshot);
        assertThat(finding.code()).isEqualTo(ReasonCode.NOT_WORTH_DETECTING);
        return finding.verdict();
    }

    @Test
    void nothingIsGivenUpBeforeTheMaximumOrTheEndOfWholeCycles() {
        String maximum = ", maximum: {duration: 30d}";

        assertThat(hopeless(plan("", "hold", maximum), ENDED)).isEqualTo(Verdict.CONTINUE);
        assertThat(hopeless(plan("", "abort", maximum), ENDED)).isEqualTo(Verdict.CONTINUE);
        assertThat(hopeless(plan("cycle: 24h", "hold", ""), UNFINISHED)).isEqualTo(Verdict.CONTINUE);
        assertThat(hopeless(plan("cycle: 24h", "hold", ""), ENDED)).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(hopeless(plan("cycle: 24h", "abort", ""), ENDED)).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void whatIsShownIsNeitherOpenNorGivenUp() {
        Snapshots better =
                snapshot().look(0, look -> look.shows(Claim.SUPERIOR, SHOWN).interval(0.01, 0.1));

        assertThat(code(better)).isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(ReasonText.of(judge(better).reason()))
                .contains("m1 not worse")
                .doesNotContain("m0 better");
    }

    @Test
    void withoutMaximumAndCyclesARolloutIsHeldAtMost() {
        assertThat(hopeless(plan("", "hold", ""), ENDED)).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(hopeless(plan("", "abort", ""), ENDED)).isEqualTo(Verdict.CONTINUE);
        assertThat(hopeless(plan("", "continue", ""), ENDED)).isEqualTo(Verdict.CONTINUE);
    }

    /** A thousand requests in each arm, all of the existing model's with their outcome. */
    private static ArmsCovered covered(double ofCandidate, double standardError, double logEvidenceBeyond) {
        return new ArmsCovered(
                new ArmCovered(1000, 1000),
                new ArmCovered(1000, Math.round(1000 * ofCandidate)),
                standardError,
                0,
                logEvidenceBeyond);
    }

    private static Arguments found(Verdict verdict, ReasonCode code, Snapshots snapshot) {
        return Arguments.of(verdict, code, snapshot.build());
    }

    @ParameterizedTest
    @MethodSource("findings")
    void finds(Verdict verdict, ReasonCode code, StageSnapshot snapshot) {
        Finding finding = Judge.judge(snapshot);

        assertThat(finding.code()).isEqualTo(code);
        assertThat(finding.verdict()).isEqualTo(verdict);
        assertThat(ReasonText.of(finding.reason())).isNotBlank();
    }

    @Test
    void everyReasonForAVerdictIsProduced() {
        List<ReasonCode> codes = Arrays.stream(ReasonCode.values())
                .filter(code -> code.group() == ReasonCode.Group.VERDICT
                        && code != ReasonCode.JUDGE_FAILED
                        && code != ReasonCode.LABELLED_RATIO_MISMATCH)
                .toList();

        List<ReasonCode> found = findings()
                .map(Arguments::get)
                .map(finding -> Judge.judge((StageSnapshot) finding[2]).code())
                .toList();

        assertThat(found).containsExactlyInAnyOrderElementsOf(codes);
    }

    @Test
    void theFirstRuleThatMatchesWins() {
        Snapshots everything = snapshot()
                .after(OVER)
                .requests(100_000, 100)
                .sampleRatio(MISMATCH)
                .keys(new KeySample(1000, 1000, 500))
                .look(0, look -> look.shows(Claim.HARM, HARM).shows(Claim.SUPERIOR, SHOWN))
                .look(1, look -> look.overLimit(HARM).shows(Claim.NON_INFERIOR, SHOWN));

        assertThat(code(everything)).isEqualTo(ReasonCode.SAMPLE_RATIO_MISMATCH);
        assertThat(code(everything.sampleRatio(0))).isEqualTo(ReasonCode.KEYS_IN_BOTH_ARMS);
        assertThat(code(everything.keys(new KeySample(1000, 1000, 0)))).isEqualTo(ReasonCode.LIMIT_EXCEEDED);
        assertThat(code(everything.look(1, look -> look.shows(Claim.NON_INFERIOR, SHOWN))))
                .isEqualTo(ReasonCode.SUCCESS_METRIC_WORSE);
        assertThat(code(everything.look(0, look -> look.shows(Claim.SUPERIOR, SHOWN))))
                .isEqualTo(ReasonCode.ENDED_BELOW_MINIMUM);
        assertThat(code(everything.requests(100_000, 0))).isEqualTo(ReasonCode.NO_CANDIDATE_ANSWERS);
        assertThat(code(everything.requests(1000, 1000))).isEqualTo(ReasonCode.STAGE_PASSED);
        assertThat(code(everything.look(0, look -> look.interval(-0.1, 0.1)))).isEqualTo(ReasonCode.STAGE_ENDED);
        assertThat(code(everything.after(OVER.minusMillis(1)))).isEqualTo(ReasonCode.NOT_WORTH_DETECTING);
    }

    @Test
    void outcomesThatAreUnevenSoFarHoldOnlyAPassBackAndOnlyBeyondTheTolerance() {
        assertThat(code(snapshot().coverage(0, covered(0.9, 0.01, MISMATCH), ArmsCovered.NONE)))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(passing().coverage(0, covered(0.979, 0.01, 0), ArmsCovered.NONE)))
                .isEqualTo(ReasonCode.OUTCOMES_UNEVEN_SO_FAR);
        assertThat(code(passing().coverage(0, covered(0.981, 0.01, 0), ArmsCovered.NONE)))
                .isEqualTo(ReasonCode.STAGE_PASSED);
        assertThat(code(passing().coverage(0, covered(0.9, 0.08, 0), ArmsCovered.NONE)))
                .isEqualTo(ReasonCode.STAGE_PASSED);
        assertThat(code(passing().coverage(0, ArmsCovered.NONE, ArmsCovered.NONE)))
                .as("nothing known of an arm")
                .isEqualTo(ReasonCode.STAGE_PASSED);
    }

    @Test
    void unevenOutcomesAreInvalidFromTheirThresholdOn() {
        assertThat(code(snapshot().coverage(0, ArmsCovered.NONE, covered(0.9, 0.01, Math.nextDown(MISMATCH)))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(snapshot().coverage(0, ArmsCovered.NONE, covered(0.9, 0.01, MISMATCH))))
                .isEqualTo(ReasonCode.UNEVEN_OUTCOMES);
    }

    @Test
    void aFaultThatNeedsNoOutcomeAbortsThoughOutcomesAreUneven() {
        Snapshots uneven = snapshot().coverage(0, ArmsCovered.NONE, covered(0.9, 0.01, MISMATCH));

        assertThat(code(uneven.look(0, look -> look.shows(Claim.HARM, HARM)))).isEqualTo(ReasonCode.UNEVEN_OUTCOMES);
        assertThat(code(uneven.look(1, look -> look.shows(Claim.HARM, HARM)))).isEqualTo(ReasonCode.GUARDRAIL_WORSE);
        assertThat(code(uneven.look(1, look -> look.overLimit(HARM)))).isEqualTo(ReasonCode.LIMIT_EXCEEDED);
    }

    @Test
    void aRatioIsAMismatchFromItsThresholdOn() {
        assertThat(code(snapshot().sampleRatio(Math.nextDown(MISMATCH)))).isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(snapshot().sampleRatio(MISMATCH))).isEqualTo(ReasonCode.SAMPLE_RATIO_MISMATCH);
    }

    @ParameterizedTest
    @CsvSource({"1000, 21, 22", "220, 8, 9", "100, 5, 6", "1, 1, 2", "0, 1, 2"})
    void keysAreInBothArmsWhenTheirShareExceedsOnePercentBeyondChance(long sampled, long byChance, long tooMany) {
        assertThat(code(snapshot().keys(new KeySample(100_000, sampled, byChance))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(snapshot().keys(new KeySample(sampled, 100_000, tooMany))))
                .isEqualTo(ReasonCode.KEYS_IN_BOTH_ARMS);
    }

    @Test
    void namesTheSampleWhoseKeysAreInBothArms() {
        assertThat(judge(snapshot().keys(new KeySample(2000, 1000, 500))).reason())
                .isEqualTo(new VerdictReason.KeysInBothArms(500, 1000, 0.01));
    }

    @Test
    void keysMayBeInBothArmsWhereRequestsAreTheUnits() {
        EvidencePlan byRequest = byRequest(Plans.AB + ", require: superiority", SUCCESS);

        assertThat(code(Snapshots.of(byRequest).keys(new KeySample(1000, 1000, 1000))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
    }

    @Test
    void aRateIsOverItsLimitByEvidenceAndByItsEstimate() {
        assertThat(code(snapshot().look(1, look -> look.overLimit(Math.nextDown(HARM)))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(snapshot().look(1, look -> look.overLimit(HARM).candidate(1000, 0.1))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(snapshot().look(1, look -> look.overLimit(HARM).candidate(1000, 0.1001))))
                .isEqualTo(ReasonCode.LIMIT_EXCEEDED);
        assertThat(code(snapshot().look(0, look -> look.overLimit(HARM))))
                .as("a metric without a limit")
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
    }

    @Test
    void aLimitHoldsInEveryStageAndBeforeAnyMinimum() {
        assertThat(code(snapshot().requests(10, 10).look(1, look -> look.overLimit(HARM))))
                .isEqualTo(ReasonCode.LIMIT_EXCEEDED);
        assertThat(code(Snapshots.of(FULL).look(0, look -> look.overLimit(HARM))))
                .isEqualTo(ReasonCode.LIMIT_EXCEEDED);
        assertThat(code(Snapshots.of(FIXED).look(1, look -> look.overLimit(HARM))))
                .isEqualTo(ReasonCode.LIMIT_EXCEEDED);
    }

    @Test
    void harmIsShownByTheEvidenceNowWhileTheEstimatePointsToIt() {
        ClaimLook shown = new ClaimLook(HARM, Double.NaN, true);
        ClaimLook refuted = new ClaimLook(HARM, Double.NaN, false);

        assertThat(code(snapshot().look(0, look -> look.claim(Claim.HARM, shown))))
                .isEqualTo(ReasonCode.SUCCESS_METRIC_WORSE);
        assertThat(code(snapshot().look(0, look -> look.claim(Claim.HARM, refuted))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
        assertThat(code(snapshot().look(0, look -> look.shows(Claim.HARM, Math.nextDown(HARM)))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
    }

    @Test
    void aMetricThatIsToDecideAndIsUnobservedNeverPasses() {
        assertThat(code(passing()
                        .look(1, look -> look.shows(Claim.NON_INFERIOR, SHOWN).existing(0, Double.NaN))))
                .isEqualTo(ReasonCode.METRIC_UNOBSERVED);
        assertThat(judge(passing()
                                .look(
                                        0,
                                        look -> look.shows(Claim.SUPERIOR, SHOWN)
                                                .candidate(0, Double.NaN))
                                .after(OVER))
                        .verdict())
                .isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(code(passing().look(2, look -> look.candidate(0, Double.NaN))))
                .as("a diagnostic")
                .isEqualTo(ReasonCode.STAGE_PASSED);
    }

    @Test
    void aDiagnosticDoesNoHarm() {
        assertThat(code(snapshot().look(2, look -> look.shows(Claim.HARM, 100))))
                .isEqualTo(ReasonCode.NOT_SHOWN_YET);
    }

    @Test
    void aFixedStageIsNotAbortedByLooks() {
        assertThat(code(Snapshots.of(FIXED).look(1, look -> look.shows(Claim.HARM, 100))))
                .isEqualTo(ReasonCode.FIXED_TEST_WAITS);
    }
}
