package io.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.plan.EvidencePlan;
import io.understudy.schema.Arm;
import io.understudy.testing.Plans;
import io.understudy.testing.Windows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatencyEvidenceTest {

    private static final String P95 = "kind: latency-quantile, role: guardrail, margin: 1.1x, quantile: 0.95";
    private static final double Z95 = 1.6449;
    private static final double THRESHOLD = Math.log(20);

    /** Lognormal latencies of both models, around 20 ms; the candidate's are {@code factor} times as great. */
    private record Latencies(double factor, double existingSpread, double candidateSpread, double share) {

        /** What is to be seen after each window. */
        List<MetricLook> looks(EvidencePlan plan, int windows, long seed) {
            Random random = new Random(seed);
            StageEvidence evidence = StageEvidence.empty(plan, 0);
            List<MetricLook> looks = new ArrayList<>();
            for (int window = 1; window <= windows; window++) {
                evidence.absorb(window(plan, random), plan.window().multipliedBy(window));
                looks.add(evidence.snapshot(Duration.ZERO).metrics().get(0));
            }
            return looks;
        }

        WindowCounts window(EvidencePlan plan, Random random) {
            WindowCounts counts = Windows.empty(plan);
            for (int i = 0; i < 400; i++) {
                int key = random.nextInt(5000);
                Random ofKey = new Random(key);
                double slowness = plan.isByKey() ? 0.2 * ofKey.nextGaussian() : 0;
                boolean byCandidate = (plan.isByKey() ? ofKey : random).nextDouble() < share;
                double spread = byCandidate ? candidateSpread : existingSpread;
                double latency = 20 * Math.exp(slowness + spread * random.nextGaussian());
                byte[] bytes = {(byte) key, (byte) (key >> 8)};
                Arm arm = byCandidate ? Arm.CANDIDATE : Arm.EXISTING;
                counts.request(arm, bytes);
                counts.observe(0, arm, WindowCounts.bucket(bytes), byCandidate ? factor * latency : latency);
            }
            return counts;
        }
    }

    private static EvidencePlan plan(String unit) {
        return "key".equals(unit) ? Plans.byKey(Plans.AB, P95) : Plans.byRequest(Plans.AB, P95);
    }

    @ParameterizedTest
    @CsvSource({"request, 0.5", "request, 0.1", "key, 0.5"})
    void passesTheSameLatenciesAndAbortsMuchGreaterOnes(String unit, double share) {
        List<MetricLook> same = new Latencies(1, 0.4, 0.4, share).looks(plan(unit), 80, 1);
        List<MetricLook> slow = new Latencies(1.3, 0.4, 0.4, share).looks(plan(unit), 80, 2);

        assertThat(highest(same, Claim.NON_INFERIOR)).isGreaterThan(THRESHOLD);
        assertThat(highest(same, Claim.HARM)).isLessThan(1);
        assertThat(highest(slow, Claim.NON_INFERIOR)).isLessThan(1);
        assertThat(highest(slow, Claim.HARM)).isGreaterThan(THRESHOLD);
    }

    private static double highest(List<MetricLook> looks, Claim claim) {
        return looks.stream()
                .mapToDouble(look -> look.of(claim).logEvidence())
                .max()
                .orElseThrow();
    }

    /** At the margin, each claim may be shown in 1 of 20 stages. 7 of 40 would be more than three standard deviations above. */
    @ParameterizedTest
    @CsvSource({"request, 0.4, 0.4", "request, 0.6, 0.3", "request, 0.3, 0.6", "key, 0.3, 0.3"})
    void showsNothingAtTheMargin(String unit, double existingSpread, double candidateSpread) {
        double factor = 1.1 * Math.exp(Z95 * (existingSpread - candidateSpread));
        Latencies atMargin = new Latencies(factor, existingSpread, candidateSpread, 0.5);
        EvidencePlan plan = plan(unit);

        List<List<MetricLook>> stages = IntStream.range(0, 40)
                .parallel()
                .mapToObj(run -> atMargin.looks(plan, 25, run))
                .toList();

        for (Claim claim : new Claim[] {Claim.NON_INFERIOR, Claim.HARM}) {
            assertThat(stages)
                    .filteredOn(stage -> highest(stage, claim) >= THRESHOLD)
                    .as("%s", claim)
                    .hasSizeLessThan(7);
        }
    }

    @Test
    void showsBothQuantilesAndHowOftenTheyAreExceeded() {
        MetricLook look =
                new Latencies(1, 0.4, 0.4, 0.5).looks(plan("request"), 80, 3).get(79);

        double p95 = 20 * Math.exp(Z95 * 0.4);
        assertThat(look.existing().estimate()).isCloseTo(p95, within(0.05 * p95));
        assertThat(look.candidate().estimate()).isCloseTo(p95, within(0.05 * p95));
        assertThat(look.effect()).as("log odds of exceeding 1.1 times").isBetween(-0.9, -0.3);
        assertThat(look.effect()).isBetween(look.low(), look.high());
        assertThat(look.high()).isNegative();
        assertThat(look.allowance()).isZero();
    }

    @Test
    void waitsUntilTheExistingModelsQuantileIsKnown() {
        EvidencePlan plan = plan("request");
        StageEvidence evidence = StageEvidence.empty(plan, 0);
        WindowCounts window = Windows.empty(plan);
        for (int i = 0; i < 399; i++) {
            window.observe(0, Arm.EXISTING, 0, i);
            window.observe(0, Arm.CANDIDATE, 0, 10_000);
        }
        evidence.absorb(window, Duration.ofSeconds(5));
        assertThat(evidence.snapshot(Duration.ZERO).metrics().get(0).shortfall())
                .contains(new Shortfall(Shortfall.Kind.ANSWERS_FOR_QUANTILE, 399, 400));

        evidence.absorb(window, Duration.ofSeconds(10));
        MetricLook look = evidence.snapshot(Duration.ZERO).metrics().get(0);
        assertThat(look.shortfall()).isEmpty();
        assertThat(look.harm().logEvidence())
                .as("no threshold before the window")
                .isNotPositive();
        assertThat(look.effect()).isNaN();
    }

    @Test
    void byKeyAStageKeepsNoLatenciesOfBuckets() {
        EvidencePlan plan = plan("key");
        StageEvidence evidence = StageEvidence.empty(plan, 0);
        Random random = new Random(3);
        for (int i = 0; i < 3; i++) {
            WindowCounts window = new Latencies(1, 0.4, 0.4, 0.5).window(plan, random);
            assertThat(((LatencyTally) window.tallies().get(0)).existing().cells())
                    .isNotEmpty();
            evidence.absorb(window, Duration.ofSeconds(5 + 5L * i));
        }
        LatencyTally total = (LatencyTally) evidence.total().tallies().get(0);

        assertThat(total.existing().cells()).isEmpty();
        assertThat(total.existing().histogram().total()).isBetween(500L, 700L);
        assertThat(total.existing().above().requests()).as("of the last window").isBetween(150L, 250L);
    }
}
