package io.understudy.testing;

import io.understudy.plan.EvidencePlan;
import io.understudy.plan.SpecReader;

/** Evidence plans from fragments of YAML: the fields of a stage, and of each metric. */
public final class Plans {

    /** Arms of the same size. */
    public static final String AB = "kind: ab, share: 50%";

    /** A shadow of every request. */
    public static final String SHADOW = "kind: shadow";

    private Plans() {}

    /** Several stages in place of one. */
    public static String stages(String... stages) {
        return String.join("}, {", stages);
    }

    /** A plan whose requests are independent; {@code metrics} are the fields of one metric each, without its name. */
    public static EvidencePlan byRequest(String stage, String... metrics) {
        return plan("request", stage, metrics);
    }

    /** A plan whose keys are independent; {@code metrics} are the fields of one metric each, without its name. */
    public static EvidencePlan byKey(String stage, String... metrics) {
        return plan("key", stage, metrics);
    }

    private static EvidencePlan plan(String unit, String stage, String... metrics) {
        StringBuilder yaml = new StringBuilder("unit: " + unit + "\n");
        for (int i = 0; i < metrics.length; i++) {
            yaml.append(i == 0 ? "metrics:\n" : "").append("  - {name: m" + i + ", " + metrics[i] + "}\n");
        }
        return SpecReader.evidence(yaml.append("stages: [{" + stage + "}]\n").toString());
    }
}
