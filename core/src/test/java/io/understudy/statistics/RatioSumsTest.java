package io.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RatioSumsTest {

    /** Units with one to five sessions, and about {@code perSession} in each; the more sessions, the less in each. */
    private static DeltaMethod.Sums units(RatioSums sums, int units, double perSession, long seed) {
        Random random = new Random(seed);
        double[] s = new double[5];
        for (int i = 0; i < units; i++) {
            double sessions = 1 + random.nextInt(5);
            double revenue = sessions * perSession + 3 * random.nextGaussian() - 0.5 * sessions * sessions;
            sums.add(i % RatioSums.COUNT, 1, revenue, sessions);
            s[0] += revenue;
            s[1] += revenue * revenue;
            s[2] += sessions;
            s[3] += sessions * sessions;
            s[4] += sessions * revenue;
        }
        return new DeltaMethod.Sums(units, s[0], s[1], s[2], s[3], s[4]);
    }

    @Test
    void agreesWithTheDeltaMethodOverUnits() {
        RatioSums existing = RatioSums.empty();
        RatioSums candidate = RatioSums.empty();
        Estimate delta = DeltaMethod.difference(units(existing, 40_000, 4, 1), units(candidate, 40_000, 4.1, 2));

        Estimate grouped = RatioSums.difference(existing, candidate);

        assertThat(grouped.difference()).isCloseTo(delta.difference(), within(1e-12));
        assertThat(grouped.standardError() / delta.standardError()).isCloseTo(1, within(0.08));
    }

    @Test
    void isTheMeanOfKeyGroupsIfEveryDenominatorIsOne() {
        RatioSums ratio = RatioSums.empty();
        RatioSums other = RatioSums.empty();
        KeyGroupSums mean = KeyGroupSums.empty();
        KeyGroupSums otherMean = KeyGroupSums.empty();
        Random random = new Random(3);
        for (int i = 0; i < 5000; i++) {
            double value = random.nextInt(8);
            int group = random.nextInt(RatioSums.COUNT);
            (i % 5 == 0 ? other : ratio).add(group, 1, value, 1);
            (i % 5 == 0 ? otherMean : mean).add(group, value);
        }
        Estimate expected = KeyGroupSums.difference(mean, otherMean);
        Estimate actual = RatioSums.difference(ratio, other);

        assertThat(actual.difference()).isCloseTo(expected.difference(), within(1e-12));
        assertThat(actual.standardError()).isCloseTo(expected.standardError(), within(1e-12));
    }

    @Test
    void mergesByAdding() {
        RatioSums together = RatioSums.empty();
        RatioSums left = RatioSums.empty();
        RatioSums right = RatioSums.empty();
        for (int i = 0; i < 1000; i++) {
            together.add(i % 7, 1, i, i % 3);
            (i % 2 == 0 ? left : right).add(i % 7, 1, i, i % 3);
        }
        left.addAll(right);

        assertThat(left.estimate()).isEqualTo(together.estimate());
        assertThat(left.observations()).isEqualTo(1000);
    }

    @Test
    void isUndefinedWithoutADenominator() {
        RatioSums none = RatioSums.empty();
        assertThat(none.ratio()).isNaN();
        none.add(1, 1, 5, 0);
        assertThat(none.ratio()).isNaN();
        assertThat(none.estimate().isDefined()).isFalse();
        assertThat(none.isLinear()).isFalse();
    }

    @Test
    void isNotLinearWhileFewUnitsHoldMostOfTheDenominator() {
        RatioSums even = RatioSums.empty();
        RatioSums uneven = RatioSums.empty();
        Random random = new Random(4);
        for (int i = 0; i < 5000; i++) {
            double y = random.nextGaussian();
            even.add(i % RatioSums.COUNT, 1, y, 1);
            uneven.add(i % RatioSums.COUNT, 1, y, i % RatioSums.COUNT < 3 ? 1000 : 1);
        }
        assertThat(even.isLinear()).isTrue();
        assertThat(uneven.isLinear()).isFalse();
    }
}
