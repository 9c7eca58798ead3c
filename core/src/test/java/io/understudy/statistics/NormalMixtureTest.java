package io.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class NormalMixtureTest {

    private static final double ALPHA = 0.05;

    @Test
    void theIntervalEndsWhereTheOneSidedTestsDo() {
        Estimate estimate = new Estimate(0.3, 0.1);
        double[] interval = NormalMixture.intervalAround(estimate, 0.2, ALPHA);
        assertThat(NormalMixture.logEvidenceAround(estimate.with(0.3 - interval[0], 0.1), 0.2, Side.GREATER))
                .isCloseTo(Math.log(1 / ALPHA), within(1e-6));
        assertThat(NormalMixture.logEvidenceAround(estimate.with(0.3 - interval[1], 0.1), 0.2, Side.LESS))
                .isCloseTo(Math.log(1 / ALPHA), within(1e-6));
    }

    @Test
    @Timeout(5)
    void theFirstOutcomesRefuteNoDifferenceAtAll() {
        Estimate ofFewKeys = new Estimate(0.1, 0.5, 3, 0, 0);
        assertThat(NormalMixture.intervalAround(ofFewKeys, 0.004, ALPHA))
                .containsExactly(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }
}
