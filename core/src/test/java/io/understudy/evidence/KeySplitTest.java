package io.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.plan.EvidencePlan;
import io.understudy.schema.Arm;
import io.understudy.testing.Plans;
import io.understudy.testing.Windows;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How often the sample ratio test by key finds a candidate that loses units, and how often it alarms without cause. */
class KeySplitTest {

    private static final double ALARM = Math.log(1000);

    /**
     * Simulates a stage.
     *
     * @param requestsOfKey the number of requests of a key, by its number
     * @param lost the part of the candidate's keys that is lost
     * @return whether there is an alarm at any look
     */
    private static boolean alarms(
            double share, int windows, int keysPerWindow, IntUnaryOperator requestsOfKey, double lost, int seed) {
        EvidencePlan plan = Plans.byKey(
                "kind: canary, share: " + 100 * share + "%", "kind: error-rate, role: guardrail, margin: 2");
        StageEvidence evidence = StageEvidence.empty(plan, 0);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < windows; i++) {
            WindowCounts window = Windows.empty(plan);
            for (int key = 0; key < keysPerWindow; key++) {
                byte[] bytes = ByteBuffer.allocate(Long.BYTES)
                        .putLong(random.nextLong())
                        .array();
                Arm arm = random.nextDouble() < share ? Arm.CANDIDATE : Arm.EXISTING;
                if (arm == Arm.CANDIDATE && random.nextDouble() < lost) {
                    continue;
                }
                for (int request = requestsOfKey.applyAsInt(random.nextInt(1000)); request > 0; request--) {
                    window.request(arm, bytes);
                }
            }
            evidence.absorb(window, Duration.ofMinutes(i + 1));
            if (evidence.snapshot(Duration.ofMinutes(i + 1)).sampleRatio() >= ALARM) {
                return true;
            }
        }
        return false;
    }

    private static int requests(String law, int number) {
        return switch (law) {
            case "one" -> 1;
            case "several" -> 1 + number % 5;
            case "heavy" -> number < 3 ? 300 : 1;
            default -> throw new IllegalArgumentException(law);
        };
    }

    @ParameterizedTest
    @CsvSource({"one, 4", "several, 2"})
    void findsACandidateThatLosesATenthOfItsKeysAtASmallShare(String law, int runs) {
        long found = IntStream.range(0, runs)
                .parallel()
                .filter(seed -> alarms(0.05, 40, 10_000, number -> requests(law, number), 0.1, seed))
                .count();

        assertThat(found).isEqualTo(runs);
    }

    @ParameterizedTest
    @CsvSource({"0.5, one", "0.05, one", "0.01, one", "0.5, heavy", "0.05, heavy", "0.01, heavy"})
    void doesNotAlarmWithoutCauseHoweverManyRequestsAKeyHas(double share, String law) {
        long alarms = IntStream.range(0, 20)
                .parallel()
                .filter(seed -> alarms(share, 30, 500, number -> requests(law, number), 0, seed))
                .count();

        assertThat(alarms).isZero();
    }
}
