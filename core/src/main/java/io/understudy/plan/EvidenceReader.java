package io.understudy.plan;

import io.understudy.assignment.Share;
import io.understudy.plan.StagePlan.Maximum;
import io.understudy.plan.StagePlan.Minimum;
import io.understudy.plan.VerdictPolicies.Policy;
import io.understudy.schema.MetricRole;
import io.understudy.schema.RandomisationUnit;
import io.understudy.schema.StageKind;
import io.understudy.spec.SpecNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Reads how a rollout is judged: its unit, stages, windows, error rates and policies. {@link SpecReader} calls it, and
 * it calls {@link MetricReader} for the metrics.
 */
final class EvidenceReader {

    private static final double DEFAULT_ALPHA = 0.05;
    private static final int MAX_STAGES = 100;
    private static final long DEFAULT_WINDOW_MILLIS = 5000;
    private static final long MIN_WINDOW_MILLIS = 100;
    private static final long DEFAULT_OUTCOME_WINDOW_MILLIS = 24 * 3_600_000L;
    private static final double DEFAULT_COVERAGE_DIFFERENCE = 0.02;
    private static final long DEFAULT_GRACE_MILLIS = 60_000;
    private static final String NO_EXISTING_ARM =
            "a share of 100% leaves no existing arm to compare the candidate with";

    private EvidenceReader() {}

    static EvidencePlan read(SpecNode root) {
        RandomisationUnit unit = root.child("unit")
                .optional()
                .map(node -> node.oneOf(List.of(RandomisationUnit.KEY, RandomisationUnit.REQUEST)))
                .orElse(RandomisationUnit.KEY);
        Duration outcomeWindow = Duration.ofMillis(root.child("outcome-window")
                .optional()
                .map(SpecNode::durationMillis)
                .orElse(DEFAULT_OUTCOME_WINDOW_MILLIS));
        List<MetricSpec> metrics = root.child("metrics")
                .optional()
                .map(node -> MetricReader.read(node, unit, outcomeWindow))
                .orElse(List.of());
        Optional<Duration> cycle =
                root.child("cycle").optional().map(SpecNode::durationMillis).map(Duration::ofMillis);
        double coverage = minimumCoverage(root.child("coverage"), Share.NONE.fraction());
        List<StagePlan> stages =
                root.child("stages").elements(MAX_STAGES, (node, index) -> stage(node, metrics, cycle, coverage));
        rejectUnmeasurable(root, metrics, stages);
        SpecNode window = root.child("window");
        long windowMillis = window.optional().map(SpecNode::durationMillis).orElse(DEFAULT_WINDOW_MILLIS);
        if (windowMillis < MIN_WINDOW_MILLIS) {
            window.fault("must be at least " + MIN_WINDOW_MILLIS + "ms");
        }
        if (cycle.isPresent() && cycle.get().toMillis() < windowMillis) {
            root.child("cycle").fault("is shorter than a window; a cycle has at least one window");
        }
        return new EvidencePlan(
                unit,
                metrics,
                stages,
                Duration.ofMillis(windowMillis),
                outcomeWindow,
                cycle,
                coverage(root.child("coverage"), outcomeWindow),
                alpha(root.child("alpha")),
                alpha(root.child("alpha-abort")),
                policies(root.child("policies")));
    }

    private static CoverageRules coverage(SpecNode node, Duration outcomeWindow) {
        if (!node.isPresent()) {
            return new CoverageRules(DEFAULT_COVERAGE_DIFFERENCE, Optional.empty());
        }
        node.mapping("minimum", "difference", "after");
        Optional<Duration> after =
                node.child("after").optional().map(SpecNode::durationMillis).map(Duration::ofMillis);
        if (after.isPresent() && after.get().compareTo(outcomeWindow) > 0) {
            node.child("after").fault("is over outcome-window, after which outcomes do not count");
        }
        return new CoverageRules(
                node.child("difference")
                        .optional()
                        .map(SpecNode::share)
                        .map(Share::fraction)
                        .orElse(DEFAULT_COVERAGE_DIFFERENCE),
                after);
    }

    private static double minimumCoverage(SpecNode node, double defaultMinimum) {
        return node.isPresent()
                ? node.child("minimum")
                        .optional()
                        .map(SpecNode::share)
                        .map(Share::fraction)
                        .orElse(defaultMinimum)
                : defaultMinimum;
    }

    private static double alpha(SpecNode node) {
        double alpha = node.optional().map(SpecNode::probability).orElse(DEFAULT_ALPHA);
        return Double.isNaN(alpha) ? DEFAULT_ALPHA : alpha;
    }

    private static StagePlan stage(SpecNode node, List<MetricSpec> metrics, Optional<Duration> cycle, double coverage) {
        node.mapping("kind", "mirror", "share", "minimum", "maximum", "require", "test", "metrics");
        StageKind kind = node.child("kind").oneOf(List.of(StageKind.SHADOW, StageKind.CANARY, StageKind.AB));
        boolean shadow = kind == StageKind.SHADOW;
        boolean superiority = node.child("require")
                .optional()
                .map(require -> require.oneOf(List.of(Requirement.values())) == Requirement.SUPERIORITY)
                .orElse(false);
        boolean fixed = node.child("test")
                .optional()
                .map(test -> test.oneOf(List.of(Test.values())) == Test.FIXED)
                .orElse(false);
        Share share = shadow ? Share.NONE : share(node);
        boolean comparesEarly = !fixed && !share.isAll();
        StagePlan stage = new StagePlan(
                kind,
                share,
                shadow ? mirror(node) : Share.NONE,
                measured(node, kind, metrics),
                minimum(node.child("minimum"), cycle, comparesEarly, coverage),
                maximum(node.child("maximum")),
                superiority,
                fixed);
        node.forbid(
                shadow ? "does not apply to a shadow stage, which serves nothing" : "applies to shadow stages only",
                shadow ? "share" : "mirror");
        if (fixed && !stage.hasMaximum()) {
            node.child("maximum").fault("is missing; a fixed test needs a declared end: units or duration");
        }
        if (fixed && stage.metrics().stream().anyMatch(EvidenceReader::decidesQuantile)) {
            node.child("test")
                    .fault("a fixed test does not judge latency-quantile; use latency-over, or no fixed test");
        }
        rejectComparisonsWithoutTwoArms(node, stage);
        rejectCyclesBeyondTheMaximum(node, stage, cycle);
        if (stage.maximum()
                .units()
                .map(maximum -> maximum < stage.minimum().units())
                .orElse(false)) {
            node.child("minimum").child("units").fault("is over the stage's maximum; the stage could never pass");
        }
        if (stage.maximum()
                .duration()
                .map(maximum -> maximum.compareTo(stage.minimum().duration()) < 0)
                .orElse(false)) {
            node.child("minimum").child("duration").fault("is over the stage's maximum; the stage could never pass");
        }
        if (superiority && stage.metrics().stream().noneMatch(metric -> metric.role() == MetricRole.SUCCESS)) {
            node.child("require").fault("superiority needs a success metric, and the stage measures none");
        }
        return stage;
    }

    /**
     * A stage with a share of 100% has only one arm. It can pass by units or duration, and it can require nothing else.
     */
    private static void rejectComparisonsWithoutTwoArms(SpecNode node, StagePlan stage) {
        if (!stage.isFull()) {
            return;
        }
        if (stage.superiority()) {
            node.child("require").fault(NO_EXISTING_ARM);
        }
        if (stage.fixed()) {
            node.child("test").fault(NO_EXISTING_ARM);
        }
        boolean judged = !stage.metrics().isEmpty();
        if (judged && stage.minimum().units() == 0 && stage.minimum().duration().isZero()) {
            node.child("minimum")
                    .fault("is missing; a stage with a share of 100% compares nothing and passes by units or duration");
        }
    }

    private static boolean decidesQuantile(MetricSpec metric) {
        return metric.kind() == MetricKind.LATENCY_QUANTILE && metric.decides();
    }

    private static void rejectCyclesBeyondTheMaximum(SpecNode node, StagePlan stage, Optional<Duration> cycle) {
        Optional<Duration> least =
                cycle.map(length -> length.multipliedBy(stage.minimum().cycles()));
        if (least.isPresent()
                && stage.maximum()
                        .duration()
                        .map(maximum -> maximum.compareTo(least.get()) < 0)
                        .orElse(false)) {
            node.child("maximum")
                    .child("duration")
                    .fault("is shorter than the stage's minimum of "
                            + stage.minimum().cycles() + " cycles; the stage could never pass");
        }
    }

    private enum Requirement {
        NON_INFERIORITY,
        SUPERIORITY
    }

    private enum Test {
        SEQUENTIAL,
        FIXED
    }

    private static Share mirror(SpecNode node) {
        SpecNode mirror = node.child("mirror");
        Share share = mirror.optional().map(SpecNode::share).orElse(Share.ALL);
        if (share.isNone()) {
            mirror.fault("must be greater than 0%; a shadow stage without a mirror compares nothing");
        }
        return share;
    }

    private static Share share(SpecNode node) {
        SpecNode child = node.child("share");
        Share share = child.share();
        if (share.isNone()) {
            child.fault("must be greater than 0%; a candidate that serves nothing cannot be compared");
        }
        return share;
    }

    /** The metrics that a stage measures: those that it names, or every one that it can measure. */
    private static List<MetricSpec> measured(SpecNode node, StageKind kind, List<MetricSpec> metrics) {
        Optional<SpecNode> named = node.child("metrics").optional();
        if (named.isEmpty()) {
            return metrics.stream()
                    .filter(metric -> metric.kind().isMeasuredIn(kind))
                    .toList();
        }
        List<MetricSpec> chosen = new ArrayList<>();
        named.get().elements((element, index) -> {
            String name = element.text();
            Optional<MetricSpec> metric = metrics.stream()
                    .filter(candidate -> candidate.name().equals(name))
                    .findFirst();
            if (metric.isEmpty() && !name.isEmpty()) {
                element.fault("'" + name + "' is not a metric; allowed: "
                        + metrics.stream().map(MetricSpec::name).distinct().collect(Collectors.joining(", ")));
            }
            metric.filter(found -> !found.kind().isMeasuredIn(kind))
                    .ifPresent(found -> element.fault(cannotBeMeasured(found, kind)));
            metric.filter(found -> found.kind().isMeasuredIn(kind)).ifPresent(chosen::add);
            return name;
        });
        return metrics.stream().filter(chosen::contains).toList();
    }

    /** Reports each metric that no stage can measure, and each stage that cannot measure any metric. */
    private static void rejectUnmeasurable(SpecNode root, List<MetricSpec> metrics, List<StagePlan> stages) {
        if (metrics.isEmpty() || stages.isEmpty()) {
            return;
        }
        for (int i = 0; i < metrics.size(); i++) {
            MetricSpec metric = metrics.get(i);
            if (stages.stream().noneMatch(stage -> metric.kind().isMeasuredIn(stage.kind()))) {
                root.child("metrics")
                        .element(i)
                        .child("kind")
                        .fault(cannotBeMeasured(metric, stages.get(0).kind()));
            }
        }
        for (int i = 0; i < stages.size(); i++) {
            boolean named = root.child("stages").element(i).child("metrics").isPresent();
            if (stages.get(i).metrics().isEmpty() && !named) {
                root.child("stages")
                        .element(i)
                        .fault("cannot measure any of the metrics; "
                                + cannotBeMeasured(metrics.get(0), stages.get(i).kind()));
            }
        }
    }

    private static String cannotBeMeasured(MetricSpec metric, StageKind kind) {
        return metric.kind().code() + " cannot be measured in a stage of kind " + SpecNode.name(kind) + ": "
                + (kind == StageKind.SHADOW
                        ? "the candidate's answer is not served, so it has no effect"
                        : "no request is answered by both models");
    }

    /**
     * What a stage needs before it can pass. Where a cycle is declared, a stage that is judged early needs at least one,
     * unless it says otherwise.
     */
    private static Minimum minimum(SpecNode node, Optional<Duration> cycle, boolean comparesEarly, double coverage) {
        long defaultCycles = cycle.isPresent() && comparesEarly ? 1 : 0;
        if (!node.isPresent()) {
            return new Minimum(0, Duration.ZERO, defaultCycles, coverage);
        }
        node.mapping("units", "duration", "cycles", "coverage");
        Optional<SpecNode> cycles = node.child("cycles").optional();
        if (cycles.isPresent() && cycle.isEmpty()) {
            cycles.get().fault("needs a cycle: declare its length, such as cycle: 24h, beside the stages");
        }
        if (cycles.isPresent() && !comparesEarly) {
            cycles.get().fault("applies to stages that are judged after every window and compare two arms");
        }
        return new Minimum(
                node.child("units").optional().map(SpecNode::wholeNumber).orElse(0L),
                Duration.ofMillis(node.child("duration")
                        .optional()
                        .map(SpecNode::durationMillis)
                        .orElse(0L)),
                cycles.map(SpecNode::wholeNumber).orElse(defaultCycles),
                node.child("coverage")
                        .optional()
                        .map(SpecNode::share)
                        .map(Share::fraction)
                        .orElse(coverage));
    }

    private static Maximum maximum(SpecNode node) {
        if (!node.isPresent()) {
            return new Maximum(Optional.empty(), Optional.empty());
        }
        node.mapping("units", "duration");
        Optional<Long> units = node.child("units").optional().map(SpecNode::wholeNumber);
        if (units.isPresent() && units.get() == 0) {
            node.child("units").fault("must be greater than 0");
        }
        return new Maximum(
                units,
                node.child("duration").optional().map(SpecNode::durationMillis).map(Duration::ofMillis));
    }

    private static VerdictPolicies policies(SpecNode node) {
        if (!node.isPresent()) {
            return new VerdictPolicies(
                    Policy.CONTINUE, Policy.HOLD, Policy.HOLD, Duration.ofMillis(DEFAULT_GRACE_MILLIS));
        }
        node.mapping("inconclusive", "invalid", "no-data", "grace", "approval");
        return new VerdictPolicies(
                node.child("inconclusive")
                        .optional()
                        .map(present -> present.oneOf(VerdictPolicies.INCONCLUSIVE))
                        .orElse(Policy.CONTINUE),
                policy(node.child("invalid"), VerdictPolicies.INVALID),
                policy(node.child("no-data"), VerdictPolicies.NO_DATA),
                Duration.ofMillis(node.child("grace")
                        .optional()
                        .map(SpecNode::durationMillis)
                        .orElse(DEFAULT_GRACE_MILLIS)));
    }

    private static Policy policy(SpecNode node, List<Policy> allowed) {
        return node.optional().map(present -> present.oneOf(allowed)).orElse(Policy.HOLD);
    }
}
