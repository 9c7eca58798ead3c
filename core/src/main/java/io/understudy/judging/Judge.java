package io.understudy.judging;

import io.understudy.evidence.Claim;
import io.understudy.evidence.CycleProgress;
import io.understudy.evidence.KeySample;
import io.understudy.evidence.MetricLook;
import io.understudy.evidence.StageSnapshot;
import io.understudy.judging.VerdictReason.BelowMinimum;
import io.understudy.judging.VerdictReason.CycleUnfinished;
import io.understudy.judging.VerdictReason.FullShareServed;
import io.understudy.judging.VerdictReason.Harm;
import io.understudy.judging.VerdictReason.KeysInBothArms;
import io.understudy.judging.VerdictReason.LimitExceeded;
import io.understudy.judging.VerdictReason.MetricUnobserved;
import io.understudy.judging.VerdictReason.Missing;
import io.understudy.judging.VerdictReason.NoAnswers;
import io.understudy.judging.VerdictReason.NotShownYet;
import io.understudy.judging.VerdictReason.NotWorthDetecting;
import io.understudy.judging.VerdictReason.Open;
import io.understudy.judging.VerdictReason.Passed;
import io.understudy.judging.VerdictReason.RatioMismatch;
import io.understudy.judging.VerdictReason.RecentlyWorse;
import io.understudy.judging.VerdictReason.Shown;
import io.understudy.judging.VerdictReason.StageEnded;
import io.understudy.judging.VerdictReason.UnevenOutcomes;
import io.understudy.plan.StagePlan;
import io.understudy.plan.VerdictPolicies;
import io.understudy.plan.VerdictPolicies.Policy;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.MetricRole;
import io.understudy.schema.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.commons.statistics.distribution.BinomialDistribution;

/**
 * Finds a verdict for a stage. The first rule that matches wins:
 *
 * <ol>
 *   <li>units do not arrive as the shares say, or keys are in both arms: INVALID;
 *   <li>a rate is over its absolute limit, or a success metric or guardrail shows harm, without any outcome: ABORT;
 *   <li>outcomes arrive for another part of the requests in one arm than in the other: INVALID;
 *   <li>the same as the second, with metrics that need outcomes: ABORT;
 *   <li>too little has come in, or nothing of a metric that is to decide: NO_DATA, or HOLD with what is missing;
 *   <li>every guardrail holds and, where the stage asks for it, some success metric is better, and the recent past does
 *       not speak against it: PASS, or HOLD while outcomes have arrived unevenly so far;
 *   <li>the stage is at its end, or nothing worth having can come of it: INCONCLUSIVE;
 *   <li>otherwise CONTINUE.
 * </ol>
 *
 * <p>A pure function: it changes nothing and remembers nothing. {@link JudgedStage} holds the findings that stand.
 */
final class Judge {

    private static final double MOST_IN_BOTH_ARMS = 0.01;
    private static final double CHANCE_OF_FALSE_ALARM = 0.001;
    private static final double EXPECTED_AT_LEAST = 5;

    /** Standard errors by which coverages differ in one of five stages whose outcomes are even. */
    private static final double STANDARD_ERRORS_THAT_HOLD = 1.28;

    private final StageSnapshot snapshot;
    private final StagePlan stage;
    private final Thresholds thresholds;

    private Judge(StageSnapshot snapshot) {
        this.snapshot = snapshot;
        this.stage = snapshot.stage();
        this.thresholds = Thresholds.of(snapshot.plan(), stage);
    }

    /** The finding for {@code snapshot}. */
    static Finding judge(StageSnapshot snapshot) {
        return new Judge(snapshot).find();
    }

    private Finding find() {
        return invalid()
                .or(() -> harm(metric -> !metric.spec().kind().needsOutcome()))
                .or(this::unevenOutcomes)
                .or(() -> harm(metric -> true))
                .or(this::noData)
                .or(this::belowMinimum)
                .orElseGet(() -> unlessUnevenSoFar(stage.fixed() ? FixedHorizon.find(snapshot) : sequential()));
    }

    private Finding sequential() {
        if (stage.isFull()) {
            return new Finding(Verdict.PASS, new FullShareServed(snapshot.smallerArm(), snapshot.elapsed()));
        }
        return unobserved()
                .or(this::pass)
                .or(this::inconclusive)
                .orElseGet(() -> new Finding(Verdict.CONTINUE, waiting()));
    }

    private Optional<Finding> invalid() {
        return ratioMismatch().or(this::keysInBothArms).map(reason -> new Finding(Verdict.INVALID, reason));
    }

    private Optional<VerdictReason> ratioMismatch() {
        return snapshot.sampleRatio() < Thresholds.RATIO_MISMATCH
                ? Optional.empty()
                : Optional.of(new RatioMismatch(snapshot.units(), stage.share(), snapshot.sampleRatio()));
    }

    /** Every metric is tested, so that each has a part of the chance of a false alarm. */
    private Optional<Finding> unevenOutcomes() {
        double threshold = Thresholds.RATIO_MISMATCH
                + Math.log(Math.max(1, snapshot.coverage().size()));
        return snapshot.coverage().stream()
                .filter(look -> look.mature().logEvidenceBeyond() >= threshold)
                .findFirst()
                .map(look -> new Finding(
                        Verdict.INVALID,
                        new UnevenOutcomes(
                                ReasonCode.UNEVEN_OUTCOMES,
                                look.spec().name(),
                                look.mature(),
                                snapshot.plan().coverage().difference())));
    }

    /**
     * Outcomes that may only be slower in one arm are no reason to call the comparison invalid, but no stage passes on
     * them: which outcomes come first may depend on what they are. A wrong hold costs time only, so it takes less than
     * proof: a difference that is seen in one of five stages by chance.
     */
    private Finding unlessUnevenSoFar(Finding finding) {
        if (finding.verdict() != Verdict.PASS) {
            return finding;
        }
        double tolerance = snapshot.plan().coverage().difference();
        return snapshot.coverage().stream()
                .filter(look -> look.soFar().difference() > tolerance
                        && look.soFar().difference()
                                > STANDARD_ERRORS_THAT_HOLD * look.soFar().standardError())
                .findFirst()
                .map(look -> new Finding(
                        Verdict.HOLD,
                        new UnevenOutcomes(
                                ReasonCode.OUTCOMES_UNEVEN_SO_FAR, look.spec().name(), look.soFar(), tolerance)))
                .orElse(finding);
    }

    private Optional<VerdictReason> keysInBothArms() {
        KeySample keys = snapshot.keys();
        if (keys.inBoth() == 0 || !snapshot.plan().isByKey()) {
            return Optional.empty();
        }
        int trials = (int) Math.max(1, Math.max(keys.smaller(), keys.inBoth()));
        double byChance =
                BinomialDistribution.of(trials, MOST_IN_BOTH_ARMS).survivalProbability((int) keys.inBoth() - 1);
        return byChance < CHANCE_OF_FALSE_ALARM
                ? Optional.of(new KeysInBothArms(keys.inBoth(), keys.smaller(), MOST_IN_BOTH_ARMS))
                : Optional.empty();
    }

    private Optional<Finding> harm(Predicate<MetricLook> condition) {
        return limitExceeded(condition).or(() -> stage.fixed() ? Optional.empty() : worse(condition));
    }

    private Optional<Finding> limitExceeded(Predicate<MetricLook> condition) {
        return snapshot.metrics().stream()
                .filter(condition)
                .filter(thresholds::isLimitExceeded)
                .findFirst()
                .map(metric -> new Finding(Verdict.ABORT, new LimitExceeded(metric, thresholds.harm())));
    }

    private Optional<Finding> worse(Predicate<MetricLook> condition) {
        return snapshot.metrics().stream()
                .filter(condition)
                .filter(thresholds::isHarmShown)
                .filter(metric -> !waitsForCycles(metric) || isHarmShownOverCycles(metric))
                .findFirst()
                .map(metric -> new Finding(Verdict.ABORT, new Harm(metric, thresholds.harm())));
    }

    /**
     * Whether harm of a metric is a matter of whole cycles: in a shadow, where it hurts nobody, unless it is a fault. Of
     * an hour of bad weather nothing follows for the next day.
     */
    private boolean waitsForCycles(MetricLook metric) {
        return stage.isShadow()
                && stage.isJudgedOverCycles()
                && !metric.spec().kind().isMeasuredOnAnswers();
    }

    private boolean isHarmShownOverCycles(MetricLook metric) {
        return isAtEndOfCycle() && thresholds.isHarmShownOverCycles(metric);
    }

    /**
     * Whether a stage that is judged over cycles may be decided now: at the end of a cycle and, so that a stage that was
     * held at its maximum can be resumed, at any time after that. True for every other stage.
     */
    private boolean isAtEndOfCycle() {
        return snapshot.isOver()
                || snapshot.cycles().map(CycleProgress::isAtEnd).orElse(true);
    }

    private Optional<Finding> noData() {
        VerdictPolicies policies = snapshot.plan().policies();
        boolean existing = snapshot.existing().requests() > 0 || stage.isFull();
        boolean candidate = snapshot.candidate().requests() > 0 || isTooEarlyForTheCandidate();
        if (existing && candidate
                || snapshot.elapsed().compareTo(policies.grace()) <= 0
                || policies.noData() == Policy.IGNORE) {
            return Optional.empty();
        }
        ReasonCode code = snapshot.candidate().requests() > 0
                ? ReasonCode.NO_EXISTING_ANSWERS
                : snapshot.existing().requests() > 0 ? ReasonCode.NO_CANDIDATE_ANSWERS : ReasonCode.NO_ANSWERS;
        return Optional.of(new Finding(
                policies.noData() == Policy.FAIL ? Verdict.ABORT : Verdict.NO_DATA,
                new NoAnswers(code, snapshot.elapsed())));
    }

    /**
     * The first request of a small share may be long in coming: its absence says something once about five should have
     * come.
     */
    private boolean isTooEarlyForTheCandidate() {
        if (stage.isShadow() || stage.isFull()) {
            return false;
        }
        double share = stage.share().fraction();
        double expected = snapshot.existing().requests() * share / (1 - share);
        return snapshot.existing().requests() > 0 && expected < EXPECTED_AT_LEAST;
    }

    private Optional<Finding> belowMinimum() {
        List<Missing> missing = missing();
        if (missing.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                snapshot.isOver()
                        ? new Finding(Verdict.INCONCLUSIVE, new BelowMinimum(ReasonCode.ENDED_BELOW_MINIMUM, missing))
                        : new Finding(Verdict.HOLD, new BelowMinimum(ReasonCode.BELOW_MINIMUM, missing)));
    }

    private List<Missing> missing() {
        StagePlan.Minimum minimum = stage.minimum();
        List<Missing> missing = new ArrayList<>();
        if (snapshot.smallerArm() < minimum.units()) {
            missing.add(new Missing.Units(snapshot.smallerArm(), minimum.units()));
        }
        if (snapshot.elapsed().compareTo(minimum.duration()) < 0) {
            missing.add(new Missing.Time(snapshot.elapsed(), minimum.duration()));
        }
        if (stage.needsOutcomes() && snapshot.knownOutcomes() < minimum.coverage()) {
            missing.add(new Missing.Outcomes(snapshot.knownOutcomes(), minimum.coverage()));
        }
        snapshot.cycles()
                .filter(cycles -> cycles.completed() < minimum.cycles())
                .ifPresent(cycles -> missing.add(new Missing.Cycles(cycles.completed(), minimum.cycles())));
        for (MetricLook metric : snapshot.metrics()) {
            long units = stage.isFull()
                    ? metric.candidate().units()
                    : Math.min(metric.existing().units(), metric.candidate().units());
            if (metric.spec().decides() && units < metric.spec().minimum()) {
                missing.add(new Missing.MetricUnits(
                        metric.spec().name(), units, metric.spec().minimum()));
            }
        }
        return missing;
    }

    /** A metric that is to decide and has seen nothing holds the stage, however well the others do. */
    private Optional<Finding> unobserved() {
        List<MetricLook> unobserved = snapshot.metrics().stream()
                .filter(metric -> metric.spec().decides())
                .filter(metric ->
                        metric.existing().units() == 0 || metric.candidate().units() == 0)
                .toList();
        return unobserved.isEmpty()
                ? Optional.empty()
                : Optional.of(new Finding(
                        snapshot.isOver() ? Verdict.INCONCLUSIVE : Verdict.HOLD, new MetricUnobserved(unobserved)));
    }

    private Optional<Finding> pass() {
        return isAtEndOfCycle() && isEverythingShown() && recentlyWorse().isEmpty()
                ? Optional.of(new Finding(Verdict.PASS, new Passed(shown())))
                : Optional.empty();
    }

    private boolean isEverythingShown() {
        return snapshot.metrics().stream().noneMatch(this::isMissingItsClaim)
                && (!stage.superiority() || snapshot.metrics().stream().anyMatch(this::isBetterShown));
    }

    private boolean isBetterShown(MetricLook metric) {
        return metric.spec().role() == MetricRole.SUCCESS && thresholds.isBetterShown(metric);
    }

    private List<Shown> shown() {
        List<Shown> shown = new ArrayList<>();
        for (MetricLook metric : snapshot.metrics()) {
            if (metric.spec().role() == MetricRole.GUARDRAIL) {
                shown.add(new Shown(metric, Claim.NON_INFERIOR));
            } else if (isBetterShown(metric)) {
                shown.add(new Shown(metric, Claim.SUPERIOR));
            }
        }
        return shown;
    }

    private List<MetricLook> recentlyWorse() {
        return snapshot.metrics().stream()
                .filter(metric -> waitsForCycles(metric)
                        ? thresholds.isNewerHalfWorse(metric)
                        : thresholds.isRecentlyWorse(metric))
                .toList();
    }

    /** Whether a metric must be shown not to be worse, and is not. */
    private boolean isMissingItsClaim(MetricLook metric) {
        return stage.mustHold(metric.spec()) && !thresholds.isNotWorseShown(metric);
    }

    private Optional<Finding> inconclusive() {
        if (snapshot.isOver()) {
            return Optional.of(
                    new Finding(Verdict.INCONCLUSIVE, new StageEnded(snapshot.elapsed(), snapshot.smallerArm())));
        }
        List<MetricLook> success = snapshot.metrics().stream()
                .filter(metric -> metric.spec().role() == MetricRole.SUCCESS)
                .toList();
        return stage.superiority()
                        && success.stream().noneMatch(this::isBetterShown)
                        && success.stream().allMatch(this::isNotWorthDetecting)
                ? Optional.of(new Finding(
                        mayGiveUp() ? Verdict.INCONCLUSIVE : Verdict.CONTINUE, new NotWorthDetecting(success)))
                : Optional.empty();
    }

    /**
     * Whether a stage is given up before its maximum because nothing worth having can come of it: never if it has a
     * maximum, because the time to come may differ from the time seen, and otherwise at the end of whole cycles. Without
     * cycles the rollout is held at most, and judged on.
     */
    private boolean mayGiveUp() {
        return !stage.hasMaximum()
                && switch (snapshot.plan().policies().inconclusive()) {
                    case CONTINUE -> false;
                    case ABORT -> stage.isJudgedOverCycles() && isAtEndOfCycle();
                    case HOLD, FAIL, IGNORE -> isAtEndOfCycle();
                };
    }

    private boolean isNotWorthDetecting(MetricLook metric) {
        if (metric.cycles()
                .map(cycles -> cycles.notWorthwhile() < thresholds.nonInferior())
                .orElse(false)) {
            return false;
        }
        if (metric.shortfall().isPresent() || metric.harm().logEvidence() > 0) {
            // While harm is on its way to being shown, an abort is worth waiting for.
            return false;
        }
        double best = metric.spec().sign() > 0 ? metric.high() : -metric.low();
        // NaN, an interval without end, is no reason to give up.
        return best < metric.worthwhile();
    }

    /** Why there is no verdict yet. */
    private VerdictReason waiting() {
        if (!isEverythingShown()) {
            return notShownYet();
        }
        List<MetricLook> worse = recentlyWorse();
        return worse.isEmpty() ? new CycleUnfinished(snapshot.cycles().orElseThrow()) : new RecentlyWorse(worse);
    }

    private NotShownYet notShownYet() {
        List<Open> open = new ArrayList<>();
        boolean better = !stage.superiority() || snapshot.metrics().stream().anyMatch(this::isBetterShown);
        for (MetricLook metric : snapshot.metrics()) {
            boolean mustBeBetter = !better && metric.spec().role() == MetricRole.SUCCESS;
            if (mustBeBetter) {
                open.add(new Open(metric, Claim.SUPERIOR, thresholds.superior()));
            } else if (isMissingItsClaim(metric)) {
                open.add(new Open(metric, Claim.NON_INFERIOR, thresholds.nonInferior()));
            }
        }
        return new NotShownYet(open, Forecast.remainingUnits(snapshot, thresholds));
    }
}
