package io.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SignBetsTest {

    private static SignBets bets(double... values) {
        SignBets bets = SignBets.NONE;
        for (double value : values) {
            bets = bets.plus(value);
        }
        return bets;
    }

    private static double logEvidence(double... values) {
        return bets(values).logEvidence();
    }

    @Test
    void betsOnThePositiveSignByTheHyperbolicTangent() {
        // One observation is as large as its root mean square.
        double expected = 0;
        double[] means = {0.25, 0.5, 1, 2, 4};
        double[] weights = {0.125, 0.125, 0.5, 0.125, 0.125};
        for (int i = 0; i < means.length; i++) {
            expected += weights[i] * (1 + Math.tanh(means[i] * Math.sqrt(1 + means[i] * means[i])));
        }

        assertThat(logEvidence(3)).isCloseTo(Math.log(expected), within(1e-12));
        assertThat(logEvidence(-3)).isCloseTo(Math.log(2 - expected), within(1e-12));
    }

    @Test
    void isNeverMoreThanTheSignsCanShow() {
        assertThat(logEvidence(1, 1, 1, 1)).isLessThan(4 * Math.log(2));
        assertThat(logEvidence(1, 1, 1, 1, 1, 1)).isGreaterThan(Math.log(20));
    }

    @Test
    void oneLargeLossOutweighsManySmallGains() {
        assertThat(logEvidence(1, 1, 1, 1, 1, 1, 1, -10)).isLessThan(0);
        assertThat(logEvidence(1, 1, 1, 1, 1, 1, 1, -0.1)).isGreaterThan(2);
    }

    @Test
    void doesNotDependOnTheUnit() {
        assertThat(logEvidence(300, -100, 200)).isCloseTo(logEvidence(3e-7, -1e-7, 2e-7), within(1e-12));
    }

    @Test
    void saysNothingOfNothing() {
        assertThat(SignBets.NONE.logEvidence()).isCloseTo(0, within(1e-12));
        assertThat(logEvidence(0, 0, 0)).isCloseTo(0, within(1e-12));
    }

    private static long alarms(ToDoubleFunction<Random> symmetric) {
        Random random = new Random(5);
        return IntStream.range(0, 2000)
                .filter(run -> {
                    SignBets bets = SignBets.NONE;
                    boolean alarm = false;
                    for (int look = 0; look < 40; look++) {
                        bets = bets.plus(symmetric.applyAsDouble(random));
                        alarm |= bets.logEvidence() >= Math.log(20);
                    }
                    return alarm;
                })
                .count();
    }

    @Test
    void rarelyReachesTwentyAtAnyLookIfTheObservationsAreSymmetric() {
        assertThat(alarms(Random::nextGaussian)).as("normal").isBetween(20L, 100L);
        assertThat(alarms(random -> random.nextBoolean() ? 1 : -1))
                .as("two values")
                .isBetween(20L, 100L);
        assertThat(alarms(random -> Math.tan(Math.PI * (random.nextDouble() - 0.5))))
                .as("Cauchy, without a mean")
                .isBetween(5L, 100L);
    }
}
