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

/**
 * Makes up what happens in one rollout, window by window. Correlations are exact for every distribution: with chance sqrt(rho) a
 * request's uniform number is its unit's own, and with chance c the candidate's is the existing model's; two numbers are the same or
 * independent, so the observations' correlation is rho, or c.
 */
public final class World {

    private final EvidencePlan plan;
    private final Truth truth;
    private final UniformRandomProvider random;
    private final double stickiness;
    private long nextKey;

    /**
     * The world of one rollout.
     *
     * @param seed the same for all rollouts of a simulation
     * @param run the rollout's number
     */
    public World(EvidencePlan plan, Truth truth, long seed, int run) {
        this.plan = plan;
        this.truth = truth;
        this.random = RandomSource.XO_SHI_RO_256_PP.create(new long[] {seed, run, 0x9e3779b97f4a7c15L, seed ^ run});
        this.stickiness = Math.sqrt(truth.intraKeyCorrelation());
        for (int i = 0; i < 64; i++) {
            // neighbouring seeds part
            random.nextLong();
        }
    }

    /** What happens in window number {@code window}, under a stage. */
    public WindowCounts window(StagePlan stage, int window) {
        WindowCounts block = WindowCounts.empty(stage, plan.isByKey());
        double swing = truth.swing(window);
        double share = stage.share().fraction();
        double[] own = new double[2 * stage.metrics().size()];
        List<Arms> arms = stage.metrics().stream()
                .map(metric -> truth.metrics().get(metric.name()))
                .toList();
        for (int unit = 0; unit < truth.unitsPerWindow(); unit++) {
            // Where requests are independent nobody asks for their keys.
            byte[] key = plan.isByKey()
                    ? ByteBuffer.allocate(Long.BYTES).putLong(nextKey++).array()
                    : null;
            int bucket = key == null ? 0 : WindowCounts.bucket(key);
            Arm arm = random.nextDouble() < share ? Arm.CANDIDATE : Arm.EXISTING;
            for (int i = 0; i < own.length; i++) {
                own[i] = random.nextDouble();
            }
            for (int request = 0; request < truth.requestsPerKey(); request++) {
                if (stage.isShadow()) {
                    both(block, stage, arms, key, bucket, own, swing);
                } else {
                    one(block, stage, arms, arm, key, bucket, own, swing);
                }
            }
        }
        return block;
    }

    private void one(
            WindowCounts block,
            StagePlan stage,
            List<Arms> arms,
            Arm arm,
            byte[] key,
            int bucket,
            double[] own,
            double swing) {
        block.request(arm, key);
        block.labelled(arm);
        for (int metric = 0; metric < arms.size(); metric++) {
            Distribution distribution = arm == Arm.CANDIDATE
                    ? arms.get(metric).candidate()
                    : arms.get(metric).existing();
            block.observe(metric, arm, bucket, value(stage, metric, distribution, uniform(own[metric]), swing));
        }
    }

    private void both(
            WindowCounts block, StagePlan stage, List<Arms> arms, byte[] key, int bucket, double[] own, double swing) {
        for (Arm arm : List.of(Arm.EXISTING, Arm.CANDIDATE)) {
            block.request(arm, key);
            block.labelled(arm);
        }
        for (int metric = 0; metric < arms.size(); metric++) {
            double u = uniform(own[metric]);
            double v = random.nextDouble() < truth.pairCorrelation() ? u : uniform(own[arms.size() + metric]);
            double existing = value(stage, metric, arms.get(metric).existing(), u, swing);
            double candidate = value(stage, metric, arms.get(metric).candidate(), v, swing);
            if (stage.metrics().get(metric).kind().isPairedInShadow()) {
                block.observePair(metric, bucket, existing, candidate);
            } else {
                block.observe(metric, Arm.EXISTING, bucket, existing);
                block.observe(metric, Arm.CANDIDATE, bucket, candidate);
            }
        }
    }

    private double uniform(double own) {
        return stickiness > 0 && random.nextDouble() < stickiness ? own : random.nextDouble();
    }

    private static double value(StagePlan stage, int metric, Distribution distribution, double uniform, double swing) {
        MetricSpec spec = stage.metrics().get(metric);
        double value = distribution.draw(uniform == 0 ? Double.MIN_NORMAL : uniform, swing);
        return spec.cap().map(cap -> Math.min(cap, value)).orElse(value);
    }
}
