package io.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SampleRatioOfEstimatesTest {

    private static final double[] COUNTS = {38_500, 1500};

    @Test
    void exactCountsAreTestedAsTheyAre() {
        assertThat(SampleRatio.logEvidenceOfEstimates(COUNTS, new double[] {0, 0}, 0.05))
                .isEqualTo(SampleRatio.logEvidence(new long[] {38_500, 1500}, new double[] {0.95, 0.05}));
    }

    @Test
    void theLessSureTheEstimatesTheLessTheyShow() {
        double exact = SampleRatio.logEvidenceOfEstimates(COUNTS, new double[] {0, 0}, 0.05);
        double estimated = SampleRatio.logEvidenceOfEstimates(COUNTS, new double[] {1e-4, 1e-4}, 0.05);
        double rough = SampleRatio.logEvidenceOfEstimates(COUNTS, new double[] {0.04, 0.04}, 0.05);

        assertThat(exact).isGreaterThan(estimated);
        assertThat(estimated).isGreaterThan(Math.log(1000));
        assertThat(rough).as("an error of 20 % of each").isLessThan(1);
    }
}
