package io.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class OddsRatioLikelihoodTest {

    private static final TwoByTwoTable TABLE = new TwoByTwoTable(1000, 100, 1000, 150);

    private static OddsRatioLikelihood empty() {
        return OddsRatioLikelihood.empty(0, 0.4);
    }

    @Test
    void aWindowThatCountsHalfHasHalfOfTheLikelihood() {
        double[] whole = empty().plus(TABLE).logLikelihood();
        double[] half = empty().plus(TABLE, 0.5).logLikelihood();

        for (int i = 0; i < whole.length; i++) {
            assertThat(half[i]).isEqualTo(whole[i] / 2);
        }
        assertThat(empty().plus(TABLE, 0).logEvidence(0, Side.GREATER)).isCloseTo(0, within(1e-12));
    }

    @Test
    void theMostLikelyOddsRatioIsThatOfTheTable() {
        double logOddsRatio = Math.log(150.0 / 850) - Math.log(100.0 / 900);

        assertThat(empty().plus(TABLE).mostLikely()).isCloseTo(logOddsRatio, within(0.01));
        assertThat(empty().mostLikely()).isNaN();
        assertThat(empty().plus(new TwoByTwoTable(100, 0, 100, 100)).mostLikely())
                .as("outside of the lattice")
                .isCloseTo(2, within(1e-9));
    }
}
