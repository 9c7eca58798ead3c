package io.understudy.evidence;

import io.understudy.evidence.HarmRestarts.Start;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.StagePlan;
import io.understudy.statistics.BinomialMixture;
import io.understudy.statistics.KeyGroupSums;
import io.understudy.statistics.RestartSchedule;
import io.understudy.statistics.Side;
import java.time.Duration;
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

    private static final RestartSchedule BY_REQUEST = new RestartSchedule(16);
    private static final RestartSchedule BY_KEY = new RestartSchedule(8);

    private static final double[] NO_INTERVAL = {Double.NaN, Double.NaN};

    private final MetricEvidence evidence;
    private final Optional<HarmRestarts> restarts;
    private final Optional<CycleEvidence> cycles;
    private final boolean byKey;

    private TrackedMetric(
            MetricEvidence evidence, Optional<HarmRestarts> restarts, Optional<CycleEvidence> cycles, boolean byKey) {
        this.evidence = evidence;
        this.restarts = restarts;
        this.cycles = cycles;
        this.byKey = byKey;
    }

    /** No evidence yet. */
    static TrackedMetric empty(MetricSpec spec, StagePlan stage, boolean byKey) {
        boolean inCycles = spec.decides() && stage.isJudgedOverCycles();
        boolean aborts = !stage.fixed() && (spec.decides() || spec.limit().isPresent());
        Supplier<MetricEvidence> fresh =
                () -> MetricMethods.choose(spec, stage, Tally.empty(spec, stage, byKey, BUCKETS_OF_PART), byKey);
        return new TrackedMetric(
                MetricMethods.choose(spec, stage, Tally.empty(spec, stage, byKey, KeyGroupSums.COUNT), byKey),
                aborts ? Optional.of(new HarmRestarts(byKey ? BY_KEY : BY_REQUEST, fresh)) : Optional.empty(),
                inCycles ? Optional.of(new CycleEvidence(fresh)) : Optional.empty(),
                byKey);
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
        restarts.ifPresent(later ->
                later.absorb(window, number, at, evidence, since -> logHarm(since, unitsSince(since, units))));
        cycles.ifPresent(whole -> whole.absorb(window, evidence));
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
     */
    MetricLook look(long windows, UnitCounts units, double alpha, boolean fixed) {
        Optional<Shortfall> shortfall = evidence.shortfall(units);
        // Where the tests are still silent, an interval would say more than they do.
        double[] interval = shortfall.isPresent() ? NO_INTERVAL : evidence.interval(alpha);
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
                claim(Claim.SUPERIOR, evidence.logEvidence(Claim.SUPERIOR, units), evidence, units, fixed),
                claim(Claim.NON_INFERIOR, evidence.logEvidence(Claim.NON_INFERIOR, units), evidence, units, fixed),
                claim(
                        Claim.HARM,
                        sinceAnyStart(TrackedMetric::logHarm, units),
                        leadingStart(units).map(Start::evidence).orElse(evidence),
                        units,
                        fixed),
                recent(windows, units),
                cycles.map(CycleEvidence::look),
                evidence.spec().limit().isPresent() ? sinceAnyStart(this::logOverLimit, units) : 0,
                evidence.looksNegligible(),
                shortfall);
    }

    private static ClaimLook claim(Claim claim, double logE, MetricEvidence since, UnitCounts units, boolean fixed) {
        return new ClaimLook(logE, fixed ? since.p(claim, units) : Double.NaN, since.pointsTo(claim));
    }

    /** ln of the weighted sum of the e-values since all starts; without later starts, ln E since the beginning. */
    private double sinceAnyStart(ToDoubleBiFunction<MetricEvidence, UnitCounts> logE, UnitCounts units) {
        double sinceBeginning = logE.applyAsDouble(evidence, units);
        if (restarts.isEmpty()) {
            return sinceBeginning;
        }
        double sum = RestartSchedule.LOG_WEIGHT_OF_BEGINNING + sinceBeginning;
        for (Start start : restarts.get().starts()) {
            double term = restarts.get().logWeight(start)
                    + logE.applyAsDouble(start.evidence(), unitsSince(start.evidence(), units));
            double larger = Math.max(sum, term);
            sum = larger + Math.log1p(Math.exp(Math.min(sum, term) - larger));
        }
        return sum;
    }

    /** The later start that contributes more to the evidence of harm than the beginning and every other start. */
    private Optional<Start> leadingStart(UnitCounts units) {
        double most = RestartSchedule.LOG_WEIGHT_OF_BEGINNING + logHarm(evidence, units);
        Optional<Start> leading = Optional.empty();
        for (Start start : starts()) {
            double term = restarts.orElseThrow().logWeight(start)
                    + logHarm(start.evidence(), unitsSince(start.evidence(), units));
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

    private RecentLook recent(long windows, UnitCounts units) {
        Optional<Start> leading = leadingStart(units);
        MetricEvidence since = leading.map(Start::evidence).orElse(evidence);
        return new RecentLook(
                leading.map(Start::at).orElse(Duration.ZERO),
                existingArm(since),
                candidateArm(since),
                starts().stream()
                        .mapToDouble(start -> logHarm(start.evidence(), unitsSince(start.evidence(), units)))
                        .max()
                        .orElse(0),
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
