package io.understudy.judging;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.evidence.WindowCounts;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.Arm;
import io.understudy.schema.MetricEvaluation;
import io.understudy.schema.StageEvidenceState;
import io.understudy.schema.Verdict;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Candidates whose effect differs from day to day. */
class CyclesTest {

    private static final int REQUESTS_AN_HOUR = 40;

    private static EvidencePlan plan(String unit, String minimum) {
        return SpecReader.evidence("""
                unit: %s
                window: 1h
                cycle: 24h
                metrics: [{name: loss, kind: squared-error, role: success, mde: 0.1}]
                stages: [{kind: shadow, require: superiority, minimum: {%s}}]
                """.formatted(unit, minimum));
    }

    private static WindowCounts hour(EvidencePlan plan, Random random, double improvement) {
        WindowCounts window = WindowCounts.empty(plan.stages().get(0), plan.isByKey());
        for (int i = 0; i < REQUESTS_AN_HOUR; i++) {
            byte[] key =
                    ByteBuffer.allocate(Long.BYTES).putLong(random.nextLong()).array();
            window.request(Arm.EXISTING, key);
            window.request(Arm.CANDIDATE, key);
            window.observePair(
                    0, WindowCounts.bucket(key), 1 + random.nextGaussian(), 1 - improvement + random.nextGaussian());
        }
        return window;
    }

    /** The rulings of every hour, until a decisive one; the stage is written and read again each morning. */
    private static List<Ruling> days(EvidencePlan plan, Random random, int days, IntToDoubleFunction improvement) {
        List<Ruling> rulings = new ArrayList<>();
        JudgedStage stage = JudgedStage.empty(plan, 0);
        for (int hour = 0; hour < 24 * days; hour++) {
            if (hour % 24 == 7) {
                stage = JudgedStage.restore(stage.save(record()).build(), plan, 0);
            }
            Duration end = Duration.ofHours(hour + 1);
            stage.absorb(hour(plan, random, improvement.applyAsDouble(hour)), end);
            rulings.add(stage.rule(end));
            if (last(rulings).isDecisive()) {
                break;
            }
        }
        return rulings;
    }

    private static StageEvidenceState.Builder record() {
        return StageEvidenceState.newBuilder()
                .setDeployment("d")
                .setRollout("r")
                .setStage(0)
                .setEpoch(1)
                .setStateVersion(1)
                .setJudgedTo(0);
    }

    private static Ruling last(List<Ruling> rulings) {
        return rulings.get(rulings.size() - 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"request", "key"})
    void aCandidateThatIsBetterEveryDayPassesAtTheEndOfADay(String unit) {
        List<Ruling> rulings = days(plan(unit, "cycles: 7"), new Random(1), 14, hour -> hour / 24 % 2 == 0 ? 0.3 : 0.2);

        assertThat(last(rulings).verdict()).isEqualTo(Verdict.PASS);
        assertThat(rulings).hasSize(7 * 24);
        MetricEvaluation loss = last(rulings).metrics().get(0);
        assertThat(loss.getCyclesBetter()).isEqualTo(7);
        assertThat(loss.getCyclesWorse()).isZero();
        assertThat(loss.getLogEvidenceOfCycles()).isGreaterThan(loss.getThreshold());
        assertThat(rulings.get(6 * 24 + 5).code()).isEqualTo(ReasonCode.BELOW_MINIMUM.name());
        assertThat(rulings.get(6 * 24 + 5).reason()).contains("6 of 7 cycles");
    }

    @Test
    void betweenTheEndsOfCyclesWhatIsShownWaits() {
        List<Ruling> rulings = days(plan("request", "cycles: 3"), new Random(2), 14, hour -> hour < 96 ? 0.2 : 0.4);

        assertThat(last(rulings).verdict()).isEqualTo(Verdict.PASS);
        assertThat(rulings.size() % 24).isZero();
    }

    @Test
    void anEffectThatDiffersByDayAndIsNoneInTheMeanIsNotPromoted() {
        EvidencePlan plan = plan("request", "cycles: 2");
        long promoted = IntStream.range(0, 60)
                .parallel()
                .filter(run -> {
                    Random random = new Random(run);
                    double[] effects = random.doubles(15, -1, 1).toArray();
                    return last(days(plan, random, 15, hour -> effects[hour / 24]))
                                    .verdict()
                            == Verdict.PASS;
                })
                .count();

        assertThat(promoted).isLessThanOrEqualTo(8);
    }

    @Test
    void aBetterCandidateIsNotAbortedForTheBadHoursOfItsFirstDays() {
        List<Ruling> rulings =
                days(plan("request", "cycles: 5"), new Random(3), 14, hour -> hour % 24 < 8 ? -0.4 : 0.6);

        assertThat(rulings.get(7).metrics().get(0).getLogEvidenceOfHarm())
                .as("what would abort where users are served")
                .isGreaterThan(rulings.get(7).metrics().get(0).getThresholdOfHarm());
        assertThat(rulings).extracting(Ruling::verdict).doesNotContain(Verdict.ABORT);
        assertThat(last(rulings).verdict()).isEqualTo(Verdict.PASS);
    }

    @Test
    void aCandidateThatIsWorseEveryDayIsAbortedOverDays() {
        List<Ruling> rulings = days(plan("request", "cycles: 2"), new Random(4), 14, hour -> -0.3);

        assertThat(last(rulings).code()).isEqualTo(ReasonCode.SUCCESS_METRIC_WORSE.name());
        assertThat(rulings.size()).isEqualTo(24 * (rulings.size() / 24)).isLessThanOrEqualTo(7 * 24);
    }

    @Test
    void aCycleWithoutRequestsIsNoneOfTheMinimum() {
        EvidencePlan plan = plan("request", "cycles: 3");
        JudgedStage stage = JudgedStage.empty(plan, 0);
        Random random = new Random(6);
        for (int hour = 0; hour < 30; hour++) {
            stage.absorb(hour(plan, random, 0.3), Duration.ofHours(hour + 1L));
        }

        assertThat(stage.rule(Duration.ofDays(7)).reason()).contains("2 of 3 cycles");
    }

    @Test
    void aGainThatComesLateIsShown() {
        List<Ruling> rulings = days(plan("request", "cycles: 2"), new Random(5), 60, hour -> hour < 120 ? 0 : 0.4);

        assertThat(last(rulings).verdict()).isEqualTo(Verdict.PASS);
        assertThat(last(rulings).metrics().get(0).getCyclesBetter()).isGreaterThan(5);
    }
}
