package io.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.commons.numbers.combinatorics.LogBinomialCoefficient;
import org.junit.jupiter.api.Test;

class StatisticsPropertyTest {

    @Property(tries = 300)
    void momentsMergeInAnyOrderAndGrouping(
            @ForAll @Size(max = 40) List<@DoubleRange(min = -1e3, max = 1e3) Double> values,
            @ForAll @IntRange(max = 40) int cut,
            @ForAll @DoubleRange(min = -1e6, max = 1e6) double offset) {
        double[] shifted = values.stream().mapToDouble(value -> value + offset).toArray();
        int at = Math.min(cut, shifted.length);
        Moments left = Moments.of(Arrays.copyOf(shifted, at));
        Moments right = Moments.of(Arrays.copyOfRange(shifted, at, shifted.length));
        Moments whole = Moments.of(shifted);
        same(left.merge(right), whole);
        same(right.merge(left), whole);
    }

    private static void same(Moments actual, Moments expected) {
        assertThat(actual.n()).isEqualTo(expected.n());
        assertThat(actual.mean()).isCloseTo(expected.mean(), within(1e-9 * (1 + Math.abs(expected.mean()))));
        assertThat(actual.m2()).isCloseTo(expected.m2(), within(1e-6 * (1 + expected.m2())));
        assertThat(actual.m4()).isCloseTo(expected.m4(), within(1e-6 * (1 + expected.m4())));
    }

    @Test
    void momentsKeepTheVarianceOfNumbersFarFromZero() {
        Moments moments = Moments.of(1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16);
        assertThat(moments.variance()).isEqualTo(30);
        assertThat(Moments.of(1, 1, 1, 5).m3()).isCloseTo(24, within(1e-12));
        assertThat(Moments.of(1, 1, 1, 5).m4()).isCloseTo(84, within(1e-12));
    }

    @Provide
    Arbitrary<TwoByTwoTable> tables() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 60),
                        Arbitraries.integers().between(0, 60),
                        Arbitraries.doubles().between(0, 1),
                        Arbitraries.doubles().between(0, 1))
                .as((na, nb, pa, pb) -> new TwoByTwoTable(na, (long) (na * pa), nb, (long) (nb * pb)));
    }

    @Property(tries = 200)
    void logEvidenceOfDisjointWindowsAdds(
            @ForAll @Size(max = 12) List<@From("tables") TwoByTwoTable> windows, @ForAll @IntRange(max = 12) int cut) {
        int at = Math.min(cut, windows.size());
        OddsRatioLikelihood whole = likelihood(windows);
        OddsRatioLikelihood left = likelihood(windows.subList(0, at));
        OddsRatioLikelihood right = likelihood(windows.subList(at, windows.size()));
        for (Side side : Side.values()) {
            double expected = whole.logEvidence(0, side);
            assertThat(left.merge(right).logEvidence(0, side)).isCloseTo(expected, within(1e-9));
            assertThat(right.merge(left).logEvidence(0, side)).isCloseTo(expected, within(1e-9));
        }
    }

    private static OddsRatioLikelihood likelihood(List<TwoByTwoTable> windows) {
        OddsRatioLikelihood likelihood = OddsRatioLikelihood.empty(0, Math.log(1.5));
        for (TwoByTwoTable window : windows) {
            likelihood = likelihood.plus(window);
        }
        return likelihood;
    }

    /** The definition of an e-value: its expectation under the null is 1, whatever the margins. */
    @Property(tries = 100)
    void expectsOneUnderTheNull(@ForAll("tables") TwoByTwoTable margins, @ForAll Side side) {
        long s = margins.successes();
        long na = margins.existingUnits();
        long nb = margins.candidateUnits();
        double expectation = 0;
        double chances = 0;
        for (long x = Math.max(0, s - na); x <= Math.min(nb, s); x++) {
            double chance = Math.exp(logChoose(nb, x) + logChoose(na, s - x) - logChoose(na + nb, s));
            TwoByTwoTable table = new TwoByTwoTable(na, s - x, nb, x);
            expectation += chance
                    * Math.exp(OddsRatioLikelihood.empty(0, 0.4).plus(table).logEvidence(0, side));
            chances += chance;
        }
        assertThat(chances).isCloseTo(1, within(1e-9));
        assertThat(expectation).isCloseTo(1, within(1e-9));
    }

    @Property(tries = 200)
    void binomialMixtureExpectsOneUnderTheNull(
            @ForAll @IntRange(max = 40) int n,
            @ForAll @DoubleRange(min = 0.05, max = 0.95) double p0,
            @ForAll @DoubleRange(min = 1, max = 200) double k,
            @ForAll Side side) {
        double expectation = 0;
        for (int x = 0; x <= n; x++) {
            double chance = Math.exp(logChoose(n, x) + x * Math.log(p0) + (n - x) * Math.log1p(-p0));
            expectation += chance * Math.exp(BinomialMixture.logEvidence(x, n - x, p0, k, side));
        }
        assertThat(expectation).isCloseTo(1, within(1e-6));
    }

    /** Where a tail underflows, data far on the other side must not turn into evidence. */
    @Test
    void givesNoEvidenceForTheWrongSideHoweverManyTheData() {
        for (long n = 100; n <= 1_000_000_000L; n *= 10) {
            assertThat(BinomialMixture.logEvidence(0, n, 0.05, 20, Side.GREATER))
                    .isNegative();
            assertThat(BinomialMixture.logEvidence(n / 10, n - n / 10, 0.05, 20, Side.LESS))
                    .isNegative();
            assertThat(BinomialMixture.logEvidence(n / 10, n - n / 10, 0.05, 20, Side.GREATER))
                    .isPositive();
            assertThat(BinomialMixture.logEvidence(n / 10, n, 0.5, 24, Side.GREATER))
                    .isNegative();
        }
        // The same tail by the function itself, where it does not underflow yet, and beyond.
        double before = BinomialMixture.logEvidence(10, 900, 0.5, 24, Side.GREATER);
        double beyond = BinomialMixture.logEvidence(10, 1100, 0.5, 24, Side.GREATER);
        assertThat(beyond).isLessThan(before).isGreaterThan(before - 1);
    }

    @Property(tries = 200)
    void undefinedIsNoEvidence(@ForAll Side side, @ForAll @DoubleRange(min = 0.01, max = 10) double tau) {
        assertThat(NormalMixture.logEvidence(Estimate.between(Moments.NONE, Moments.of(1)), tau, side))
                .isZero();
        assertThat(NormalMixture.logEvidence(Estimate.between(Moments.of(1, 1, 1), Moments.of(2, 2, 2)), tau, side))
                .isZero();
        assertThat(NormalMixture.logEvidence(
                        KeyGroupSums.difference(KeyGroupSums.empty(), KeyGroupSums.empty()), tau, side))
                .isZero();
        assertThat(OddsRatioLikelihood.empty(0, tau)
                        .plus(new TwoByTwoTable(50, 20, 0, 0))
                        .plus(new TwoByTwoTable(0, 0, 50, 0))
                        .plus(new TwoByTwoTable(30, 0, 30, 0))
                        .logEvidence(0, side))
                .isCloseTo(0, within(1e-12));
    }

    @Property(tries = 100)
    void bucketsMergeInAnyOrder(@ForAll @Size(max = 200) List<@IntRange(max = 511) Integer> buckets) {
        KeyGroupSums whole = KeyGroupSums.empty();
        KeyGroupSums left = KeyGroupSums.empty();
        KeyGroupSums right = KeyGroupSums.empty();
        for (int i = 0; i < buckets.size(); i++) {
            double value = i % 7;
            whole.add(buckets.get(i), value);
            (i % 2 == 0 ? left : right).add(buckets.get(i), value);
        }
        right.addAll(left);
        assertThat(right.requests()).isEqualTo(whole.requests());
        if (whole.requests() > 0) {
            assertThat(right.ratio()).isCloseTo(whole.ratio(), within(1e-12));
            assertThat(right.estimate().standardError())
                    .isEqualTo(whole.estimate().standardError(), within(1e-12));
        }
    }

    @Test
    void theVarianceBetweenUnitsCountsAndNotThatBetweenRequests() {
        KeyGroupSums sticky = KeyGroupSums.empty();
        KeyGroupSums once = KeyGroupSums.empty();
        for (int unit = 0; unit < KeyGroupSums.COUNT; unit++) {
            once.add(unit, unit % 2);
            for (int request = 0; request < 20; request++) {
                sticky.add(unit, unit % 2);
            }
        }
        assertThat(sticky.estimate().standardError())
                .as("twenty times the same answer is no more evidence")
                .isCloseTo(once.estimate().standardError(), within(1e-12));
    }

    /** Each bound at mean 1/2 is refuted in far fewer than alpha of the runs, at 100 looks each. */
    @Test
    void empiricalBernsteinHoldsAlphaAtEveryLookAndFindsARealDifference() {
        Random random = new Random(7);
        int refuted = 0;
        for (int run = 0; run < 400; run++) {
            EmpiricalBernstein mean = EmpiricalBernstein.empty(0, 1);
            boolean claimed = false;
            for (int look = 0; look < 100; look++) {
                double[] window = random.doubles(5).map(u -> u < 0.5 ? 0 : 1).toArray();
                mean = mean.plus(Moments.of(window));
                claimed |= mean.logEvidence(0.5, Side.GREATER) >= Math.log(1 / 0.05);
            }
            refuted += claimed ? 1 : 0;
        }
        assertThat(refuted / 400.0).isLessThan(0.05);
        EmpiricalBernstein low = EmpiricalBernstein.empty(0, 1);
        EmpiricalBernstein high = EmpiricalBernstein.empty(0, 1);
        for (int look = 0; look < 60; look++) {
            low = low.plus(Moments.of(random.doubles(10).map(u -> 0.3 * u).toArray()));
            high = high.plus(
                    Moments.of(random.doubles(10).map(u -> 0.3 + 0.3 * u).toArray()));
        }
        assertThat(EmpiricalBernstein.logEvidence(low, high, 0, Side.GREATER)).isGreaterThan(Math.log(20));
        assertThat(EmpiricalBernstein.logEvidence(low, high, 0, Side.LESS)).isLessThan(0.1);
        assertThat(low.interval(0.05)[0]).isLessThan(0.15).isGreaterThan(0);
        assertThat(low.interval(0.05)[1]).isGreaterThan(0.15).isLessThan(0.5);
    }

    @Test
    void sampleRatioAlarmsOnAGrossMismatchAndNotOnChance() {
        double[] shares = {0.95, 0.05};
        assertThat(SampleRatio.logEvidence(new long[] {9500, 500}, shares)).isLessThan(0);
        assertThat(SampleRatio.logEvidence(new long[] {9800, 200}, shares)).isGreaterThan(Math.log(1000));
        assertThat(SampleRatio.logEvidence(new long[] {0, 0}, shares)).isCloseTo(0, within(1e-12));
    }

    @Test
    void driftIsZeroBetweenEqualDistributionsAndVisibleBetweenOthers() {
        long[] same = {100, 100, 100, 100};
        long[] other = {160, 120, 80, 40};
        assertThat(Drift.populationStability(same, same)).isZero();
        assertThat(Drift.jensenShannon(same, same)).isZero();
        assertThat(Drift.logBayesFactor(same, same)).isNegative();
        assertThat(Drift.logBayesFactor(same, other)).isGreaterThan(Math.log(1000));
        assertThat(Drift.populationStability(same, other)).isGreaterThan(0.1);
    }

    @Test
    void theIntervalOfTheOddsRatioCoversTheTrueValueAndExcludesDistantOnes() {
        OddsRatioLikelihood likelihood = OddsRatioLikelihood.empty(0, Math.log(1.5));
        for (int window = 0; window < 200; window++) {
            likelihood = likelihood.plus(new TwoByTwoTable(500, 50, 500, 75));
        }
        // The odds ratio of 15 % to 10 %.
        double truth = Math.log((0.15 / 0.85) / (0.1 / 0.9));
        double[] interval = likelihood.interval(0.05);
        assertThat(interval[0]).isLessThan(truth).isGreaterThan(truth - 0.3);
        assertThat(interval[1]).isGreaterThan(truth).isLessThan(truth + 0.3);
    }

    private static double logChoose(long n, long k) {
        return LogBinomialCoefficient.value((int) n, (int) k);
    }
}
