package io.understudy.plan;

import io.understudy.schema.MetricRole;
import io.understudy.schema.RandomisationUnit;
import io.understudy.spec.SpecNode;
import io.understudy.statistics.Side;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the metrics of a rollout; {@link EvidenceReader} calls it. */
final class MetricReader {

    private static final int MAX_METRICS = 50;
    private static final double DEFAULT_NEGLIGIBLE = 0.001;

    private MetricReader() {}

    private enum Count {
        AT_ARRIVAL,
        AT_MATURITY
    }

    private enum Direction {
        HIGHER,
        LOWER
    }

    /**
     * Reads the metrics.
     *
     * @param outcomeWindow how long after its request an outcome counts
     */
    static List<MetricSpec> read(SpecNode node, RandomisationUnit unit, Duration outcomeWindow) {
        Set<String> names = new HashSet<>();
        List<MetricSpec> metrics = node.elements((element, index) -> {
            MetricSpec metric = metric(element, unit, outcomeWindow);
            if (!metric.name().isEmpty() && !names.add(metric.name())) {
                element.child("name").fault("'" + metric.name() + "' is the name of another metric");
            }
            return metric;
        });
        if (metrics.size() > MAX_METRICS) {
            node.fault("has " + metrics.size() + " metrics; at most " + MAX_METRICS + " are allowed");
        }
        return metrics;
    }

    private static MetricSpec metric(SpecNode node, RandomisationUnit unit, Duration outcomeWindow) {
        node.mapping(
                "name",
                "kind",
                "role",
                "direction",
                "mde",
                "margin",
                "minimum",
                "threshold",
                "outcome",
                "cap",
                "tolerance",
                "limit",
                "negligible",
                "bounds",
                "count",
                "outcome-window");
        String name = node.child("name").text(Names.PATTERN, Names.DESCRIPTION);
        MetricKind kind = node.child("kind").oneOf(List.of(MetricKind.values()));
        MetricRole role = role(node.child("role"), kind);
        if (kind.isBinary()
                && isOdds(node.child("mde")) != isOdds(node.child("margin"))
                && node.child("mde").isNumber()
                && node.child("margin").isNumber()) {
            node.child("margin")
                    .fault("margin and mde must both be odds ratios (over 1) or both differences (under 1)");
        }
        boolean countsFaults =
                kind == MetricKind.ERROR_RATE || kind == MetricKind.TIMEOUT_RATE || kind == MetricKind.FALLBACK_RATE;
        return new MetricSpec(
                name,
                kind,
                role,
                direction(node.child("direction"), kind),
                mde(node.child("mde"), kind, role),
                margin(node.child("margin"), kind, role),
                node.child("minimum").optional().map(SpecNode::wholeNumber).orElse(0L),
                threshold(node, kind),
                applicable(node, kind.needsOutcome(), "outcome", kind).map(SpecNode::text),
                applicable(node, kind == MetricKind.VALUE, "cap", kind).map(SpecNode::number),
                applicable(node, kind == MetricKind.AGREEMENT, "tolerance", kind)
                        .map(tolerance -> tolerance.positiveNumber("two scores agree if they differ by at most this"))
                        .orElse(0.0),
                applicable(node, countsFaults || kind == MetricKind.LATENCY_OVER, "limit", kind)
                        .map(SpecNode::probability),
                applicable(node, countsFaults || kind == MetricKind.LATENCY_OVER, "negligible", kind)
                        .map(SpecNode::probability)
                        .orElse(countsFaults ? DEFAULT_NEGLIGIBLE : 0),
                bounds(node, kind, unit),
                maturity(node, kind, outcomeWindow));
    }

    private static boolean isOdds(SpecNode effect) {
        return effect.isNumber() && effect.number() > 1;
    }

    private static MetricRole role(SpecNode node, MetricKind kind) {
        MetricRole role = node.oneOf(List.of(MetricRole.SUCCESS, MetricRole.GUARDRAIL, MetricRole.DIAGNOSTIC));
        if (!node.is(role)) {
            // The fault is reported already. Without a role it is unknown which fields are required.
            return MetricRole.UNKNOWN;
        }
        if (node.isPresent() && !kind.roles().contains(role)) {
            node.fault(SpecNode.name(role) + " is not a role for " + kind.code() + "; allowed: "
                    + String.join(
                            ", ",
                            kind.roles().stream().map(SpecNode::name).sorted().toList()));
        }
        return role;
    }

    private static Side direction(SpecNode node, MetricKind kind) {
        Side defaultSide = kind.better().orElse(Side.GREATER);
        if (!node.isPresent()) {
            return defaultSide;
        }
        Side side = node.oneOf(List.of(Direction.values())) == Direction.HIGHER ? Side.GREATER : Side.LESS;
        boolean authorChooses = kind == MetricKind.VALUE || kind == MetricKind.CONVERSION;
        if (side != defaultSide && !authorChooses) {
            node.fault((defaultSide == Side.GREATER ? "higher" : "lower") + " is better for " + kind.code());
        }
        return side;
    }

    private static Optional<Double> mde(SpecNode node, MetricKind kind, MetricRole role) {
        if (!node.isPresent()) {
            if (role == MetricRole.SUCCESS) {
                node.fault("is missing; a success metric needs an mde, the effect worth detecting");
            }
            return Optional.empty();
        }
        return effect(node, kind, "an mde is a difference, or for a rate an odds ratio over 1");
    }

    private static Optional<Double> margin(SpecNode node, MetricKind kind, MetricRole role) {
        if (role == MetricRole.UNKNOWN) {
            return Optional.empty();
        }
        if (role != MetricRole.GUARDRAIL) {
            node.optional().ifPresent(present -> present.fault("applies to guardrails only"));
            return Optional.empty();
        }
        if (!node.isPresent()) {
            node.fault("is missing; a guardrail needs a margin: how much worse the candidate may be");
            return Optional.empty();
        }
        if (kind == MetricKind.AGREEMENT) {
            return Optional.of(node.probability());
        }
        return effect(node, kind, "a margin has no sign; it is a difference, or for a rate an odds ratio over 1");
    }

    private static Optional<Double> effect(SpecNode node, MetricKind kind, String allowed) {
        double value = node.positiveNumber(allowed);
        if (value == 1 && kind.isBinary()) {
            node.fault("an odds ratio of 1 is no effect, and a difference of rates is under 1; " + allowed);
        }
        return Double.isNaN(value) ? Optional.empty() : Optional.of(value);
    }

    /** For latency-over, milliseconds, given as a duration or a number; for accuracy, a score. */
    private static Optional<Double> threshold(SpecNode node, MetricKind kind) {
        SpecNode threshold = node.child("threshold");
        if (kind == MetricKind.LATENCY_OVER) {
            if (threshold.isNumber()) {
                return Optional.of(threshold.positiveNumber("it is a number of milliseconds"));
            }
            return Optional.of((double) threshold.durationMillis());
        }
        return applicable(node, kind == MetricKind.ACCURACY, "threshold", kind).map(SpecNode::number);
    }

    /** The field {@code name}, if it is present. When it does not apply to the kind, its presence is a fault. */
    private static Optional<SpecNode> applicable(SpecNode node, boolean applies, String name, MetricKind kind) {
        if (!applies) {
            node.forbid("does not apply to " + kind.code(), name);
            return Optional.empty();
        }
        return node.child(name).optional();
    }

    private static Optional<Duration> maturity(SpecNode node, MetricKind kind, Duration outcomeWindow) {
        boolean atMaturity = applicable(node, kind.needsOutcome(), "count", kind)
                .map(count -> count.oneOf(List.of(Count.values())) == Count.AT_MATURITY)
                .orElse(false);
        if (!atMaturity) {
            node.forbid("applies to metrics with count: at-maturity only", "outcome-window");
            return Optional.empty();
        }
        SpecNode own = node.child("outcome-window");
        Duration maturity = own.optional()
                .map(SpecNode::durationMillis)
                .map(Duration::ofMillis)
                .orElse(outcomeWindow);
        if (maturity.compareTo(outcomeWindow) > 0) {
            own.fault("is longer than the rollout's outcome-window; later outcomes are not kept");
        }
        return Optional.of(maturity);
    }

    private static Optional<MetricSpec.Bounds> bounds(SpecNode node, MetricKind kind, RandomisationUnit unit) {
        Optional<SpecNode> bounds =
                applicable(node, !kind.isBinary() && kind != MetricKind.SCORE_DRIFT, "bounds", kind);
        if (bounds.isEmpty()) {
            return Optional.empty();
        }
        List<Double> ends = bounds.get().elements((end, index) -> end.number());
        if (ends.size() != 2 || !(ends.get(0) < ends.get(1))) {
            bounds.get().fault("must be two numbers, the lower one first");
            return Optional.empty();
        }
        if (unit == RandomisationUnit.KEY) {
            bounds.get().fault("bounds need independent requests; set unit: request, or remove the bounds");
        }
        return Optional.of(new MetricSpec.Bounds(ends.get(0), ends.get(1)));
    }
}
