package io.understudy.benchmarks.calibration;

import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;
import io.understudy.simulation.Truth;
import io.understudy.simulation.TruthReader;

/**
 * A stage with one metric, and the traffic in it, all YAML.
 *
 * @param unit key or request
 * @param metric the metric without its name
 * @param stage the stage
 * @param world the truth without its metrics, one line for each field
 * @param more fields of the rollout besides, one line for each
 */
record Setting(String unit, String metric, String stage, String world, String more) {

    Setting(String unit, String metric, String stage, String world) {
        this(unit, metric, stage, world, "");
    }

    EvidencePlan plan() {
        return SpecReader.evidence("""
                unit: %s
                %s
                metrics:
                  - {name: m, %s}
                stages:
                  - {%s}
                """.formatted(unit, more, metric, stage));
    }

    /** The truth, in which {@code metric} is the truth of the metric, without braces. */
    Truth truth(String metric) {
        return TruthReader.read(world + "\nmetrics: {m: {" + metric + "}}\n", plan());
    }
}
