package io.understudy.evidence;

import io.understudy.schema.Verdict;
import io.understudy.statistics.BinomialMixture;
import io.understudy.statistics.SampleRatio;
import io.understudy.statistics.Side;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The evidence of one stage, or of one epoch of it: every window that has closed, and the highest log evidence at any of them, which a
 * claim is made by. Windows are absorbed in order, each once. Mutable, for one thread.
 */
public final class StageEvidence {

    private final EvidencePlan plan;
    private final int index;
    private final Block total;
    private final List<MetricEvidence> metrics;
    private final List<Latch> latches;
    private List<Block.Difference> lastDifferences = List.of();
    private Spread lastOfExisting = new Spread();
    private Spread lastOfCandidate = new Spread();
    private Units units = new Units(0, 0);
    private Keys.Sample sample = new Keys.Sample(0, 0, 0);
    private double sampleRatio;
    private double labelledRatio;
    private Verdict latched;
    private String latchedReason;

    /** The highest log evidence so far, by claim, and of a rate over its absolute limit. */
    static final class Latch {
        private final Map<Claim, Double> highest = new EnumMap<>(Claim.class);
        private double overLimit;

        double of(Claim claim) {
            return highest.getOrDefault(claim, 0.0);
        }

        double overLimit() {
            return overLimit;
        }

        void raise(Claim claim, double logE) {
            highest.merge(claim, Math.max(0, logE), Math::max);
        }

        void raiseOverLimit(double logE) {
            overLimit = Math.max(overLimit, logE);
        }
    }

    private StageEvidence(EvidencePlan plan, int index) {
        this.plan = plan;
        this.index = index;
        StagePlan stage = plan.stages().get(index);
        this.total = Block.empty(stage, plan.isByKey());
        this.metrics = stage.metrics().stream()
                .map(metric -> MetricEvidence.of(metric, stage, plan.isByKey()))
                .toList();
        this.latches = metrics.stream().map(metric -> new Latch()).toList();
    }

    /** No evidence yet, for the plan's stage number {@code stage}. */
    public static StageEvidence empty(EvidencePlan plan, int stage) {
        return new StageEvidence(plan, stage);
    }

    /** Adds a window, all its partitions together. */
    public void absorb(Block window) {
        total.addAll(window);
        lastDifferences = List.copyOf(window.differences());
        lastOfExisting = window.existingAnswers();
        lastOfCandidate = window.candidateAnswers();
        refreshUnits();
        for (int i = 0; i < metrics.size(); i++) {
            metrics.get(i).absorb(window.tallies().get(i));
            look(metrics.get(i), latches.get(i));
        }
        if (!stage().isShadow()) {
            lookAtRatios();
        }
    }

    private void refreshUnits() {
        if (plan.isByKey()) {
            units = new Units(
                    total.existingKeys().count(), total.candidateKeys().count());
            if (!stage().isShadow()) {
                sample = Keys.sample(total.existingKeys(), total.candidateKeys());
            }
        } else {
            units = new Units(total.existingRequests(), total.candidateRequests());
        }
    }

    private void look(MetricEvidence metric, Latch latch) {
        for (Claim claim : Claim.values()) {
            latch.raise(claim, metric.logEvidence(claim, units));
        }
        metric.spec().limit().ifPresent(limit -> {
            // A key's requests are one trial: what they have in common must not count as often as they come.
            long requests = metric.candidateUnits();
            long trials = plan.isByKey() ? Math.min(units.candidate(), requests) : requests;
            long faults = trials == 0 ? 0 : Math.round(metric.candidateEstimate() * trials);
            latch.raiseOverLimit(BinomialMixture.logEvidence(faults, trials - faults, limit, 1 / limit, Side.GREATER));
        });
    }

    private void lookAtRatios() {
        double share = stage().share() / 100_000.0;
        if (share <= 0 || share >= 1) {
            return;
        }
        double[] shares = {1 - share, share};
        long[] observed = plan.isByKey()
                ? new long[] {sample.existing(), sample.candidate()}
                : new long[] {total.existingRequests(), total.candidateRequests()};
        if (stage().isFull()) {
            return;
        }
        sampleRatio = Math.max(sampleRatio, SampleRatio.logEvidence(observed, shares));
        if (!plan.isByKey()) {
            long[] labelled = {total.existingLabelled(), total.candidateLabelled()};
            labelledRatio = Math.max(labelledRatio, SampleRatio.logEvidence(labelled, shares));
        }
    }

    /** Makes a verdict stand, whatever follows. */
    void latch(Verdict verdict, String reason) {
        latched = verdict;
        latchedReason = reason;
    }

    Optional<Verdict> latched() {
        return Optional.ofNullable(latched);
    }

    String latchedReason() {
        return latchedReason;
    }

    EvidencePlan plan() {
        return plan;
    }

    /** The stage's place in the plan, from 0. */
    public int index() {
        return index;
    }

    StagePlan stage() {
        return plan.stages().get(index);
    }

    Block total() {
        return total;
    }

    List<MetricEvidence> metrics() {
        return metrics;
    }

    Latch latch(int metric) {
        return latches.get(metric);
    }

    List<Block.Difference> lastDifferences() {
        return lastDifferences;
    }

    /** The existing model's answers in the last window. */
    Spread lastOfExisting() {
        return lastOfExisting;
    }

    /** The candidate's answers in the last window. */
    Spread lastOfCandidate() {
        return lastOfCandidate;
    }

    /** Independent units so far. */
    Units units() {
        return units;
    }

    Keys.Sample sample() {
        return sample;
    }

    double sampleRatio() {
        return sampleRatio;
    }

    double labelledRatio() {
        return labelledRatio;
    }

    /** Takes up what was kept besides the total and the metrics' own state. */
    void restore(double keptSampleRatio, double keptLabelledRatio, Verdict keptVerdict, String keptReason) {
        sampleRatio = keptSampleRatio;
        labelledRatio = keptLabelledRatio;
        latched = keptVerdict;
        latchedReason = keptReason;
        refreshUnits();
    }

    /** Units of the smaller arm so far; of the candidate's where it serves everybody. */
    public long smallerArm() {
        return stage().isFull() ? units.candidate() : units.smaller();
    }
}
