package io.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CoverageTest {

    private static final double ALARM = Math.log(1000);

    private static long[] one(long count) {
        return new long[] {count};
    }

    /** {@code perBucket} in each bucket. */
    private static long[] even(long perBucket) {
        long[] counts = new long[KeyGroupSums.COUNT];
        Arrays.fill(counts, perBucket);
        return counts;
    }

    @Test
    void theDifferenceOfIndependentRequestsHasTheVarianceOfBothArmsTogether() {
        Estimate estimate = Coverage.difference(one(1000), one(990), one(500), one(450));

        double pooled = 1440.5 / 1501;
        assertThat(estimate.difference()).isEqualTo(-0.09, within(1e-12));
        assertThat(estimate.standardError())
                .isEqualTo(Math.sqrt(pooled * (1 - pooled) * (1.0 / 1000 + 1.0 / 500)), within(1e-12));
    }

    @Test
    void requestsOfAKeyShareTheirFateSoTheDifferenceIsLessSure() {
        long[] observed = even(100);
        for (int bucket = 0; bucket < 51; bucket++) {
            observed[bucket] = 0;
        }
        Estimate clustered = Coverage.difference(even(100), even(100), even(100), observed);
        Estimate independent = Coverage.difference(one(51_200), one(51_200), one(51_200), one(46_100));

        assertThat(clustered.difference()).isEqualTo(independent.difference(), within(1e-12));
        assertThat(clustered.standardError()).isGreaterThan(5 * independent.standardError());
    }

    @Test
    void nothingMissingIsNoDifferenceAndNoEvidence() {
        Estimate estimate = Coverage.difference(even(2), even(2), even(2), even(2));

        assertThat(estimate.difference()).isZero();
        assertThat(estimate.isDefined()).isTrue();
        assertThat(Coverage.logEvidenceBeyond(estimate, 512, 0)).isNegative();
    }

    @Test
    void anArmWithoutRequestsHasNoCoverage() {
        assertThat(Coverage.difference(one(0), one(0), one(500), one(450)).isDefined())
                .isFalse();
    }

    @Test
    void onlyWhatIsBeyondTheToleranceIsEvidenceInEitherDirection() {
        Estimate less = new Estimate(-0.05, 0.004);
        Estimate more = new Estimate(0.05, 0.004);

        assertThat(Coverage.logEvidenceBeyond(less, 1000, 0.02)).isGreaterThan(ALARM);
        assertThat(Coverage.logEvidenceBeyond(more, 1000, 0.02))
                .isEqualTo(Coverage.logEvidenceBeyond(less, 1000, 0.02));
        assertThat(Coverage.logEvidenceBeyond(less, 1000, 0.05)).isNegative();
        assertThat(Coverage.logEvidence(less, 1000, 0.05)).isGreaterThan(ALARM);
    }

    @Test
    void thereIsNoEvidenceFromFewUnits() {
        Estimate estimate = new Estimate(0.5, 0.01);

        assertThat(Coverage.logEvidenceBeyond(estimate, 199, 0.02)).isZero();
        assertThat(Coverage.logEvidence(estimate, 199, 0.02)).isZero();
        assertThat(Coverage.logEvidenceBeyond(estimate, 200, 0.02)).isGreaterThan(ALARM);
    }
}
