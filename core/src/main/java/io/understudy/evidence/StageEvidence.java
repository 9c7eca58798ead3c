package io.understudy.evidence;

import io.understudy.plan.EvidencePlan;
import io.understudy.plan.StagePlan;
import io.understudy.schema.Disagreement;
import io.understudy.statistics.BinomialMixture;
import io.understudy.statistics.SampleRatio;
import io.understudy.statistics.Side;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The evidence of one epoch of a stage: the sums of all closed windows, and the highest log evidence after any of them.
 * The caller must absorb each window once, in order. This class has no verdicts. Mutable, for one thread.
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
    private double sampleRatio;
    private double labelledRatio;

    /** A metric's evidence now, and its highest evidence at any look. */
    record TrackedMetric(MetricEvidence evidence, HighestEvidence highest) {}

    /** The highest log evidence at any look: for each claim, and for a rate over its absolute limit. Never negative. */
    static final class HighestEvidence {
        private final Map<Claim, Double> byClaim = new EnumMap<>(Claim.class);
        private double overLimit;

        double of(Claim claim) {
            return byClaim.getOrDefault(claim, 0.0);
        }

        double overLimit() {
            return overLimit;
        }

        void raise(Claim claim, double logE) {
            byClaim.merge(claim, Math.max(0, logE), Math::max);
        }

        void raiseOverLimit(double logE) {
            overLimit = Math.max(overLimit, logE);
        }
    }

    private StageEvidence(EvidencePlan plan, StagePlan stage) {
        this.plan = plan;
        this.stage = stage;
        this.total = WindowCounts.empty(stage, plan.isByKey());
        this.metrics = stage.metrics().stream()
                .map(metric ->
                        new TrackedMetric(MetricMethods.choose(metric, stage, plan.isByKey()), new HighestEvidence()))
                .toList();
    }

    /** No evidence yet, for stage {@code stage} of the plan, from 0. */
    public static StageEvidence empty(EvidencePlan plan, int stage) {
        return new StageEvidence(plan, plan.stages().get(stage));
    }

    /** Adds a window, with all of its partitions merged. */
    public void absorb(WindowCounts window) {
        total.addAll(window);
        lastDisagreements = List.copyOf(window.disagreements());
        lastExistingAnswers = window.existingAnswers();
        lastCandidateAnswers = window.candidateAnswers();
        countUnits();
        for (int i = 0; i < metrics.size(); i++) {
            metrics.get(i).evidence().absorb(window.tallies().get(i));
            raiseHighest(metrics.get(i));
        }
        raiseRatioEvidence();
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

    private void raiseHighest(TrackedMetric metric) {
        for (Claim claim : Claim.values()) {
            metric.highest().raise(claim, metric.evidence().logEvidence(claim, units));
        }
        metric.evidence().spec().limit().ifPresent(limit -> {
            // The requests of one key are one trial, because they are not independent of each other.
            long requests = metric.evidence().candidateUnits();
            long trials = plan.isByKey() ? Math.min(units.candidate(), requests) : requests;
            long faults = trials == 0 ? 0 : Math.round(metric.evidence().candidateEstimate() * trials);
            metric.highest()
                    .raiseOverLimit(
                            BinomialMixture.logEvidence(faults, trials - faults, limit, 1 / limit, Side.GREATER));
        });
    }

    private void raiseRatioEvidence() {
        if (stage.isShadow() || stage.isFull()) {
            return;
        }
        double share = stage.share().fraction();
        double[] shares = {1 - share, share};
        long[] observed = plan.isByKey()
                ? new long[] {keys.existing(), keys.candidate()}
                : new long[] {total.existingRequests(), total.candidateRequests()};
        sampleRatio = Math.max(sampleRatio, SampleRatio.logEvidence(observed, shares));
        if (!plan.isByKey()) {
            long[] labelled = {total.existingLabelled(), total.candidateLabelled()};
            labelledRatio = Math.max(labelledRatio, SampleRatio.logEvidence(labelled, shares));
        }
    }

    /**
     * A look at the evidence now.
     *
     * @param elapsed the time from the start of the stage to the end of the last window
     */
    public StageSnapshot snapshot(Duration elapsed) {
        ScoreBins bins = ScoreBins.around(
                total.existingAnswers().scores(), total.candidateAnswers().scores());
        return new StageSnapshot(
                plan,
                stage,
                elapsed,
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
                sampleRatio,
                labelledRatio,
                metrics.stream().map(this::look).toList(),
                lastDisagreements);
    }

    private MetricLook look(TrackedMetric metric) {
        MetricEvidence evidence = metric.evidence();
        double[] interval = evidence.interval(plan.alpha());
        return new MetricLook(
                evidence.spec(),
                new ArmLook(evidence.existingUnits(), evidence.existingEstimate()),
                new ArmLook(evidence.candidateUnits(), evidence.candidateEstimate()),
                evidence.effect(),
                evidence.standardError(),
                interval[0],
                interval[1],
                evidence.allowance(),
                evidence.worthwhile(),
                look(metric, Claim.SUPERIOR),
                look(metric, Claim.NON_INFERIOR),
                look(metric, Claim.HARM),
                metric.highest().overLimit(),
                evidence.looksNegligible(),
                evidence.shortfall(units));
    }

    private ClaimLook look(TrackedMetric metric, Claim claim) {
        return new ClaimLook(
                metric.evidence().logEvidence(claim, units),
                metric.highest().of(claim),
                stage.fixed() ? metric.evidence().p(claim) : Double.NaN,
                metric.evidence().pointsTo(claim));
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

    double sampleRatio() {
        return sampleRatio;
    }

    double labelledRatio() {
        return labelledRatio;
    }

    /** Restores all state except that of the metrics' own methods. */
    void restore(WindowCounts restoredTotal, double restoredSampleRatio, double restoredLabelledRatio) {
        total.addAll(restoredTotal);
        IntStream.range(0, metrics.size())
                .forEach(i -> metrics.get(i)
                        .evidence()
                        .tally()
                        .addAll(restoredTotal.tallies().get(i)));
        sampleRatio = restoredSampleRatio;
        labelledRatio = restoredLabelledRatio;
        countUnits();
    }
}
