package io.understudy.simulation;

import io.understudy.evidence.WindowCounts;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.StagePlan;
import io.understudy.schema.Arm;
import io.understudy.simulation.Truth.Arms;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.jspecify.annotations.Nullable;

/**
 * Generates the data of one simulated rollout, window by window.
 *
 * <p>Correlations are exact for every distribution. With probability sqrt(rho), a request uses its unit's uniform
 * number instead of a new one; with probability c, the candidate uses the existing model's number. So two numbers are
 * either equal or independent, and the correlation between the observations is rho or c.
 */
public final class World {

    /** Numbers to skip, so that the sequences of neighbouring seeds diverge. */
    private static final int WARM_UP = 64;

    private final EvidencePlan plan;
    private final Truth truth;
    private final UniformRandomProvider random;
    private final double chanceOfUnitNumber;
    private long nextUnit;

    /**
     * The data of one rollout.
     *
     * @param seed the seed of the simulation, the same for all of its rollouts
     * @param run the number of the rollout
     */
    public World(EvidencePlan plan, Truth truth, long seed, int run) {
        this.plan = plan;
        this.truth = truth;
        this.random = RandomSource.XO_SHI_RO_256_PP.create(new long[] {seed, run, 0x9e3779b97f4a7c15L, seed ^ run});
        this.chanceOfUnitNumber = Math.sqrt(truth.intraKeyCorrelation());
        for (int i = 0; i < WARM_UP; i++) {
            random.nextLong();
        }
    }

    /** Generates window {@code window} of the rollout, which is in stage {@code stage}. */
    public WindowCounts window(StagePlan stage, int window) {
        WindowCounts counts = WindowCounts.empty(stage, plan.isByKey());
        double swing = truth.swing(window);
        double share = stage.share().fraction();
        double[] unitNumbers = new double[2 * stage.metrics().size()];
        List<Arms> distributions = stage.metrics().stream()
                .map(metric -> truth.metrics().get(metric.name()))
                .toList();
        for (int unit = 0; unit < truth.unitsPerWindow(); unit++) {
            // If requests are the independent units, keys are not counted.
            byte @Nullable [] key = plan.isByKey()
                    ? ByteBuffer.allocate(Long.BYTES).putLong(nextUnit).array()
                    : null;
            int bucket = key == null ? WindowCounts.bucket(nextUnit) : WindowCounts.bucket(key);
            nextUnit++;
            Arm arm = random.nextDouble() < share ? Arm.CANDIDATE : Arm.EXISTING;
            for (int i = 0; i < unitNumbers.length; i++) {
                unitNumbers[i] = random.nextDouble();
            }
            for (int request = 0; request < truth.requestsPerKey(); request++) {
                if (stage.isShadow()) {
                    addToBothArms(counts, stage, distributions, key, bucket, unitNumbers, swing);
                } else {
                    addToArm(counts, stage, distributions, arm, key, bucket, unitNumbers, swing);
                }
            }
        }
        return counts;
    }

    private void addToArm(
            WindowCounts counts,
            StagePlan stage,
            List<Arms> distributions,
            Arm arm,
            byte @Nullable [] key,
            int bucket,
            double[] unitNumbers,
            double swing) {
        counts.request(arm, key);
        counts.labelled(arm);
        for (int metric = 0; metric < distributions.size(); metric++) {
            Distribution distribution = arm == Arm.CANDIDATE
                    ? distributions.get(metric).candidate()
                    : distributions.get(metric).existing();
            counts.observe(
                    metric, arm, bucket, value(stage, metric, distribution, uniform(unitNumbers[metric]), swing));
        }
    }

    private void addToBothArms(
            WindowCounts counts,
            StagePlan stage,
            List<Arms> distributions,
            byte @Nullable [] key,
            int bucket,
            double[] unitNumbers,
            double swing) {
        for (Arm arm : List.of(Arm.EXISTING, Arm.CANDIDATE)) {
            counts.request(arm, key);
            counts.labelled(arm);
        }
        for (int metric = 0; metric < distributions.size(); metric++) {
            Arms arms = distributions.get(metric);
            double existingUniform = uniform(unitNumbers[metric]);
            double candidateUniform = random.nextDouble() < truth.pairCorrelation()
                    ? existingUniform
                    : uniform(unitNumbers[distributions.size() + metric]);
            double existing = value(stage, metric, arms.existing(), existingUniform, swing);
            double candidate = value(stage, metric, arms.candidate(), candidateUniform, swing);
            if (stage.metrics().get(metric).kind().isPairedInShadow()) {
                counts.observePair(metric, bucket, existing, candidate);
            } else {
                counts.observe(metric, Arm.EXISTING, bucket, existing);
                counts.observe(metric, Arm.CANDIDATE, bucket, candidate);
            }
        }
    }

    private double uniform(double unitNumber) {
        return chanceOfUnitNumber > 0 && random.nextDouble() < chanceOfUnitNumber ? unitNumber : random.nextDouble();
    }

    private static double value(StagePlan stage, int metric, Distribution distribution, double uniform, double swing) {
        MetricSpec spec = stage.metrics().get(metric);
        double value = distribution.draw(uniform == 0 ? Double.MIN_NORMAL : uniform, swing);
        return spec.cap().map(cap -> Math.min(cap, value)).orElse(value);
    }
}
