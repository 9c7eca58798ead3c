package io.understudy.plan;

import io.understudy.schema.MetricRole;
import io.understudy.schema.RandomisationUnit;
import io.understudy.spec.SpecNode;
import io.understudy.statistics.Side;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the metrics of a rollout. */
final class MetricReader {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final int MOST_METRICS = 50;
    private static final double USUALLY_NEGLIGIBLE = 0.001;

    private MetricReader() {}

    private enum Direction {
        HIGHER,
        LOWER
    }

    static List<MetricSpec> read(SpecNode node, RandomisationUnit unit) {
        Set<String> names = new HashSet<>();
        List<MetricSpec> metrics = node.elements((element, index) -> {
            MetricSpec metric = metric(element, unit);
            if (!metric.name().isEmpty() && !names.add(metric.name())) {
                element.child("name").fault("'" + metric.name() + "' is the name of another metric");
            }
            return metric;
        });
        if (metrics.size() > MOST_METRICS) {
            node.fault("has " + metrics.size() + " metrics; allowed are " + MOST_METRICS);
        }
        return metrics;
    }

    private static MetricSpec metric(SpecNode node, RandomisationUnit unit) {
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
                "bounds");
        String name = node.child("name").text(NAME, "1 to 100 letters, digits, '.', '_' or '-'");
        MetricKind kind = node.child("kind").oneOf(List.of(MetricKind.values()));
        MetricRole role = role(node.child("role"), kind);
        if (kind.isBinary()
                && isOdds(node.child("mde")) != isOdds(node.child("margin"))
                && node.child("mde").isNumber()
                && node.child("margin").isNumber()) {
            node.child("margin").fault("and mde must both be odds ratios, over 1, or both differences, under 1");
        }
        boolean faults =
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
                only(node, kind.needsOutcome(), "outcome", kind).map(SpecNode::text),
                only(node, kind == MetricKind.VALUE, "cap", kind).map(SpecNode::number),
                only(node, kind == MetricKind.AGREEMENT, "tolerance", kind)
                        .map(tolerance -> tolerance.positiveNumber("two scores at most that far apart agree"))
                        .orElse(0.0),
                only(node, faults || kind == MetricKind.LATENCY_OVER, "limit", kind)
                        .map(SpecNode::probability),
                only(node, faults || kind == MetricKind.LATENCY_OVER, "negligible", kind)
                        .map(SpecNode::probability)
                        .orElse(faults ? USUALLY_NEGLIGIBLE : 0),
                bounds(node, kind, unit));
    }

    private static boolean isOdds(SpecNode effect) {
        return effect.isNumber() && effect.number() > 1;
    }

    private static MetricRole role(SpecNode node, MetricKind kind) {
        MetricRole role = node.oneOf(List.of(MetricRole.SUCCESS, MetricRole.GUARDRAIL, MetricRole.DIAGNOSTIC));
        if (!node.is(role)) {
            // Said already; what the role needs cannot be said.
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
        Side usual = kind.better().orElse(Side.GREATER);
        if (!node.isPresent()) {
            return usual;
        }
        Side side = node.oneOf(List.of(Direction.values())) == Direction.HIGHER ? Side.GREATER : Side.LESS;
        boolean eitherWay = kind == MetricKind.VALUE || kind == MetricKind.CONVERSION;
        if (side != usual && !eitherWay) {
            node.fault("of " + kind.code() + ", " + (usual == Side.GREATER ? "higher" : "lower") + " is better");
        }
        return side;
    }

    private static Optional<Double> mde(SpecNode node, MetricKind kind, MetricRole role) {
        if (!node.isPresent()) {
            if (role == MetricRole.SUCCESS) {
                node.fault("is missing; a success metric needs the effect worth detecting");
            }
            return Optional.empty();
        }
        return effect(node, kind, "the effect worth detecting is a difference, or for a rate an odds ratio over 1");
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
            node.fault("is missing; a guardrail needs how much worse the candidate may be");
            return Optional.empty();
        }
        if (kind == MetricKind.AGREEMENT) {
            return Optional.of(node.probability());
        }
        return effect(
                node,
                kind,
                "how much worse the candidate may be has no sign; it is a difference, or for a rate an odds ratio over 1");
    }

    private static Optional<Double> effect(SpecNode node, MetricKind kind, String allowed) {
        double value = node.positiveNumber(allowed);
        if (value == 1 && kind.isBinary()) {
            node.fault("1 is an odds ratio of no effect and a difference no rate can have; " + allowed);
        }
        return Double.isNaN(value) ? Optional.empty() : Optional.of(value);
    }

    /** Milliseconds, as a duration or a number, for a latency; a score for an accuracy. */
    private static Optional<Double> threshold(SpecNode node, MetricKind kind) {
        SpecNode threshold = node.child("threshold");
        if (kind == MetricKind.LATENCY_OVER) {
            if (threshold.isNumber()) {
                return Optional.of(threshold.positiveNumber("a latency is longer than 0 ms"));
            }
            return Optional.of((double) threshold.durationMillis());
        }
        return only(node, kind == MetricKind.ACCURACY, "threshold", kind).map(SpecNode::number);
    }

    private static Optional<SpecNode> only(SpecNode node, boolean applies, String name, MetricKind kind) {
        if (!applies) {
            node.forbid("does not apply to " + kind.code(), name);
            return Optional.empty();
        }
        return node.child(name).optional();
    }

    private static Optional<MetricSpec.Bounds> bounds(SpecNode node, MetricKind kind, RandomisationUnit unit) {
        Optional<SpecNode> bounds = only(node, !kind.isBinary() && kind != MetricKind.SCORE_DRIFT, "bounds", kind);
        if (bounds.isEmpty()) {
            return Optional.empty();
        }
        List<Double> ends = bounds.get().elements((end, index) -> end.number());
        if (ends.size() != 2 || !(ends.get(0) < ends.get(1))) {
            bounds.get().fault("must be two numbers, the lower first");
            return Optional.empty();
        }
        if (unit == RandomisationUnit.KEY) {
            bounds.get().fault("need independent requests; say unit: request, or leave the bounds out");
        }
        return Optional.of(new MetricSpec.Bounds(ends.get(0), ends.get(1)));
    }
}
