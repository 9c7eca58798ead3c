package io.understudy.evidence;

import io.understudy.evidence.HarmRestarts.Start;
import io.understudy.plan.MetricKind;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.StagePlan;
import io.understudy.statistics.BinomialMixture;
import io.understudy.statistics.KeyGroupSums;
import io.understudy.statistics.RestartSchedule;
import io.understudy.statistics.Side;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToDoubleBiFunction;

/**
 * The evidence about one metric of a stage: since the beginning and, for a metric that can abort the rollout, since
 * later starts. Mutable, for one thread.
 */
final class TrackedMetric {

    /**
     * The number of buckets since a later start, or in a cycle. Fewer than since the beginning, because their state is
     * kept for each start; the degrees of freedom make up for the uncertain variance.
     */
    private static final int BUCKETS_OF_PART = 64;

    private static final RestartSchedule SMALL_STATES = new RestartSchedule(16);
    private static final RestartSchedule LARGE_STATES = new RestartSchedule(8);
    private static final RestartSchedule SLOW_TESTS = new RestartSchedule(4);

    private static final double[] NO_INTERVAL = {Double.NaN, Double.NaN};

    private final MetricEvidence evidence;
    private final Optional<HarmRestarts> restarts;
    private final Optional<CycleEvidence> cycles;
    private final Supplier<Tally> tallyOfPart;
    private final boolean byKey;

    private TrackedMetric(
            MetricEvidence evidence,
            Optional<HarmRestarts> restarts,
            Optional<CycleEvidence> cycles,
            Supplier<Tally> tallyOfPart,
            boolean byKey) {
        this.evidence = evidence;
        this.restarts = restarts;
        this.cycles = cycles;
        this.tallyOfPart = tallyOfPart;
        this.byKey = byKey;
    }

    /** No evidence yet. */
    static TrackedMetric empty(MetricSpec spec, StagePlan stage, boolean byKey) {
        boolean inCycles = spec.decides() && stage.isJudgedOverCycles();
        boolean aborts = !stage.fixed() && (spec.decides() || spec.limit().isPresent());
        Supplier<Tally> tallyOfPart = () -> Tallies.empty(spec, stage, byKey, BUCKETS_OF_PART);
        Supplier<MetricEvidence> fresh = () -> MetricMethods.choose(spec, stage, tallyOfPart.get(), byKey);
        return new TrackedMetric(
                MetricMethods.choose(spec, stage, Tallies.empty(spec, stage, byKey, KeyGroupSums.COUNT), byKey),
                aborts ? Optional.of(new HarmRestarts(schedule(spec, byKey), fresh)) : Optional.empty(),
                inCycles ? Optional.of(new CycleEvidence(fresh)) : Optional.empty(),
                tallyOfPart,
                byKey);
    }

    /** More starts find harm sooner, and each of them keeps a state and is tested at every look. */
    private static RestartSchedule schedule(MetricSpec spec, boolean byKey) {
        if (spec.bounds().isPresent()) {
            return SLOW_TESTS;
        }
        boolean inGroups = byKey || spec.kind() == MetricKind.RATIO || spec.kind() == MetricKind.LATENCY_QUANTILE;
        return inGroups ? LARGE_STATES : SMALL_STATES;
    }

    /**
     * Adds a window.
     *
     * @param window the observations of the window
     * @param number the number of windows before it
     * @param at the time from the beginning of the stage to that of the window
     * @param units the units of the stage, those of the window included
     */
    void absorb(Tally window, long number, Duration at, UnitCounts units) {
        evidence.absorb(window);
        Tally part = ofPart(window);
        restarts.ifPresent(later ->
                later.absorb(part, number, at, evidence, since -> logHarm(since, unitsSince(since, units))));
        cycles.ifPresent(whole -> whole.absorb(part, evidence));
    }

    /** The window in as many buckets as a part of the stage has: the starts are many, so it is made coarser once. */
    private Tally ofPart(Tally window) {
        if (!byKey || restarts.isEmpty() && cycles.isEmpty()) {
            return window;
        }
        Tally coarse = tallyOfPart.get();
        coarse.addAll(window);
        return coarse;
    }

    /** Ends the open cycle. */
    void closeCycle() {
        cycles.ifPresent(whole -> whole.close(evidence));
    }

    /** The evidence since the beginning of the stage. */
    MetricEvidence evidence() {
        return evidence;
    }

    /** The evidence since later starts; empty if the metric cannot abort the rollout. */
    Optional<HarmRestarts> restarts() {
        return restarts;
    }

    /** The evidence of whole cycles; empty if the stage is not judged over cycles. */
    Optional<CycleEvidence> cycles() {
        return cycles;
    }

    /**
     * A look at the evidence now.
     *
     * @param windows the number of windows of the stage
     * @param alpha the error rate of each end of the interval: that of the metric's own claim
     * @param fixed whether the claims have classical p-values
     * @param data what is wrong with the outcomes and answers of the metric
     */
    MetricLook look(long windows, UnitCounts units, double alpha, boolean fixed, DataQuality data) {
        Optional<Shortfall> shortfall = data.isComparable()
                ? evidence.shortfall(units)
                : Optional.of(new Shortfall(Shortfall.Kind.LABELS_LIKE_OUTCOMES, 0, 0));
        boolean tested = fixed && data.isComparable();
        // Where the tests are still silent, an interval would say more than they do.
        double[] interval = shortfall.isPresent() ? NO_INTERVAL : evidence.interval(alpha);
        double[] harm = sinceStarts(TrackedMetric::logHarm, units);
        Optional<Start> leading = leadingStart(harm, units);
        return new MetricLook(
                evidence.spec(),
                existingArm(evidence),
                candidateArm(evidence),
                evidence.effect(),
                evidence.standardError(),
                interval[0],
                interval[1],
                evidence.allowance(),
                evidence.worthwhile(),
                claim(Claim.SUPERIOR, evidence.logEvidence(Claim.SUPERIOR, units), evidence, units, tested),
                claim(Claim.NON_INFERIOR, evidence.logEvidence(Claim.NON_INFERIOR, units), evidence, units, tested),
                claim(
                        Claim.HARM,
                        sinceAnyStart(logHarm(evidence, units), harm),
                        leading.map(Start::evidence).orElse(evidence),
                        units,
                        tested),
                recent(windows, leading, harm),
                cycles.map(CycleEvidence::look),
                evidence.spec().limit().isPresent()
                        ? sinceAnyStart(logOverLimit(evidence, units), sinceStarts(this::logOverLimit, units))
                        : 0,
                evidence.looksNegligible(),
                shortfall,
                data);
    }

    private static ClaimLook claim(Claim claim, double logE, MetricEvidence since, UnitCounts units, boolean fixed) {
        return new ClaimLook(logE, fixed ? since.p(claim, units) : Double.NaN, since.pointsTo(claim));
    }

    /** ln E since each later start. */
    private double[] sinceStarts(ToDoubleBiFunction<MetricEvidence, UnitCounts> logE, UnitCounts units) {
        return starts().stream()
                .mapToDouble(start -> logE.applyAsDouble(start.evidence(), unitsSince(start.evidence(), units)))
                .toArray();
    }

    /** ln of the weighted sum of the e-values since all starts; without later starts, ln E since the beginning. */
    private double sinceAnyStart(double sinceBeginning, double[] sinceStarts) {
        if (restarts.isEmpty()) {
            return sinceBeginning;
        }
        double sum = RestartSchedule.LOG_WEIGHT_OF_BEGINNING + sinceBeginning;
        for (int i = 0; i < sinceStarts.length; i++) {
            double term = restarts.get().logWeight(starts().get(i)) + sinceStarts[i];
            double larger = Math.max(sum, term);
            sum = larger + Math.log1p(Math.exp(Math.min(sum, term) - larger));
        }
        return sum;
    }

    /** The later start that contributes more to the evidence of harm than the beginning and every other start. */
    private Optional<Start> leadingStart(double[] harm, UnitCounts units) {
        double most = RestartSchedule.LOG_WEIGHT_OF_BEGINNING + logHarm(evidence, units);
        Optional<Start> leading = Optional.empty();
        for (int i = 0; i < harm.length; i++) {
            Start start = starts().get(i);
            double term = restarts.orElseThrow().logWeight(start) + harm[i];
            if (term > most) {
                most = term;
                leading = Optional.of(start);
            }
        }
        return leading;
    }

    private List<Start> starts() {
        return restarts.map(HarmRestarts::starts).orElse(List.of());
    }

    private RecentLook recent(long windows, Optional<Start> leading, double[] harm) {
        MetricEvidence since = leading.map(Start::evidence).orElse(evidence);
        return new RecentLook(
                leading.map(Start::at).orElse(Duration.ZERO),
                existingArm(since),
                candidateArm(since),
                Arrays.stream(harm).max().orElse(0),
                restarts.flatMap(later -> later.newerHalf(windows))
                        .map(Start::evidence)
                        .map(half -> half.pointsTo(Claim.HARM) && !half.looksNegligible())
                        .orElse(false));
    }

    /** The units since a start, if each had as many observations as in the whole stage. */
    private UnitCounts unitsSince(MetricEvidence since, UnitCounts units) {
        return new UnitCounts(
                part(units.existing(), since.existingUnits(), evidence.existingUnits()),
                part(units.candidate(), since.candidateUnits(), evidence.candidateUnits()));
    }

    private static long part(long units, long observations, long ofAll) {
        return ofAll == 0 ? 0 : Math.round((double) units * observations / ofAll);
    }

    private static ArmLook existingArm(MetricEvidence since) {
        return new ArmLook(since.existingUnits(), since.existingEstimate());
    }

    private static ArmLook candidateArm(MetricEvidence since) {
        return new ArmLook(since.candidateUnits(), since.candidateEstimate());
    }

    private static double logHarm(MetricEvidence since, UnitCounts units) {
        return since.logEvidence(Claim.HARM, units);
    }

    private double logOverLimit(MetricEvidence since, UnitCounts units) {
        // The requests of one key are one trial, because they are not independent of each other.
        long requests = since.candidateUnits();
        long trials = byKey ? Math.min(units.candidate(), requests) : requests;
        long faults = trials == 0 ? 0 : Math.round(since.candidateEstimate() * trials);
        double limit = since.spec().limit().orElseThrow();
        return BinomialMixture.logEvidence(faults, trials - faults, limit, 1 / limit, Side.GREATER);
    }
}
