package io.understudy.simulation;

import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricSpec;
import io.understudy.simulation.MetricTruth.Change;
import io.understudy.simulation.MetricTruth.EffectByCycle;
import io.understudy.simulation.MetricTruth.Lost;
import io.understudy.spec.SpecNode;
import java.util.List;
import java.util.Optional;

/** Reads the truth of one metric. */
final class MetricTruthReader {

    private MetricTruthReader() {}

    private enum Kind {
        BERNOULLI,
        NORMAL,
        LOGNORMAL
    }

    static MetricTruth read(SpecNode node, MetricSpec metric, EvidencePlan plan) {
        node.mapping("distribution", "existing", "candidate", "changes", "effect-by-cycle", "lost");
        Kind kind = node.child("distribution").oneOf(List.of(Kind.values()));
        if (metric.kind().isBinary() && kind != Kind.BERNOULLI) {
            node.child("distribution")
                    .fault("must be bernoulli, because " + metric.kind().code() + " is binary");
        }
        if (!metric.kind().needsOutcome()) {
            node.forbid("does not apply to " + metric.kind().code() + ", which needs no outcome", "lost");
        }
        node.child("lost").optional().ifPresent(lost -> lost.mapping("existing", "candidate"));
        return new MetricTruth(
                model(node.child("existing"), kind),
                model(node.child("candidate"), kind),
                node.child("changes")
                        .optional()
                        .map(changes -> changes.elements((change, index) -> change(change, kind, plan)))
                        .orElse(List.of()),
                node.child("effect-by-cycle").optional().map(MetricTruthReader::effectByCycle),
                lost(node.child("lost").child("existing")),
                lost(node.child("lost").child("candidate")));
    }

    private static Change change(SpecNode node, Kind kind, EvidencePlan plan) {
        node.mapping("stage", "from", "existing", "candidate");
        Optional<Integer> stage = node.child("stage").optional().map(child -> stage(child, plan));
        long from = node.child("from").wholeNumber();
        if (from > TruthValues.MAX_COUNT) {
            node.child("from").fault(from + " is not between 0 and " + TruthValues.MAX_COUNT);
        }
        Optional<Distribution> existing = node.child("existing").optional().map(child -> model(child, kind));
        Optional<Distribution> candidate = node.child("candidate").optional().map(child -> model(child, kind));
        if (existing.isEmpty() && candidate.isEmpty()) {
            node.fault("changes nothing; it needs existing, candidate or both");
        }
        return new Change(stage, (int) Math.min(from, TruthValues.MAX_COUNT), existing, candidate);
    }

    private static int stage(SpecNode node, EvidencePlan plan) {
        long stage = node.wholeNumber();
        int last = plan.stages().size() - 1;
        if (stage > last) {
            node.fault(stage + " is not a stage of the rollout; its stages are 0 to " + last);
            return last;
        }
        return (int) stage;
    }

    private static EffectByCycle effectByCycle(SpecNode node) {
        node.mapping("windows", "sd");
        if (!node.child("windows").isPresent()) {
            node.child("windows").fault("is missing; it is the number of windows in a cycle");
        }
        return new EffectByCycle(
                TruthValues.count(node.child("windows"), 1, TruthValues.MAX_COUNT),
                standardDeviation(node.child("sd")));
    }

    /** {@code 20%}, or {@code {zeros: 20%, others: 0%}}. */
    private static Lost lost(SpecNode node) {
        if (!node.isPresent()) {
            return Lost.NONE;
        }
        if (node.fieldNames().isEmpty()) {
            double fraction = TruthValues.percentage(node);
            return new Lost(fraction, fraction);
        }
        node.mapping("zeros", "others");
        return new Lost(TruthValues.percentage(node.child("zeros")), TruthValues.percentage(node.child("others")));
    }

    private static Distribution model(SpecNode node, Kind kind) {
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
