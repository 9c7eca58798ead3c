package io.understudy.benchmarks.calibration;

import io.understudy.judging.JudgedStage;
import io.understudy.judging.Ruling;
import io.understudy.plan.EvidencePlan;
import io.understudy.schema.MetricEvaluation;
import io.understudy.schema.Verdict;
import io.understudy.simulation.Truth;
import io.understudy.simulation.World;
import io.understudy.statistics.OddsRatioLikelihood;
import io.understudy.statistics.TwoByTwoTable;
import java.time.Duration;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * One simulated rollout. The judge and other tests, which are not valid for repeated evaluation, evaluate it after
 * every window, regardless of earlier verdicts.
 */
final class Trial {

    private static final double Z = NormalDistribution.of(0, 1).inverseSurvivalProbability(0.025);
    private static final double ALPHA = 0.05;

    /** Lattice steps from no effect to the effect worth detecting. */
    private static final int MDE_STEPS = 5;

    private final CalibrationSetting setting;
    private OddsRatioLikelihood oracleLikelihood;
    private TwoByTwoTable previousTable = TwoByTwoTable.NONE;
    private boolean promoted;
    private boolean aborted;
    private boolean naive;
    private boolean plainSequence;
    private int windowOfPromotion;
    private int windowOfOracle;

    private Trial(CalibrationSetting setting) {
        this.setting = setting;
        this.oracleLikelihood = OddsRatioLikelihood.empty(0, Math.log(setting.mde() > 1 ? setting.mde() : 2));
    }

    /**
     * Simulates a rollout of {@code looks} windows. With {@code untilPromoted}, it ends when both judge and oracle have
     * decided.
     */
    static Trial play(
            CalibrationSetting setting,
            EvidencePlan plan,
            Truth truth,
            long seed,
            int run,
            int looks,
            boolean untilPromoted) {
        Trial trial = new Trial(setting);
        World world = new World(plan, truth, seed, run);
        JudgedStage evidence = JudgedStage.empty(plan, 0);
        for (int window = 0; window < looks; window++) {
            Duration end = plan.window().multipliedBy(window + 1L);
            evidence.absorb(world.window(0, window), end);
            Ruling ruling = evidence.rule(end);
            trial.evaluate(ruling, window + 1);
            if (untilPromoted && trial.promoted && trial.windowOfOracle > 0) {
                break;
            }
        }
        return trial;
    }

    private void evaluate(Ruling ruling, int window) {
        if (ruling.verdict() == Verdict.PASS && !promoted) {
            promoted = true;
            windowOfPromotion = window;
        }
        aborted |= ruling.verdict() == Verdict.ABORT;
        MetricEvaluation metric = ruling.metrics().get(0);
        double[] plain = plainEstimate(metric);
        if (plain[1] > 0) {
            naive |= Math.abs(plain[0]) / plain[1] > Z;
            // The asymptotic confidence sequence with its usual unpooled variance (I. Waudby-Smith et al.), tuned for
            // 500 units.
            double n = metric.getExisting().getUnits() + metric.getCandidate().getUnits();
            double rho2 = (-2 * Math.log(ALPHA) + Math.log(-2 * Math.log(ALPHA) + 1)) / 500;
            double width = plain[1]
                    * Math.sqrt(n)
                    * Math.sqrt(2 * (n * rho2 + 1) / (n * n * rho2) * Math.log(Math.sqrt(n * rho2 + 1) / ALPHA));
            plainSequence |= Math.abs(plain[0]) > width;
        }
        if (windowOfOracle == 0 && oracle(metric) >= Math.log(1 / ALPHA)) {
            windowOfOracle = window;
        }
    }

    /** Difference and unpooled standard error, with requests treated as independent. */
    private static double[] plainEstimate(MetricEvaluation metric) {
        double na = metric.getExisting().getUnits();
        double nb = metric.getCandidate().getUnits();
        if (na < 2 || nb < 2) {
            return new double[] {0, 0};
        }
        double difference =
                metric.getCandidate().getEstimate() - metric.getExisting().getEstimate();
        boolean rate = metric.getKind().equals("conversion");
        if (rate) {
            double pa = metric.getExisting().getEstimate();
            double pb = metric.getCandidate().getEstimate();
            return new double[] {difference, Math.sqrt(pa * (1 - pa) / na + pb * (1 - pb) / nb)};
        }
        Double se = metric.getStandardError();
        return new double[] {difference, se == null ? 0 : se};
    }

    /** Natural logarithm of the likelihood ratio of a test that knows everything except whether there is an effect. */
    private double oracle(MetricEvaluation metric) {
        double na = metric.getExisting().getUnits();
        double nb = metric.getCandidate().getUnits();
        if (na == 0 || nb == 0) {
            return 0;
        }
        double observed =
                metric.getCandidate().getEstimate() - metric.getExisting().getEstimate();
        return switch (setting.kind()) {
            case RATES -> {
                TwoByTwoTable total = table(metric);
                oracleLikelihood = oracleLikelihood.plus(new TwoByTwoTable(
                        total.existingUnits() - previousTable.existingUnits(),
                        total.existingSuccesses() - previousTable.existingSuccesses(),
                        total.candidateUnits() - previousTable.candidateUnits(),
                        total.candidateSuccesses() - previousTable.candidateSuccesses()));
                previousTable = total;
                double[] lattice = oracleLikelihood.logLikelihood();
                yield lattice[lattice.length / 2 + MDE_STEPS] - lattice[lattice.length / 2];
            }
            case PAIRS -> {
                double lead = nb * observed;
                if (lead == 0 || metric.getEffect() == null) {
                    yield 0;
                }
                // Recovers the counts from the lead and the log odds.
                double existingOnly = lead / Math.expm1(metric.getEffect()) - 0.5;
                double p = setting.mde() / (1 + setting.mde());
                yield (existingOnly + lead) * Math.log(2 * p) + existingOnly * Math.log(2 * (1 - p));
            }
            case MEANS ->
                ratio(
                        setting.mde(),
                        observed,
                        setting.designEffect()
                                * (setting.spread() * setting.spread() / na
                                        + setting.betterSpread() * setting.betterSpread() / nb));
            case PAIRED_MEANS -> ratio(-setting.mde(), observed, setting.spread() * setting.spread() / nb);
        };
    }

    private static double ratio(double effect, double observed, double variance) {
        return (effect * observed - effect * effect / 2) / variance;
    }

    private static TwoByTwoTable table(MetricEvaluation metric) {
        long na = metric.getExisting().getUnits();
        long nb = metric.getCandidate().getUnits();
        return new TwoByTwoTable(
                na,
                Math.round(na * metric.getExisting().getEstimate()),
                nb,
                Math.round(nb * metric.getCandidate().getEstimate()));
    }

    boolean promoted() {
        return promoted;
    }

    boolean aborted() {
        return aborted;
    }

    boolean naive() {
        return naive;
    }

    boolean plainSequence() {
        return plainSequence;
    }

    int windowOfPromotion() {
        return windowOfPromotion;
    }

    int windowOfOracle() {
        return windowOfOracle;
    }
}
