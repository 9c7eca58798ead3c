package io.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.understudy.statistics.MarginVariance.Arm;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The numbers come from a search for the highest likelihood on a grid, which knows none of the closed formulas. */
class MarginVarianceTest {

    private static final double PRECISION_PERCENT = 0.001;

    @ParameterizedTest
    @CsvSource({
        "0.2, 1000, 0.22, 500, 0.02, 5.031999971e-4",
        "0.2, 1000, 0.18, 500, 0.02, 4.809402568e-4",
        "0.01, 900, 0, 50, 0.01, 3.922125632e-4",
        "0.5, 100, 0.4, 300, -0.05, 3.293431743e-3",
        "0, 400, 0, 300, 0.02, 6.533333333e-5"
    })
    void ofRatesThatDifferByTheMargin(double pa, double na, double pb, double nb, double difference, double expected) {
        assertThat(MarginVariance.ofDifference(new Arm(pa, na), new Arm(pb, nb), difference))
                .isCloseTo(expected, withinPercentage(PRECISION_PERCENT));
    }

    @ParameterizedTest
    @CsvSource({
        "0.1, 1000, 0.1, 500, 1.5, 3.705011312e-4",
        "0.01, 900, 0, 50, 2, 3.890058159e-4",
        "0.5, 100, 0.4, 300, 0.6666666666666666, 3.103999974e-3",
        "0.3, 10, 0.6, 20, 3, 3.892972867e-2"
    })
    void ofRatesWhoseOddsDifferByTheMargin(
            double pa, double na, double pb, double nb, double oddsRatio, double expected) {
        assertThat(MarginVariance.ofOddsRatio(new Arm(pa, na), new Arm(pb, nb), oddsRatio))
                .isCloseTo(expected, withinPercentage(PRECISION_PERCENT));
    }

    @ParameterizedTest
    @CsvSource({
        "300, 0.02, 0.01, 0.03, 1.709330472e-4",
        "300, 0, 0, 0.02, 6.533333333e-5",
        "1000, 0.1, 0.05, 0.02, 1.571075298e-4",
        "200, 0, 0.05, 0.01, 2.0199999986e-4"
    })
    void ofPairsWhoseRatesDifferByTheMargin(double pairs, double better, double worse, double margin, double expected) {
        assertThat(MarginVariance.ofPairs(pairs, better, worse, margin))
                .isCloseTo(expected, withinPercentage(PRECISION_PERCENT));
    }
}
