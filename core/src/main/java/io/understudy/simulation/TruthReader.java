package io.understudy.simulation;

import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricSpec;
import io.understudy.simulation.Truth.Ahead;
import io.understudy.simulation.Truth.LostUnits;
import io.understudy.spec.InvalidSpecException;
import io.understudy.spec.SpecNode;
import io.understudy.spec.SpecText;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Reads a {@link Truth} from YAML; the simulate command and the calibration call it. {@link MetricTruthReader} reads
 * the metrics.
 */
public final class TruthReader {

    private static final int DEFAULT_UNITS = 100;
    private static final int DEFAULT_PERIOD = 40;
    /** Every window that something may still arrive in is kept. */
    private static final int MAX_DELAY = 10_000;

    private TruthReader() {}

    /**
     * Reads a truth for the metrics of {@code plan}.
     *
     * @throws InvalidSpecException when the document cannot be used, with every fault
     */
    public static Truth read(String yaml, EvidencePlan plan) {
        return SpecText.read(yaml, root -> {
            root.mapping(
                    "units-per-window",
                    "requests-per-key",
                    "keys",
                    "intra-key-correlation",
                    "pair-correlation",
                    "base-rate-swing",
                    "swing-period",
                    "label-delay",
                    "lost-units",
                    "ahead",
                    "metrics");
            return new Truth(
                    TruthValues.count(root.child("units-per-window"), DEFAULT_UNITS, TruthValues.MAX_COUNT),
                    TruthValues.count(root.child("requests-per-key"), 1, TruthValues.MAX_COUNT),
                    root.child("keys").optional().map(node -> TruthValues.count(node, 1, Integer.MAX_VALUE)),
                    fraction(root.child("intra-key-correlation")),
                    fraction(root.child("pair-correlation")),
                    fraction(root.child("base-rate-swing")),
                    TruthValues.count(root.child("swing-period"), DEFAULT_PERIOD, TruthValues.MAX_COUNT),
                    labelDelay(root.child("label-delay")),
                    lostUnits(root.child("lost-units")),
                    ahead(root.child("ahead")),
                    metrics(root.child("metrics"), plan));
        });
    }

    private static double fraction(SpecNode node) {
        double value = node.optional().map(SpecNode::number).orElse(0.0);
        if (value < 0 || value >= 1) {
            node.fault("must be at least 0 and less than 1");
            return 0;
        }
        return value;
    }

    /** {@code 3}, {@code {from: 0, to: 12}} or {@code {mean: 3}}. */
    private static LabelDelay labelDelay(SpecNode node) {
        if (!node.isPresent()) {
            return LabelDelay.NONE;
        }
        if (node.isNumber()) {
            int windows = delay(node);
            return new LabelDelay.Between(windows, windows);
        }
        node.mapping("from", "to", "mean");
        if (node.child("mean").isPresent()) {
            node.forbid("does not apply beside mean", "from", "to");
            double mean = node.child("mean").positiveNumber("it is a number of windows");
            return new LabelDelay.Exponential(Double.isNaN(mean) ? 1 : mean, MAX_DELAY);
        }
        int from = delay(node.child("from"));
        int to = delay(node.child("to"));
        if (to < from) {
            node.child("to").fault(to + " is less than from, " + from);
            return LabelDelay.NONE;
        }
        return new LabelDelay.Between(from, to);
    }

    private static int delay(SpecNode node) {
        long windows = node.wholeNumber();
        if (windows > MAX_DELAY) {
            node.fault(windows + " windows are more than " + MAX_DELAY);
            return 0;
        }
        return (int) windows;
    }

    private static LostUnits lostUnits(SpecNode node) {
        if (!node.isPresent()) {
            return LostUnits.NONE;
        }
        node.mapping("existing", "candidate");
        return new LostUnits(
                TruthValues.percentage(node.child("existing")), TruthValues.percentage(node.child("candidate")));
    }

    private static Ahead ahead(SpecNode node) {
        if (!node.isPresent()) {
            return Ahead.NONE;
        }
        node.mapping("requests", "windows");
        return new Ahead(TruthValues.percentage(required(node.child("requests"))), delay(node.child("windows")));
    }

    private static SpecNode required(SpecNode node) {
        if (!node.isPresent()) {
            node.fault("is missing");
        }
        return node;
    }

    private static Map<String, MetricTruth> metrics(SpecNode node, EvidencePlan plan) {
        node.mapping(plan.metrics().stream().map(MetricSpec::name).toArray(String[]::new));
        Map<String, MetricTruth> metrics = new HashMap<>();
        for (MetricSpec metric : plan.metrics()) {
            SpecNode child = node.child(metric.name());
            if (child.isPresent()) {
                metrics.put(metric.name(), MetricTruthReader.read(child, metric, plan));
            } else {
                child.fault("is missing; every metric of the rollout needs its distribution: "
                        + plan.metrics().stream().map(MetricSpec::name).collect(Collectors.joining(", ")));
            }
        }
        return metrics;
    }
}
