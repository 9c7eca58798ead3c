package io.understudy.benchmarks.coverage;

import io.understudy.evidence.WindowCounts;
import io.understudy.judging.JudgedStage;
import io.understudy.judging.Ruling;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;
import io.understudy.schema.Arm;
import io.understudy.schema.Verdict;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Simulates stages whose units or outcomes are lost in one arm, and stages without a fault, and prints how many of them
 * were found invalid. The argument is the number of stages without a fault for each setting.
 */
public final class CoverageCalibration {

    private static final int FAULTY_RUNS = 40;

    /** So many of the zeros, which are a half of the observations, are no more than the tolerance of 2 %. */
    private static final double WITHIN_TOLERANCE = 0.04;

    private static final String SPEC = """
            unit: %s
            alpha-abort: 0.00001
            metrics: [{name: accuracy, kind: accuracy, role: success, mde: 0.02}]
            stages: [{kind: canary, share: %s%%}]
            """;

    private CoverageCalibration() {}

    /** How many requests a key has, drawn from a number between 0 and 999. */
    private enum Requests {
        ONE,
        SEVERAL,
        HEAVY;

        int draw(int number) {
            return switch (this) {
                case ONE -> 1;
                case SEVERAL -> 1 + number % 9;
                case HEAVY -> number < 2 ? 300 : 1;
            };
        }
    }

    /**
     * A stage whose models are equal.
     *
     * @param share the candidate's share
     * @param windows number of windows
     * @param keys number of keys in each window
     * @param lostUnits part of the candidate's keys that never arrive
     * @param lostOutcomes part of the outcomes that never arrive in both arms, of whole keys
     * @param lostZeros part of the candidate's observations of 0 that never arrive, of whole keys
     */
    private record Setting(
            String unit,
            double share,
            Requests requests,
            int windows,
            int keys,
            double lostUnits,
            double lostOutcomes,
            double lostZeros) {

        /** How a stage ends. */
        Verdict play(int seed) {
            EvidencePlan plan = SpecReader.evidence(SPEC.formatted(unit, 100 * share));
            JudgedStage stage = JudgedStage.empty(plan, 0);
            SplittableRandom random = new SplittableRandom(0x5eedL * seed);
            for (int i = 1; i <= windows; i++) {
                WindowCounts window = WindowCounts.empty(plan.stages().get(0), plan.isByKey());
                for (int key = 0; key < keys; key++) {
                    addKey(window, random);
                }
                stage.absorb(window, Duration.ofSeconds(5L * i));
                Ruling ruling = stage.rule(Duration.ofSeconds(5L * i));
                if (ruling.verdict() == Verdict.INVALID
                        || ruling.verdict() == Verdict.PASS && lostZeros > WITHIN_TOLERANCE) {
                    return ruling.verdict();
                }
            }
            return Verdict.CONTINUE;
        }

        private void addKey(WindowCounts window, SplittableRandom random) {
            byte[] key =
                    ByteBuffer.allocate(Long.BYTES).putLong(random.nextLong()).array();
            int bucket = WindowCounts.bucket(key);
            Arm arm = random.nextDouble() < share ? Arm.CANDIDATE : Arm.EXISTING;
            double right = random.nextDouble() < 0.5 ? 0.9 : 0.1;
            boolean lost = random.nextDouble() < lostOutcomes;
            boolean zerosLost = arm == Arm.CANDIDATE && random.nextDouble() < lostZeros;
            if (arm == Arm.CANDIDATE && random.nextDouble() < lostUnits) {
                return;
            }
            for (int request = requests.draw(random.nextInt(1000)); request > 0; request--) {
                int value = random.nextDouble() < right ? 1 : 0;
                boolean known = !lost && !(zerosLost && value == 0);
                window.request(arm, key);
                if (known) {
                    window.labelled(arm);
                }
                window.observe(0, arm, bucket, known ? value : Double.NaN);
            }
        }
    }

    public static void main(String[] arguments) {
        int runs = Integer.parseInt(arguments[0]);
        System.out.println("| unit | share | requests of a key | lost | stages | INVALID | PASS |");
        System.out.println("|---|---|---|---|---|---|---|");
        for (Requests law : List.of(Requests.ONE, Requests.SEVERAL)) {
            print("a tenth of the candidate's keys", FAULTY_RUNS, new Setting("key", 0.05, law, 40, 10_000, 0.1, 0, 0));
        }
        for (double share : new double[] {0.5, 0.05, 0.01}) {
            for (Requests law : Requests.values()) {
                print("nothing", runs, new Setting("key", share, law, 30, 300, 0, 0, 0));
                print("a tenth of all outcomes", runs, new Setting("key", share, law, 30, 300, 0, 0.1, 0));
            }
            print("a tenth of all outcomes", runs, new Setting("request", share, Requests.ONE, 30, 300, 0, 0.1, 0));
            for (String unit : new String[] {"key", "request"}) {
                print(
                        "a fifth of the candidate's zeros",
                        FAULTY_RUNS,
                        new Setting(unit, share, Requests.ONE, 40, 5000, 0, 0, 0.2));
            }
        }
        print(
                "a fifth of the candidate's zeros",
                100,
                new Setting("key", 0.5, Requests.SEVERAL, 100, 200, 0, 0.1, 0.2));
        print(
                "candidate's zeros up to the tolerance",
                runs,
                new Setting("key", 0.5, Requests.ONE, 30, 300, 0, 0, WITHIN_TOLERANCE));
    }

    private static void print(String lost, int runs, Setting setting) {
        Verdict[] ends =
                IntStream.range(0, runs).parallel().mapToObj(setting::play).toArray(Verdict[]::new);
        System.out.printf(
                Locale.ROOT,
                "| %s | %.0f %% | %s | %s | %d | %d | %d |%n",
                setting.unit(),
                100 * setting.share(),
                setting.requests().name().toLowerCase(Locale.ROOT),
                lost,
                runs,
                Arrays.stream(ends).filter(end -> end == Verdict.INVALID).count(),
                Arrays.stream(ends).filter(end -> end == Verdict.PASS).count());
    }
}
