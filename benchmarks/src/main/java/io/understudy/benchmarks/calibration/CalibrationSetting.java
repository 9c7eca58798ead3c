package io.understudy.benchmarks.calibration;

import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;
import io.understudy.simulation.Truth;
import io.understudy.simulation.TruthReader;
import java.util.Locale;

/**
 * One kind of traffic and metric.
 *
 * @param name description of the setting
 * @param unit key or request
 * @param stage the stage, YAML
 * @param metric the success metric without its mde, YAML
 * @param mde the effect worth detecting, in the scale of the metric
 * @param world the truth without its metrics, YAML
 * @param equal the metric's truth with equal arms, YAML
 * @param better the metric's truth with a candidate that is better by the mde, YAML
 * @param kind kind of data, which determines the formula of the oracle
 * @param spread true standard deviation of an observation of the existing model, if the oracle needs it
 * @param betterSpread the same for a candidate that is better by the mde
 * @param unitSize observations per unit
 * @param designEffect factor by which the correlation within units inflates the variance of a mean
 */
record CalibrationSetting(
        String name,
        String unit,
        String stage,
        String metric,
        double mde,
        String world,
        String equal,
        String better,
        Kind kind,
        double spread,
        double betterSpread,
        int unitSize,
        double designEffect) {

    /** The kind of data of a setting. */
    enum Kind {
        RATES,
        PAIRS,
        MEANS,
        PAIRED_MEANS
    }

    EvidencePlan plan() {
        return SpecReader.evidence("""
                unit: %s
                metrics:
                  - {name: m, %s, role: success, mde: %s}
                stages:
                  - {%s, require: superiority}
                """.formatted(unit, metric, number(mde), stage));
    }

    Truth equalTruth() {
        return TruthReader.read(world + "\nmetrics: {m: " + equal + "}\n", plan());
    }

    Truth betterTruth() {
        return TruthReader.read(world + "\nmetrics: {m: " + better + "}\n", plan());
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%s", value);
    }
}
