package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.schema.Arm;
import io.understudy.statistics.KeyGroupSums;
import io.understudy.statistics.TwoByTwoTable;
import java.util.TreeMap;

/**
 * Latencies by arm, in bins so fine that the margin is a whole number of them: whether an answer took longer than a bin
 * times the margin is known exactly. Where keys are the independent units, a window also has the latencies of each
 * bucket of keys, until the threshold is known above which they are counted.
 */
final class LatencyTally implements Tally {

    /** For a diagnostic, which may have no margin. */
    private static final double DEFAULT_MARGIN = 1.1;

    /** The widest bin, as the logarithm of its upper end over its lower end. */
    private static final double WIDEST = 0.02;

    private final double quantile;
    private final int marginBins;
    private final boolean byKey;
    private final ArmLatencies existing;
    private final ArmLatencies candidate;

    /** The latencies of one arm; {@code cells} has them for each bucket of keys, {@code above} what became of them. */
    static final class ArmLatencies {
        private final LogHistogram histogram;
        private final TreeMap<Integer, LogHistogram> cells = new TreeMap<>();
        private final KeyGroupSums above;
        private final double binWidth;

        private ArmLatencies(double binWidth, int buckets) {
            this.above = KeyGroupSums.empty(buckets);
            this.binWidth = binWidth;
            this.histogram = new LogHistogram(binWidth);
        }

        private void addAll(ArmLatencies other) {
            histogram.addAll(other.histogram);
            other.cells.forEach((bucket, latencies) -> cell(bucket).addAll(latencies));
            above.addAll(other.above);
        }

        LogHistogram histogram() {
            return histogram;
        }

        /** The latencies of the keys in each bucket. */
        TreeMap<Integer, LogHistogram> cells() {
            return cells;
        }

        LogHistogram cell(int bucket) {
            return cells.computeIfAbsent(bucket, absent -> new LogHistogram(binWidth));
        }

        /** By bucket of keys, the number of latencies that were compared with a threshold, and of those above it. */
        KeyGroupSums above() {
            return above;
        }

        private void countAbove(int bin) {
            cells.forEach((bucket, latencies) -> above.add(bucket, latencies.total(), (double) latencies.above(bin)));
            cells.clear();
        }
    }

    LatencyTally(MetricSpec metric, boolean byKey, int buckets) {
        double logMargin = Math.log(margin(metric));
        this.quantile = metric.quantile().orElseThrow();
        this.marginBins = (int) Math.max(1, Math.ceil(logMargin / WIDEST));
        this.byKey = byKey;
        this.existing = new ArmLatencies(logMargin / marginBins, buckets);
        this.candidate = new ArmLatencies(logMargin / marginBins, buckets);
    }

    /** The factor by which the candidate's quantile may be greater. */
    static double margin(MetricSpec metric) {
        return metric.margin().orElse(DEFAULT_MARGIN);
    }

    @Override
    public void observe(Arm arm, int bucket, double value) {
        ArmLatencies latencies = arm == Arm.CANDIDATE ? candidate : existing;
        latencies.histogram.add(value);
        if (byKey) {
            latencies.cell(bucket).add(value);
        }
    }

    @Override
    public void observePair(int bucket, double existingValue, double candidateValue) {
        observe(Arm.EXISTING, bucket, existingValue);
        observe(Arm.CANDIDATE, bucket, candidateValue);
    }

    @Override
    public void addAll(Tally other) {
        LatencyTally latencies = (LatencyTally) other;
        existing.addAll(latencies.existing);
        candidate.addAll(latencies.candidate);
    }

    /** Forgets the latencies of each bucket of keys, and counts which of them were above the threshold {@code bin}. */
    void countAbove(int bin) {
        existing.countAbove(bin);
        candidate.countAbove(bin + marginBins);
    }

    /** Forgets the latencies of each bucket of keys. */
    void forgetCells() {
        existing.cells.clear();
        candidate.cells.clear();
    }

    /** The answers above the threshold {@code bin}; the candidate's, above the threshold times the margin. */
    TwoByTwoTable tableAt(int bin) {
        return new TwoByTwoTable(
                existing.histogram.total(),
                existing.histogram.above(bin),
                candidate.histogram.total(),
                candidate.histogram.above(bin + marginBins));
    }

    @Override
    public long existingUnits() {
        return existing.histogram.total();
    }

    @Override
    public long candidateUnits() {
        return candidate.histogram.total();
    }

    /** The existing model's quantile in milliseconds, accurate to the width of a bin. */
    @Override
    public double existingEstimate() {
        return existing.histogram.quantile(quantile);
    }

    /** The candidate's quantile in milliseconds, accurate to the width of a bin. */
    @Override
    public double candidateEstimate() {
        return candidate.histogram.quantile(quantile);
    }

    boolean isByKey() {
        return byKey;
    }

    ArmLatencies existing() {
        return existing;
    }

    ArmLatencies candidate() {
        return candidate;
    }
}
