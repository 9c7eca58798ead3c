package io.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RequestRatioTest {

    private static final double ALARM = Math.log(1000);

    private final long[] existing = new long[KeyGroupSums.COUNT];
    private final long[] candidate = new long[KeyGroupSums.COUNT];
    private final SplittableRandom random = new SplittableRandom(3);

    private void keys(int count, double share, int requests) {
        for (int i = 0; i < count; i++) {
            (random.nextDouble() < share ? candidate : existing)[random.nextInt(KeyGroupSums.COUNT)] += requests;
        }
    }

    @Test
    void findsThatATenthOfTheCandidatesRequestsIsMissing() {
        keys(400_000, 0.05 * 0.9 / (1 - 0.05 * 0.1), 1);

        assertThat(RequestRatio.logEvidence(existing, candidate, 0.05)).isGreaterThan(ALARM);
    }

    @Test
    void requestsThatAreAsTheSharesSayAreEvidenceForThem() {
        keys(400_000, 0.05, 3);

        assertThat(RequestRatio.logEvidence(existing, candidate, 0.05)).isNegative();
    }

    @Test
    void aFewKeysWithManyRequestsMayAllBeInOneArm() {
        keys(10_000, 0.01, 1);
        // At a share of 1 %, fifty keys are all in the existing model's arm in six of ten stages.
        keys(50, 0, 200);

        assertThat(RequestRatio.logEvidence(existing, candidate, 0.01)).isLessThan(1);
    }

    @Test
    void oneKeyWithManyRequestsMayBeInTheCandidatesArm() {
        keys(100_000, 0.01, 1);
        keys(1, 1, 10_000);

        assertThat(RequestRatio.logEvidence(existing, candidate, 0.01)).isLessThan(1);
    }

    @Test
    void fewKeysAreNoEvidence() {
        assertThat(RequestRatio.logEvidence(existing, candidate, 0.5)).isZero();
        keys(39, 0, 1);
        assertThat(RequestRatio.logEvidence(existing, candidate, 0.5)).isZero();
    }

    @Test
    void rejectsSharesAndBucketsThatCannotBe() {
        assertThatThrownBy(() -> RequestRatio.logEvidence(existing, candidate, 1))
                .hasMessageContaining("between 0 and 1");
        assertThatThrownBy(() -> RequestRatio.logEvidence(existing, new long[3], 0.5))
                .hasMessageContaining("3");
    }
}
