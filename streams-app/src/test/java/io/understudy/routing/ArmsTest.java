package io.understudy.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.assignment.HashBuckets;
import io.understudy.assignment.Share;
import io.understudy.assignment.TrafficSplit;
import io.understudy.schema.Arm;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.apache.commons.statistics.inference.ChiSquareTest;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

/** Properties of the arms over many keys, on which the statistics and the users of a rollout rely. */
class ArmsTest {

    private static final int KEYS = 100_000;
    private static final double RARE = 0.001;

    @Test
    void aWiderShareMovesNoKeyBackAndEachShareHasTheExpectedSize() {
        Set<String> before = new HashSet<>();
        for (int percent : new int[] {1, 2, 5, 10, 25, 50, 75, 99, 100}) {
            int share = percent * 1000;
            Set<String> candidates = new HashSet<>();
            for (int key = 0; key < KEYS; key++) {
                if (TrafficSplit.arm("rollout-1", key(key), new Share(share)) == Arm.CANDIDATE) {
                    candidates.add(key(key));
                }
            }
            assertThat(candidates.containsAll(before))
                    .as(percent + " %: no key is moved back")
                    .isTrue();
            double p = percent / 100.0;
            double sigma = Math.sqrt(KEYS * p * (1 - p));
            assertThat((double) candidates.size())
                    .as(percent + " %")
                    .isBetween(KEYS * p - 4 * sigma, KEYS * p + 4 * sigma);
            before = candidates;
        }
        assertThat(before).hasSize(KEYS);
    }

    @Test
    void aShareOfAThousandthOfAPercentIsOneBucket() {
        assertThat(Share.parse("0.001%")).isEqualTo(Share.SMALLEST);
        long candidates = IntStream.range(0, 3_000_000)
                .filter(key -> TrafficSplit.arm("rollout-1", key(key), new Share(1)) == Arm.CANDIDATE)
                .count();
        assertThat(candidates).isBetween(30L - 22, 30L + 22);
    }

    @Test
    void armsAreIndependentOfPartitions() {
        int partitions = 6;
        assertIndependent(partitions, key -> Utils.toPositive(Utils.murmur2(key(key).getBytes(UTF_8))) % partitions);
    }

    @Test
    void armsAreIndependentOfTheArmsOfAnotherRollout() {
        assertIndependent(
                2, key -> TrafficSplit.arm("rollout-2", key(key), new Share(50_000)) == Arm.CANDIDATE ? 1 : 0);
    }

    @Test
    void armsAreIndependentOfTheMirroredSample() {
        assertIndependent(2, key -> HashBuckets.of("rollout-1/mirror", key(key)) < 20_000 ? 1 : 0);
    }

    private static void assertIndependent(int groups, IntUnaryOperator group) {
        long[][] table = new long[2][groups];
        for (int key = 0; key < KEYS; key++) {
            int arm = TrafficSplit.arm("rollout-1", key(key), new Share(25_000)) == Arm.CANDIDATE ? 1 : 0;
            table[arm][group.applyAsInt(key)]++;
        }
        assertThat(ChiSquareTest.withDefaults().test(table).getPValue()).isGreaterThan(RARE);
    }

    private static String key(int number) {
        return "user-" + number;
    }
}
