package io.understudy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.judging.JudgedStage;
import io.understudy.judging.Ruling;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;
import io.understudy.schema.ArmTotals;
import io.understudy.schema.MetricEvaluation;
import io.understudy.statistics.Moments;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the generated windows contain. The judge counts it. */
class WorldTest {

    private static final String CANARY = "{kind: canary, share: 50%, minimum: {units: 1000000000}}";
    private static final String SHADOW = "{kind: shadow, minimum: {units: 1000000000}}";

    private static EvidencePlan plan(String unit, String kind, String... stages) {
        return SpecReader.evidence("""
                unit: %s
                window: 1h
                metrics: [{name: m, kind: %s, role: success, mde: 0.2}]
                stages: [%s]
                """.formatted(unit, kind, String.join(", ", stages)));
    }

    private static String bernoulli(double existing, double candidate, String more) {
        return "metrics: {m: {distribution: bernoulli, existing: " + existing + ", candidate: " + candidate + more
                + "}}";
    }

    /** Counts windows {@code from} to {@code to} - 1 of the world, all in stage {@code stage}. */
    private static Ruling count(World world, EvidencePlan plan, int stage, int from, int to) {
        JudgedStage counted = JudgedStage.empty(plan, stage);
        for (int window = from; window < to; window++) {
            counted.absorb(world.window(stage, window), plan.window().multipliedBy(window - from + 1L));
        }
        return counted.rule(plan.window().multipliedBy(to - (long) from));
    }

    private static World world(EvidencePlan plan, String truth) {
        return new World(plan, TruthReader.read(truth, plan), 5, 0);
    }

    private static MetricEvaluation metric(Ruling ruling) {
        return ruling.metrics().get(0);
    }

    private static double existing(Ruling ruling) {
        return Objects.requireNonNull(metric(ruling).getExisting().getEstimate());
    }

    private static double candidate(Ruling ruling) {
        return Objects.requireNonNull(metric(ruling).getCandidate().getEstimate());
    }

    private static ArmTotals existingTotals(Ruling ruling) {
        return Objects.requireNonNull(ruling.existing());
    }

    private static ArmTotals candidateTotals(Ruling ruling) {
        return Objects.requireNonNull(ruling.candidate());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.02, 0.5, 0.9})
    void ratesAreBinomialAndTheArmsAreSplitByChance(double rate) {
        EvidencePlan plan = plan("request", "conversion", "{kind: canary, share: 20%, minimum: {units: 1000000000}}");
        World world = world(plan, "units-per-window: 500\n" + bernoulli(rate, rate, ""));
        Moments candidates = Moments.NONE;
        Moments successes = Moments.NONE;
        for (int window = 0; window < 4000; window++) {
            Ruling ruling = count(world, plan, 0, window, window + 1);
            candidates = candidates.plus((double) candidateTotals(ruling).getRequests());
            successes = successes.plus(
                    Math.rint(existing(ruling) * existingTotals(ruling).getRequests()));
        }

        assertThat(candidates.mean()).isCloseTo(100, Offset.offset(1.0));
        assertThat(candidates.variance()).isCloseTo(80, Offset.offset(8.0));
        double mean = 400 * rate;
        assertThat(successes.mean()).isCloseTo(mean, Offset.offset(0.02 * mean));
        // The rate's own variance, and that of the number of requests.
        double variance = 500 * 0.8 * rate * (1 - 0.8 * rate);
        assertThat(successes.variance()).isCloseTo(variance, Offset.offset(0.1 * variance));
    }

    @Test
    void modelsChangeFromTheWindowThatTheTruthNames() {
        EvidencePlan plan = plan("request", "conversion", CANARY);
        World world = world(plan, "units-per-window: 1000\n" + bernoulli(0.1, 0.1, """
                , changes: [{from: 20, candidate: 0.3}, {from: 40, existing: 0.5, candidate: 0.2}]"""));

        Ruling before = count(world, plan, 0, 0, 20);
        Ruling broken = count(world, plan, 0, 20, 40);
        Ruling both = count(world, plan, 0, 40, 60);

        assertThat(candidate(before)).isCloseTo(0.1, Offset.offset(0.02));
        assertThat(existing(broken)).isCloseTo(0.1, Offset.offset(0.02));
        assertThat(candidate(broken)).isCloseTo(0.3, Offset.offset(0.02));
        assertThat(existing(both)).isCloseTo(0.5, Offset.offset(0.02));
        assertThat(candidate(both)).isCloseTo(0.2, Offset.offset(0.02));
    }

    @Test
    void modelsChangeInTheStageThatTheTruthNames() {
        EvidencePlan plan = plan("request", "conversion", CANARY, CANARY, CANARY);
        World world = world(
                plan,
                "units-per-window: 1000\n" + bernoulli(0.1, 0.1, ", changes: [{stage: 1, from: 5, candidate: 0.4}]"));

        assertThat(candidate(count(world, plan, 0, 0, 10))).isCloseTo(0.1, Offset.offset(0.02));
        assertThat(candidate(count(world, plan, 1, 10, 15))).isCloseTo(0.1, Offset.offset(0.03));
        assertThat(candidate(count(world, plan, 1, 15, 25))).isCloseTo(0.4, Offset.offset(0.03));
        assertThat(candidate(count(world, plan, 2, 25, 26))).isCloseTo(0.4, Offset.offset(0.08));
    }

    @Test
    void theEffectDiffersByCycleAndNotWithinOne() {
        EvidencePlan plan = plan("request", "conversion", CANARY);
        World world = world(
                plan, "units-per-window: 2000\n" + bernoulli(0.5, 0.5, ", effect-by-cycle: {windows: 10, sd: 0.2}"));
        List<Double> cycles = new ArrayList<>();
        for (int cycle = 0; cycle < 40; cycle++) {
            double first = candidate(count(world, plan, 0, 10 * cycle, 10 * cycle + 5));
            double second = candidate(count(world, plan, 0, 10 * cycle + 5, 10 * cycle + 10));
            assertThat(first).isCloseTo(second, Offset.offset(0.05));
            cycles.add(second - 0.5);
        }
        double mean = cycles.stream().mapToDouble(x -> x).average().orElseThrow();
        double meanSquare = cycles.stream().mapToDouble(x -> x * x).average().orElseThrow();

        assertThat(mean).isCloseTo(0, Offset.offset(0.1));
        assertThat(Math.sqrt(meanSquare)).isBetween(0.14, 0.26);
    }

    @Test
    void outcomesArriveLaterThanTheirRequests() {
        EvidencePlan plan = plan("request", "conversion", CANARY);
        World world = world(plan, "units-per-window: 1000\nlabel-delay: {from: 3, to: 5}\n" + bernoulli(0.5, 0.5, ""));

        Ruling none = count(world, plan, 0, 0, 3);
        Ruling some = count(world, plan, 0, 3, 5);
        Ruling all = count(world, plan, 0, 5, 6);

        assertThat(existingTotals(none).getRequests() + candidateTotals(none).getRequests())
                .isEqualTo(3000);
        assertThat(labelled(none)).isZero();
        assertThat(labelled(some)).isBetween(800L, 1200L);
        assertThat(labelled(all)).isBetween(900L, 1100L);
        assertThat(metric(all).getExisting().getUnits())
                .isEqualTo(existingTotals(all).getLabelled());
    }

    private static long labelled(Ruling ruling) {
        return existingTotals(ruling).getLabelled() + candidateTotals(ruling).getLabelled();
    }

    @Test
    void anExponentialDelayHasItsMeanAndOutcomesAfterTheirWindowDoNotCount() {
        EvidencePlan plan = plan("request", "conversion", CANARY);
        World world = world(plan, "units-per-window: 1000\nlabel-delay: {mean: 12}\n" + bernoulli(0.5, 0.5, ""));

        Ruling counted = count(world, plan, 0, 0, 100);

        // The outcome window is 24 windows long; e^-2 of all outcomes take longer.
        double coverage = labelled(counted) / 100_000.0;
        assertThat(coverage).isBetween(0.68, 0.88);
        assertThat(labelled(count(world, plan, 0, 100, 101))).isBetween(830L, 900L);
    }

    @Test
    void zerosOfOneArmAreLost() {
        EvidencePlan plan = plan("request", "conversion", CANARY);
        World world =
                world(plan, "units-per-window: 1000\n" + bernoulli(0.5, 0.5, ", lost: {candidate: {zeros: 20%}}"));

        Ruling counted = count(world, plan, 0, 0, 40);

        assertThat(existing(counted)).isCloseTo(0.5, Offset.offset(0.02));
        assertThat(candidate(counted)).isCloseTo(0.5 / 0.9, Offset.offset(0.02));
        assertThat((double) candidateTotals(counted).getLabelled()
                        / candidateTotals(counted).getRequests())
                .isCloseTo(0.9, Offset.offset(0.01));
        assertThat(existingTotals(counted).getLabelled())
                .isEqualTo(existingTotals(counted).getRequests());
    }

    @Test
    void aPairIsLostWithTheOutcomeOfEitherModel() {
        EvidencePlan plan = plan("request", "accuracy", SHADOW);
        World world = world(
                plan,
                "units-per-window: 1000\n"
                        + bernoulli(0.5, 0.5, ", lost: {existing: {others: 40%}, candidate: {zeros: 20%}}"));

        Ruling counted = count(world, plan, 0, 0, 20);

        assertThat((double) metric(counted).getExisting().getUnits())
                .isCloseTo(20_000 * 0.8 * 0.9, Offset.offset(300.0));
        assertThat(metric(counted).getCandidate().getUnits())
                .isEqualTo(metric(counted).getExisting().getUnits());
    }

    @Test
    void oneArmLosesUnits() {
        EvidencePlan plan = plan("key", "conversion", "{kind: canary, share: 20%}");
        World world = world(plan, "units-per-window: 1000\nlost-units: {candidate: 10%}\n" + bernoulli(0.5, 0.5, ""));

        Ruling counted = count(world, plan, 0, 0, 40);

        assertThat((double) candidateTotals(counted).getRequests()).isCloseTo(40_000 * 0.18, Offset.offset(300.0));
        assertThat((double) existingTotals(counted).getRequests()).isCloseTo(40_000 * 0.8, Offset.offset(300.0));
    }

    @Test
    void keysReturnInTheSameArmAndAreLostForGood() {
        EvidencePlan plan = plan("key", "conversion", CANARY);
        World world = world(
                plan, "units-per-window: 500\nkeys: 300\nlost-units: {candidate: 50%}\n" + bernoulli(0.5, 0.5, ""));

        Ruling counted = count(world, plan, 0, 0, 40);

        long existing = existingTotals(counted).getUnits();
        long candidate = candidateTotals(counted).getUnits();
        assertThat(existing).isBetween(120L, 180L);
        assertThat(candidate).isBetween(50L, 100L);
        assertThat(counted.reason()).doesNotContain("both arms");
        assertThat(existingTotals(counted).getRequests()).isGreaterThan(20 * existing);
    }

    @Test
    void aKeyBehavesAlikeWhenItReturns() {
        EvidencePlan plan = plan("key", "value", CANARY);
        String distribution =
                "metrics: {m: {distribution: normal, existing: {mean: 0, sd: 1}, candidate: {mean: 0, sd: 1}}}";
        String pool = "units-per-window: 500\nkeys: 400\n";

        double independent = standardError(plan, pool + distribution);
        double alike = standardError(plan, pool + "intra-key-correlation: 0.5\n" + distribution);

        // Fifty requests a key: the variance of a mean grows by 1 + 49 * 0.5, its standard error by 5.
        assertThat(alike / independent).isBetween(3.5, 6.5);
    }

    private static double standardError(EvidencePlan plan, String truth) {
        return Objects.requireNonNull(
                metric(count(world(plan, truth), plan, 0, 0, 40)).getStandardError());
    }

    @Test
    void requestsWhoseClockIsAheadCountInLaterWindows() {
        EvidencePlan plan = plan("request", "conversion", CANARY);
        World world = world(
                plan,
                "units-per-window: 1000\nahead: {requests: 30%, windows: 10}\n"
                        + bernoulli(0.1, 0.1, ", changes: [{from: 10, candidate: 0.9}]"));

        Ruling first = count(world, plan, 0, 0, 10);
        Ruling second = count(world, plan, 0, 10, 20);

        assertThat((double) existingTotals(first).getRequests()).isCloseTo(3500, Offset.offset(200.0));
        assertThat((double) existingTotals(second).getRequests()).isCloseTo(5000, Offset.offset(200.0));
        assertThat(candidate(second)).isCloseTo(0.7 * 0.9 + 0.3 * 0.1, Offset.offset(0.03));
    }

    @Test
    void aNewStageDoesNotCountWhatIsDelayedFromTheOneBefore() {
        EvidencePlan plan = plan("request", "conversion", CANARY, CANARY);
        World world = world(plan, "units-per-window: 1000\nlabel-delay: 3\n" + bernoulli(0.5, 0.5, ""));

        count(world, plan, 0, 0, 10);

        assertThat(labelled(count(world, plan, 1, 10, 13))).isZero();
        assertThat(labelled(count(world, plan, 1, 13, 14))).isEqualTo(1000);
    }

    @Test
    void equalSeedsGiveEqualData() {
        EvidencePlan plan = plan("key", "conversion", CANARY);
        String truth = """
                units-per-window: 200
                keys: 1000
                label-delay: {mean: 2}
                lost-units: {existing: 5%}
                ahead: {requests: 5%, windows: 3}
                """ + bernoulli(0.5, 0.5, ", effect-by-cycle: {windows: 4, sd: 0.1}, lost: {candidate: 5%}");
        Ruling one = count(world(plan, truth), plan, 0, 0, 20);

        assertThat(count(world(plan, truth), plan, 0, 0, 20)).isEqualTo(one);
        assertThat(count(new World(plan, TruthReader.read(truth, plan), 5, 1), plan, 0, 0, 20))
                .isNotEqualTo(one);
    }
}
