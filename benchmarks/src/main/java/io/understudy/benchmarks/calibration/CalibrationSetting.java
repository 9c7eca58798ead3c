package io.understudy.benchmarks.calibration;

import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;
import io.understudy.simulation.Truth;
import io.understudy.simulation.TruthReader;
import java.util.Locale;

/**
 * One kind of traffic and metric.
 *
 * @param name what it is, in words
 * @param unit key or request
 * @param stage the stage, YAML
 * @param metric the success metric without its mde, YAML
 * @param mde the effect worth detecting, as the metric takes it
 * @param world the truth but for its metrics, YAML
 * @param equal both arms alike, YAML
 * @param better the candidate better by the mde, YAML
 * @param kind how the oracle reckons
 * @param spread true standard deviation of an observation of the existing model, where the oracle needs it
 * @param betterSpread the same of a candidate that is better by the mde
 * @param unitSize observations of a unit
 * @param designEffect by how much the units' correlation inflates the variance of a mean
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

    /** How a setting's data look. */
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
