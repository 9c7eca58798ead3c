package io.understudy.simulation;

import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricSpec;
import io.understudy.simulation.Truth.Arms;
import io.understudy.spec.InvalidSpecException;
import io.understudy.spec.SpecNode;
import io.understudy.spec.SpecText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads a {@link Truth} from YAML; the simulate command and the calibration call it. */
public final class TruthReader {

    private static final int DEFAULT_UNITS = 100;
    private static final int DEFAULT_PERIOD = 40;
    private static final int MAX_COUNT = 1_000_000;

    private TruthReader() {}

    private enum Kind {
        BERNOULLI,
        NORMAL,
        LOGNORMAL
    }

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
                    "intra-key-correlation",
                    "pair-correlation",
                    "base-rate-swing",
                    "swing-period",
                    "metrics");
            return new Truth(
                    count(root.child("units-per-window"), DEFAULT_UNITS),
                    count(root.child("requests-per-key"), 1),
                    fraction(root.child("intra-key-correlation")),
                    fraction(root.child("pair-correlation")),
                    fraction(root.child("base-rate-swing")),
                    count(root.child("swing-period"), DEFAULT_PERIOD),
                    metrics(root.child("metrics"), plan));
        });
    }

    private static int count(SpecNode node, int defaultCount) {
        long count = node.optional().map(SpecNode::wholeNumber).orElse((long) defaultCount);
        if (count < 1 || count > MAX_COUNT) {
            node.fault(count + " is not between 1 and " + MAX_COUNT);
            return defaultCount;
        }
        return (int) count;
    }

    private static double fraction(SpecNode node) {
        double value = node.optional().map(SpecNode::number).orElse(0.0);
        if (value < 0 || value >= 1) {
            node.fault("must be at least 0 and less than 1");
            return 0;
        }
        return value;
    }

    private static Map<String, Arms> metrics(SpecNode node, EvidencePlan plan) {
        node.mapping(plan.metrics().stream().map(MetricSpec::name).toArray(String[]::new));
        Map<String, Arms> metrics = new HashMap<>();
        for (MetricSpec metric : plan.metrics()) {
            SpecNode child = node.child(metric.name());
            if (!child.isPresent()) {
                child.fault("is missing; every metric of the rollout needs its distribution: "
                        + plan.metrics().stream().map(MetricSpec::name).collect(Collectors.joining(", ")));
                continue;
            }
            child.mapping("distribution", "existing", "candidate");
            Kind kind = child.child("distribution").oneOf(List.of(Kind.values()));
            if (metric.kind().isBinary() && kind != Kind.BERNOULLI) {
                child.child("distribution")
                        .fault("must be bernoulli, because " + metric.kind().code() + " is binary");
            }
            metrics.put(
                    metric.name(), new Arms(arm(child.child("existing"), kind), arm(child.child("candidate"), kind)));
        }
        return metrics;
    }

    private static Distribution arm(SpecNode node, Kind kind) {
        return switch (kind) {
            case BERNOULLI -> new Distribution.Bernoulli(probability(node));
            case NORMAL -> {
                node.mapping("mean", "sd");
                yield new Distribution.Normal(node.child("mean").number(), standardDeviation(node.child("sd")));
            }
            case LOGNORMAL -> {
                node.mapping("mu", "sigma");
                yield new Distribution.Lognormal(node.child("mu").number(), standardDeviation(node.child("sigma")));
            }
        };
    }

    /** {@code 0.1}, or {@code {p: 0.1}}. */
    private static double probability(SpecNode node) {
        SpecNode child = node.isNumber() ? node : node.mapping("p").child("p");
        double p = child.number();
        if (p < 0 || p > 1) {
            child.fault(p + " is not a probability; it must be from 0 to 1");
            return 0;
        }
        return p;
    }

    private static double standardDeviation(SpecNode node) {
        double value = node.number();
        if (value < 0) {
            node.fault(value + " is not a standard deviation; it must be at least 0");
            return 0;
        }
        return value;
    }
}
