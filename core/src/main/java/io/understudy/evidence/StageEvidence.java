package io.understudy.evidence;

import io.understudy.evidence.CoverageLook.ArmCovered;
import io.understudy.evidence.CoverageLook.ArmsCovered;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.StagePlan;
import io.understudy.schema.Arm;
import io.understudy.schema.Disagreement;
import io.understudy.schema.MetricRole;
import io.understudy.statistics.Coverage;
import io.understudy.statistics.Estimate;
import io.understudy.statistics.KeyGroupSums;
import io.understudy.statistics.RequestRatio;
import io.understudy.statistics.SampleRatio;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The evidence of one epoch of a stage: the sums of all closed windows, and of those since later starts. The caller must absorb each window once, in order. This class has no verdicts. Mutable, for one thread.
 */
public final class StageEvidence {

    private final EvidencePlan plan;
    private final StagePlan stage;
    private final WindowCounts total;
    private final List<TrackedMetric> metrics;
    private List<Disagreement> lastDisagreements = List.of();
    private AnswerHistograms lastExistingAnswers = new AnswerHistograms();
    private AnswerHistograms lastCandidateAnswers = new AnswerHistograms();
    private UnitCounts units = new UnitCounts(0, 0);
    private KeySample keys = KeySample.NONE;
    private long windows;
    private long completedCycles;
    private long observedCycles;
    private boolean openCycleObserved;
    private long cyclesLookedAt;

    private StageEvidence(EvidencePlan plan, StagePlan stage) {
        this.plan = plan;
        this.stage = stage;
        this.total = WindowCounts.underWay(stage, plan.isByKey());
        this.metrics = stage.metrics().stream()
                .map(metric -> TrackedMetric.empty(metric, stage, plan.isByKey()))
                .toList();
    }

    /** No evidence yet, for stage {@code stage} of the plan, from 0. */
    public static StageEvidence empty(EvidencePlan plan, int stage) {
        return new StageEvidence(plan, plan.stages().get(stage));
    }

    /**
     * Adds a window, with all of its partitions merged.
     *
     * @param end the time from the beginning of the stage to the end of the window
     */
    public void absorb(WindowCounts window, Duration end) {
        closeCycles(end.minus(plan.window()));
        openCycleObserved |= window.existingRequests() > 0 && window.candidateRequests() > 0;
        for (int i = 0; i < metrics.size(); i++) {
            metrics.get(i).evidence().prepare(window.tallies().get(i));
        }
        total.addAll(window);
        lastDisagreements = List.copyOf(window.disagreements());
        lastExistingAnswers = window.existingAnswers();
        lastCandidateAnswers = window.candidateAnswers();
        countUnits();
        for (int i = 0; i < metrics.size(); i++) {
            metrics.get(i).absorb(window.tallies().get(i), windows, end.minus(plan.window()), units);
        }
        windows++;
    }

    /**
     * Ends the cycles that are over.
     *
     * @param elapsed the time since the beginning of the stage
     */
    private void closeCycles(Duration elapsed) {
        if (!stage.isJudgedOverCycles()) {
            return;
        }
        long over = elapsed.dividedBy(plan.cycle().orElseThrow());
        for (; completedCycles < over; completedCycles++) {
            metrics.forEach(TrackedMetric::closeCycle);
            observedCycles += openCycleObserved ? 1 : 0;
            openCycleObserved = false;
        }
    }

    private void countUnits() {
        if (plan.isByKey()) {
            units = new UnitCounts(
                    total.existingKeys().count(), total.candidateKeys().count());
            if (!stage.isShadow()) {
                keys = KeySketch.sample(total.existingKeys(), total.candidateKeys());
            }
        } else {
            units = new UnitCounts(total.existingRequests(), total.candidateRequests());
        }
    }

    /**
     * ln E that units do not arrive as the shares say, of the requests whose arms have both answered: the answers of one
     * arm may take longer, and a ratio of what has arrived would be of speed, not of shares.
     */
    double sampleRatio() {
        if (stage.isShadow() || stage.isFull()) {
            return 0;
        }
        double share = stage.share().fraction();
        BucketedRequests requests = total.complete().requests().counts().get(0);
        KeySketch existing = total.complete().keys(Arm.EXISTING);
        KeySketch candidate = total.complete().keys(Arm.CANDIDATE);
        return plan.isByKey()
                ? SampleRatio.logEvidenceOfEstimates(
                        new double[] {existing.estimate(), candidate.estimate()},
                        new double[] {existing.relativeVariance(), candidate.relativeVariance()},
                        share)
                : SampleRatio.logEvidence(
                        new long[] {requests.total(Arm.EXISTING), requests.total(Arm.CANDIDATE)},
                        new double[] {1 - share, share});
    }

    /** ln E that the candidate's keys have more or fewer requests than their share. */
    private double requestRatio() {
        if (stage.isShadow() || stage.isFull() || !plan.isByKey()) {
            return 0;
        }
        BucketedRequests requests = total.complete().requests().counts().get(0);
        return RequestRatio.logEvidence(
                requests.of(Arm.EXISTING, KeyGroupSums.COUNT),
                requests.of(Arm.CANDIDATE, KeyGroupSums.COUNT),
                stage.share().fraction());
    }

    private List<CoverageLook> coverage() {
        List<Integer> covered = RequestCounts.metrics(stage);
        return IntStream.range(0, covered.size())
                .mapToObj(i -> new CoverageLook(
                        stage.metrics().get(covered.get(i)),
                        covered(total.coverage(), i),
                        covered(total.matureCoverage(), i)))
                .toList();
    }

    private ArmsCovered covered(RequestCounts coverage, int metric) {
        BucketedRequests requests = coverage.counts().get(0);
        BucketedRequests observed = coverage.counts().get(1 + metric);
        int buckets = plan.isByKey() ? KeyGroupSums.COUNT : 1;
        Estimate difference = Coverage.difference(
                requests.of(Arm.EXISTING, buckets),
                observed.of(Arm.EXISTING, buckets),
                requests.of(Arm.CANDIDATE, buckets),
                observed.of(Arm.CANDIDATE, buckets));
        double tolerance = plan.coverage().difference();
        ArmCovered existing = new ArmCovered(requests.total(Arm.EXISTING), observed.total(Arm.EXISTING));
        ArmCovered candidate = new ArmCovered(requests.total(Arm.CANDIDATE), observed.total(Arm.CANDIDATE));
        // Keys with many requests do not make up for few keys, nor other requests for few that are covered here.
        long smaller = Math.min(units.smaller(), Math.min(existing.requests(), candidate.requests()));
        return new ArmsCovered(
                existing,
                candidate,
                difference.standardError(),
                Coverage.logEvidence(difference, smaller, tolerance),
                Coverage.logEvidenceBeyond(difference, smaller, tolerance));
    }

    /**
     * A look at the evidence now. Ends the cycles that are over.
     *
     * @param elapsed the time from the start of the stage to the end of the last window
     */
    public StageSnapshot look(Duration elapsed) {
        closeCycles(elapsed);
        StageSnapshot snapshot = snapshot(elapsed);
        cyclesLookedAt = completedCycles;
        return snapshot;
    }

    /** The error rate of the claim of a metric: success metrics, one of which is enough to pass, share alpha. */
    private double alpha(MetricSpec spec) {
        return spec.role() == MetricRole.SUCCESS ? plan.alpha() / stage.successMetrics() : plan.alpha();
    }

    private Optional<CycleProgress> cycles(Duration elapsed) {
        return plan.cycle()
                .filter(cycle -> stage.isJudgedOverCycles())
                .map(cycle -> new CycleProgress(
                        observedCycles,
                        completedCycles > cyclesLookedAt,
                        cycle.multipliedBy(completedCycles + 1).minus(elapsed)));
    }

    /** The evidence now, without any change. */
    StageSnapshot snapshot(Duration elapsed) {
        ScoreBins bins = ScoreBins.around(
                total.existingAnswers().scores(), total.candidateAnswers().scores());
        return new StageSnapshot(
                plan,
                stage,
                elapsed,
                cycles(elapsed),
                new ArmSnapshot(
                        total.existingRequests(),
                        units.existing(),
                        total.existingKeys().count(),
                        total.existingLabelled(),
                        bins.fractions(total.existingAnswers().scores()),
                        LatencyQuantiles.of(lastExistingAnswers.latencies())),
                new ArmSnapshot(
                        total.candidateRequests(),
                        units.candidate(),
                        total.candidateKeys().count(),
                        total.candidateLabelled(),
                        bins.fractions(total.candidateAnswers().scores()),
                        LatencyQuantiles.of(lastCandidateAnswers.latencies())),
                bins.edges(),
                keys,
                sampleRatio(),
                requestRatio(),
                !total.complete().isEmpty(),
                coverage(),
                IntStream.range(0, metrics.size())
                        .mapToObj(i -> look(metrics.get(i), total.checks().get(i)))
                        .toList(),
                lastDisagreements);
    }

    private MetricLook look(TrackedMetric metric, DataCheck check) {
        MetricEvidence evidence = metric.evidence();
        return metric.look(windows, units, alpha(evidence.spec()), stage.fixed(), DataQuality.of(check, evidence));
    }

    EvidencePlan plan() {
        return plan;
    }

    StagePlan stage() {
        return stage;
    }

    WindowCounts total() {
        return total;
    }

    List<TrackedMetric> metrics() {
        return metrics;
    }

    long windows() {
        return windows;
    }

    long completedCycles() {
        return completedCycles;
    }

    long observedCycles() {
        return observedCycles;
    }

    boolean isOpenCycleObserved() {
        return openCycleObserved;
    }

    void restoreCycles(long completed, long observed, boolean openObserved) {
        completedCycles = completed;
        cyclesLookedAt = completed;
        observedCycles = observed;
        openCycleObserved = openObserved;
    }

    /** Restores all state except that of the metrics' own methods. */
    void restore(WindowCounts restoredTotal, long restoredWindows) {
        total.addAll(restoredTotal);
        IntStream.range(0, metrics.size())
                .forEach(i -> metrics.get(i)
                        .evidence()
                        .tally()
                        .addAll(restoredTotal.tallies().get(i)));
        windows = restoredWindows;
        countUnits();
    }
}
