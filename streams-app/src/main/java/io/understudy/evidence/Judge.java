package io.understudy.evidence;

import static io.understudy.evidence.Words.number;
import static io.understudy.evidence.Words.percent;

import io.understudy.assignment.Buckets;
import io.understudy.evidence.EvidencePlan.Policy;
import io.understudy.schema.MetricRole;
import io.understudy.schema.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.statistics.distribution.BinomialDistribution;

/**
 * Turns the evidence of a stage into a verdict; the first rule that matches wins:
 *
 * <ol>
 *   <li>units do not arrive as the shares say, or keys are in both arms: INVALID;
 *   <li>a rate is over its absolute limit: ABORT, whatever the sample;
 *   <li>a success metric or guardrail shows harm: ABORT;
 *   <li>too little has come in: NO_DATA, or HOLD with what is missing;
 *   <li>every guardrail holds and, where the stage asks for it, some success metric is better: PASS;
 *   <li>the stage is at its end, or nothing worth having can come of it: INCONCLUSIVE;
 *   <li>otherwise CONTINUE.
 * </ol>
 *
 * <p>ABORT and INVALID stand, whatever follows, and so does what a fixed test says at its end. The verdict is a pure function of the blocks absorbed and of the time since the stage
 * began.
 */
public final class Judge {

    private static final double MOST_IN_BOTH_ARMS = 0.01;
    private static final double CHANCE_OF_FALSE_ALARM = 0.001;
    private static final double EXPECTED_AT_LEAST = 5;

    private Judge() {}

    /** A verdict and why. */
    record Finding(Verdict verdict, String reason) {}

    /**
     * Rules on a stage.
     *
     * @param evidence everything so far; a verdict that stands is noted in it
     * @param elapsed from the stage's beginning to the end of the last window
     */
    public static Ruling rule(StageEvidence evidence, Duration elapsed) {
        Thresholds thresholds = Thresholds.of(evidence.plan(), evidence.stage());
        Finding finding;
        if (evidence.latched().isPresent()) {
            finding = new Finding(evidence.latched().get(), evidence.latchedReason());
        } else {
            finding = find(evidence, thresholds, elapsed);
            boolean lookedAtOnce = evidence.stage().fixed()
                    && (finding.verdict() == Verdict.PASS || finding.verdict() == Verdict.INCONCLUSIVE);
            if (finding.verdict() == Verdict.ABORT || finding.verdict() == Verdict.INVALID || lookedAtOnce) {
                evidence.latch(finding.verdict(), finding.reason());
            }
        }
        return Report.of(evidence, thresholds, finding);
    }

    private static Finding find(StageEvidence evidence, Thresholds thresholds, Duration elapsed) {
        return invalid(evidence)
                .or(() -> overLimit(evidence, thresholds))
                .or(() -> evidence.stage().fixed() ? Optional.empty() : harm(evidence, thresholds))
                .or(() -> noData(evidence, elapsed))
                .or(() -> missing(evidence, elapsed))
                .orElseGet(() -> evidence.stage().fixed()
                        ? FixedVerdict.find(evidence, isOver(evidence, elapsed))
                        : sequential(evidence, thresholds, elapsed));
    }

    private static Finding sequential(StageEvidence evidence, Thresholds thresholds, Duration elapsed) {
        if (evidence.stage().isFull()) {
            return new Finding(
                    Verdict.PASS,
                    "the candidate serves everybody, " + evidence.smallerArm() + " units in " + Words.duration(elapsed)
                            + ", and nobody is left to compare it with");
        }
        return pass(evidence, thresholds)
                .or(() -> inconclusive(evidence, elapsed))
                .orElseGet(() -> new Finding(Verdict.CONTINUE, Report.outstanding(evidence, thresholds)));
    }

    private static Optional<Finding> invalid(StageEvidence evidence) {
        if (Math.max(evidence.sampleRatio(), evidence.labelledRatio()) >= Thresholds.ALARM) {
            boolean labels = evidence.labelledRatio() > evidence.sampleRatio();
            return Optional.of(new Finding(
                    Verdict.INVALID,
                    "sample ratio mismatch" + (labels ? " among requests with an outcome" : "") + ": "
                            + evidence.units().existing() + " units with the existing model and "
                            + evidence.units().candidate() + " with the candidate, whose share is "
                            + percent(evidence.stage().share() / 100_000.0) + "; log evidence "
                            + number(Math.max(evidence.sampleRatio(), evidence.labelledRatio()))));
        }
        Keys.Sample sample = evidence.sample();
        if (sample.inBoth() > 0 && evidence.plan().isByKey()) {
            long keys = Math.min(sample.existing(), sample.candidate());
            double byChance = BinomialDistribution.of(
                            (int) Math.max(1, Math.max(keys, sample.inBoth())), MOST_IN_BOTH_ARMS)
                    .survivalProbability((int) sample.inBoth() - 1);
            if (byChance < CHANCE_OF_FALSE_ALARM) {
                return Optional.of(new Finding(
                        Verdict.INVALID,
                        "the same keys are in both arms: " + sample.inBoth() + " of " + keys
                                + " sampled in the smaller arm; allowed is " + percent(MOST_IN_BOTH_ARMS)));
            }
        }
        return Optional.empty();
    }

    private static Optional<Finding> overLimit(StageEvidence evidence, Thresholds thresholds) {
        for (int i = 0; i < evidence.metrics().size(); i++) {
            MetricEvidence metric = evidence.metrics().get(i);
            if (evidence.latch(i).overLimit() >= thresholds.harm()
                    && metric.candidateEstimate() > metric.spec().limit().orElse(1.0)) {
                return Optional.of(new Finding(
                        Verdict.ABORT,
                        metric.spec().name() + " is over its limit: " + percent(metric.candidateEstimate()) + " of "
                                + metric.candidateUnits() + ", allowed "
                                + percent(metric.spec().limit().get()) + "; log evidence "
                                + number(evidence.latch(i).overLimit()) + " of " + number(thresholds.harm())));
            }
        }
        return Optional.empty();
    }

    private static Optional<Finding> harm(StageEvidence evidence, Thresholds thresholds) {
        for (int i = 0; i < evidence.metrics().size(); i++) {
            MetricEvidence metric = evidence.metrics().get(i);
            double harm = evidence.latch(i).of(Claim.HARM);
            if (metric.spec().decides() && harm >= thresholds.harm() && metric.pointsTo(Claim.HARM)) {
                return Optional.of(new Finding(
                        Verdict.ABORT,
                        metric.spec().name() + " is worse"
                                + (metric.spec().role() == MetricRole.GUARDRAIL ? " by more than its margin: " : ": ")
                                + Words.arms(metric, evidence.plan().alpha()) + "; log evidence of harm "
                                + number(harm) + " of " + number(thresholds.harm())));
            }
        }
        return Optional.empty();
    }

    private static Optional<Finding> noData(StageEvidence evidence, Duration elapsed) {
        Block total = evidence.total();
        var policies = evidence.plan().policies();
        boolean existing = total.existingRequests() > 0 || evidence.stage().isFull();
        boolean candidate = total.candidateRequests() > 0 || isTooEarlyForTheCandidate(evidence);
        if (existing && candidate || elapsed.compareTo(policies.grace()) <= 0 || policies.noData() == Policy.IGNORE) {
            return Optional.empty();
        }
        String missing = total.existingRequests() == 0 && total.candidateRequests() == 0
                ? "no request has been answered by either model"
                : "no answer of " + (total.candidateRequests() == 0 ? "the candidate" : "the existing model");
        return Optional.of(new Finding(
                policies.noData() == Policy.FAIL ? Verdict.ABORT : Verdict.NO_DATA,
                missing + " within " + Words.duration(elapsed) + " of the stage's beginning"));
    }

    /** A small share's first request may be long in coming: its absence says something once about five should have come. */
    private static boolean isTooEarlyForTheCandidate(StageEvidence evidence) {
        StagePlan stage = evidence.stage();
        if (stage.isShadow() || stage.isFull()) {
            return false;
        }
        double expected =
                (double) evidence.total().existingRequests() * stage.share() / (Buckets.COUNT - stage.share());
        return evidence.total().existingRequests() > 0 && expected < EXPECTED_AT_LEAST;
    }

    private static Optional<Finding> missing(StageEvidence evidence, Duration elapsed) {
        StagePlan.Minimum minimum = evidence.stage().minimum();
        List<String> missing = new ArrayList<>();
        if (evidence.smallerArm() < minimum.units()) {
            missing.add(evidence.smallerArm() + " of " + minimum.units() + " units in the smaller arm");
        }
        if (elapsed.compareTo(minimum.duration()) < 0) {
            missing.add(Words.duration(elapsed) + " of " + Words.duration(minimum.duration()));
        }
        if (evidence.stage().needsOutcomes()) {
            double coverage = Report.coverage(evidence);
            if (coverage < minimum.coverage()) {
                missing.add(
                        "outcomes of " + percent(coverage) + " of the requests, wanted " + percent(minimum.coverage()));
            }
        }
        for (MetricEvidence metric : evidence.metrics()) {
            long units = evidence.stage().isFull()
                    ? metric.candidateUnits()
                    : Math.min(metric.existingUnits(), metric.candidateUnits());
            if (metric.spec().decides() && units < metric.spec().minimum()) {
                missing.add(metric.spec().name() + ": " + units + " of "
                        + metric.spec().minimum() + " units");
            }
        }
        if (missing.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                isOver(evidence, elapsed)
                        ? new Finding(
                                Verdict.INCONCLUSIVE,
                                "the stage is over, and too little has come in: " + String.join("; ", missing))
                        : new Finding(Verdict.HOLD, "too little yet: " + String.join("; ", missing)));
    }

    private static Optional<Finding> pass(StageEvidence evidence, Thresholds thresholds) {
        List<String> why = new ArrayList<>();
        boolean superior = !evidence.stage().superiority();
        for (int i = 0; i < evidence.metrics().size(); i++) {
            MetricEvidence metric = evidence.metrics().get(i);
            switch (metric.spec().role()) {
                case GUARDRAIL -> {
                    if (!holds(metric, evidence.latch(i), thresholds)) {
                        return Optional.empty();
                    }
                    why.add(metric.spec().name() + " holds ("
                            + Words.arms(metric, evidence.plan().alpha()) + ")");
                }
                case SUCCESS -> {
                    if (unguarded(evidence) && !holds(metric, evidence.latch(i), thresholds)) {
                        return Optional.empty();
                    }
                    if (evidence.latch(i).of(Claim.SUPERIOR) >= thresholds.superior()
                            && metric.pointsTo(Claim.SUPERIOR)) {
                        superior = true;
                        why.add(metric.spec().name() + " is better ("
                                + Words.arms(metric, evidence.plan().alpha()) + ")");
                    }
                }
                case DIAGNOSTIC, UNKNOWN -> {
                    // decides nothing
                }
            }
        }
        return superior
                ? Optional.of(new Finding(
                        Verdict.PASS, why.isEmpty() ? "nothing speaks against the candidate" : String.join("; ", why)))
                : Optional.empty();
    }

    /**
     * Whether a stage asks for nothing but that no harm shows: without guardrails and superiority, nothing would have to be shown at all.
     * Each success metric must then not be worse by its mde.
     */
    static boolean unguarded(StageEvidence evidence) {
        return !evidence.stage().superiority()
                && evidence.metrics().stream().noneMatch(metric -> metric.spec().role() == MetricRole.GUARDRAIL);
    }

    static boolean holds(MetricEvidence metric, StageEvidence.Latch latch, Thresholds thresholds) {
        return latch.of(Claim.NON_INFERIOR) >= thresholds.nonInferior()
                && (metric.pointsTo(Claim.NON_INFERIOR) || metric.looksNegligible());
    }

    private static Optional<Finding> inconclusive(StageEvidence evidence, Duration elapsed) {
        if (isOver(evidence, elapsed)) {
            return Optional.of(new Finding(
                    Verdict.INCONCLUSIVE,
                    "the stage is over after " + Words.duration(elapsed) + " and " + evidence.smallerArm()
                            + " units in the smaller arm, and has shown neither harm nor what it asks for"));
        }
        if (!evidence.stage().superiority()) {
            return Optional.empty();
        }
        boolean hopeless = true;
        for (MetricEvidence metric : evidence.metrics()) {
            if (metric.spec().role() == MetricRole.SUCCESS) {
                hopeless &= isHopeless(metric, evidence);
            }
        }
        return hopeless
                ? Optional.of(new Finding(
                        Verdict.INCONCLUSIVE,
                        "whatever the candidate is better by is less than worth detecting: "
                                + Words.successes(evidence)))
                : Optional.empty();
    }

    private static boolean isHopeless(MetricEvidence metric, StageEvidence evidence) {
        if (metric.gate(evidence.units()).isPresent() || metric.logEvidence(Claim.HARM, evidence.units()) > 0) {
            // Where harm is on its way to being shown, an abort is worth waiting for.
            return false;
        }
        double[] interval = metric.interval(evidence.plan().alpha());
        double best = metric.spec().sign() > 0 ? interval[1] : -interval[0];
        // NaN, an interval without end, is no reason to give up.
        return best < metric.worthwhile();
    }

    private static boolean isOver(StageEvidence evidence, Duration elapsed) {
        StagePlan.Maximum maximum = evidence.stage().maximum();
        return maximum.units().map(most -> evidence.smallerArm() >= most).orElse(false)
                || maximum.duration().map(most -> elapsed.compareTo(most) >= 0).orElse(false);
    }
}
