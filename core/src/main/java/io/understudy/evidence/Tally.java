package io.understudy.evidence;

import io.understudy.plan.MetricKind;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.StagePlan;
import io.understudy.schema.Arm;
import io.understudy.statistics.KeyGroupSums;
import io.understudy.statistics.Moments;
import io.understudy.statistics.PairCounts;
import io.understudy.statistics.TwoByTwoTable;

/** What one window, or several, have of one metric. Mutable, for one thread; what may be merged is merged by adding. */
sealed interface Tally {

    /** Adds an observation of one arm. */
    void observe(Arm arm, int bucket, double value);

    /** Adds an observation of both models on the same request. */
    void observePair(int bucket, double existing, double candidate);

    /** Adds what another tally of the same metric has. */
    void addAll(Tally other);

    /** Observations of the existing model. */
    long existingUnits();

    /** Observations of the candidate. */
    long candidateUnits();

    /** The existing model's mean or rate; NaN when undefined. */
    double existingEstimate();

    /** The candidate's mean or rate; NaN when undefined. */
    double candidateEstimate();

    /** The tally a metric needs. */
    static Tally empty(MetricSpec metric, StagePlan stage, boolean byKey) {
        boolean paired = stage.isShadow() && metric.kind().isPairedInShadow();
        if (metric.kind() == MetricKind.SCORE_DRIFT) {
            return new Scores();
        }
        if (metric.kind() == MetricKind.AGREEMENT) {
            return new Rates();
        }
        if (byKey) {
            return new Buckets();
        }
        if (!metric.kind().isBinary()) {
            return new Means();
        }
        return paired ? new Pairs() : new Rates();
    }

    /** Yes or no, by arm. */
    final class Rates implements Tally {
        private TwoByTwoTable table = TwoByTwoTable.NONE;

        @Override
        public void observe(Arm arm, int bucket, double value) {
            long success = value == 0 ? 0 : 1;
            add(arm == Arm.CANDIDATE ? new TwoByTwoTable(0, 0, 1, success) : new TwoByTwoTable(1, success, 0, 0));
        }

        /** Agreement: one answer to a pair. */
        @Override
        public void observePair(int bucket, double existing, double candidate) {
            add(new TwoByTwoTable(0, 0, 1, candidate == 0 ? 0 : 1));
        }

        void add(TwoByTwoTable more) {
            table = table.merge(more);
        }

        @Override
        public void addAll(Tally other) {
            add(((Rates) other).table);
        }

        @Override
        public long existingUnits() {
            return table.existingUnits();
        }

        @Override
        public long candidateUnits() {
            return table.candidateUnits();
        }

        @Override
        public double existingEstimate() {
            return table.existingRate();
        }

        @Override
        public double candidateEstimate() {
            return table.candidateRate();
        }

        TwoByTwoTable table() {
            return table;
        }
    }

    /** Right or wrong, of both models on the same request. */
    final class Pairs implements Tally {
        private PairCounts counts = PairCounts.NONE;

        @Override
        public void observe(Arm arm, int bucket, double value) {
            throw new IllegalStateException("a paired metric is observed in pairs");
        }

        @Override
        public void observePair(int bucket, double existing, double candidate) {
            counts = counts.plus(existing != 0, candidate != 0);
        }

        void add(PairCounts more) {
            counts = counts.merge(more);
        }

        @Override
        public void addAll(Tally other) {
            add(((Pairs) other).counts);
        }

        @Override
        public long existingUnits() {
            return counts.pairs();
        }

        @Override
        public long candidateUnits() {
            return counts.pairs();
        }

        @Override
        public double existingEstimate() {
            return counts.existingRate();
        }

        @Override
        public double candidateEstimate() {
            return counts.candidateRate();
        }

        PairCounts counts() {
            return counts;
        }
    }

    /** Numbers by arm, and their differences where they come in pairs. */
    final class Means implements Tally {
        private Moments existing = Moments.NONE;
        private Moments candidate = Moments.NONE;
        private Moments difference = Moments.NONE;

        @Override
        public void observe(Arm arm, int bucket, double value) {
            if (arm == Arm.CANDIDATE) {
                candidate = candidate.plus(value);
            } else {
                existing = existing.plus(value);
            }
        }

        @Override
        public void observePair(int bucket, double ofExisting, double ofCandidate) {
            existing = existing.plus(ofExisting);
            candidate = candidate.plus(ofCandidate);
            difference = difference.plus(ofCandidate - ofExisting);
        }

        void add(Moments moreExisting, Moments moreCandidate, Moments moreDifference) {
            existing = existing.merge(moreExisting);
            candidate = candidate.merge(moreCandidate);
            difference = difference.merge(moreDifference);
        }

        @Override
        public void addAll(Tally other) {
            Means means = (Means) other;
            add(means.existing, means.candidate, means.difference);
        }

        @Override
        public long existingUnits() {
            return existing.n();
        }

        @Override
        public long candidateUnits() {
            return candidate.n();
        }

        @Override
        public double existingEstimate() {
            return existing.n() == 0 ? Double.NaN : existing.mean();
        }

        @Override
        public double candidateEstimate() {
            return candidate.n() == 0 ? Double.NaN : candidate.mean();
        }

        Moments existing() {
            return existing;
        }

        Moments candidate() {
            return candidate;
        }

        Moments difference() {
            return difference;
        }
    }

    /** Sums by bucket of keys and by arm, and of the differences where observations come in pairs. */
    final class Buckets implements Tally {
        private final KeyGroupSums existing = KeyGroupSums.empty();
        private final KeyGroupSums candidate = KeyGroupSums.empty();
        private final KeyGroupSums difference = KeyGroupSums.empty();

        @Override
        public void observe(Arm arm, int bucket, double value) {
            (arm == Arm.CANDIDATE ? candidate : existing).add(bucket, value);
        }

        @Override
        public void observePair(int bucket, double ofExisting, double ofCandidate) {
            existing.add(bucket, ofExisting);
            candidate.add(bucket, ofCandidate);
            difference.add(bucket, ofCandidate - ofExisting);
        }

        @Override
        public void addAll(Tally other) {
            Buckets buckets = (Buckets) other;
            existing.addAll(buckets.existing);
            candidate.addAll(buckets.candidate);
            difference.addAll(buckets.difference);
        }

        @Override
        public long existingUnits() {
            return existing.requests();
        }

        @Override
        public long candidateUnits() {
            return candidate.requests();
        }

        @Override
        public double existingEstimate() {
            return existing.ratio();
        }

        @Override
        public double candidateEstimate() {
            return candidate.ratio();
        }

        KeyGroupSums existing() {
            return existing;
        }

        KeyGroupSums candidate() {
            return candidate;
        }

        KeyGroupSums difference() {
            return difference;
        }
    }

    /** Scores by arm. */
    final class Scores implements Tally {
        private final LogHistogram existing = new LogHistogram();
        private final LogHistogram candidate = new LogHistogram();

        @Override
        public void observe(Arm arm, int bucket, double value) {
            (arm == Arm.CANDIDATE ? candidate : existing).add(value);
        }

        @Override
        public void observePair(int bucket, double ofExisting, double ofCandidate) {
            existing.add(ofExisting);
            candidate.add(ofCandidate);
        }

        @Override
        public void addAll(Tally other) {
            Scores scores = (Scores) other;
            existing.addAll(scores.existing);
            candidate.addAll(scores.candidate);
        }

        @Override
        public long existingUnits() {
            return existing.total();
        }

        @Override
        public long candidateUnits() {
            return candidate.total();
        }

        @Override
        public double existingEstimate() {
            return Double.NaN;
        }

        @Override
        public double candidateEstimate() {
            return Double.NaN;
        }

        LogHistogram existing() {
            return existing;
        }

        LogHistogram candidate() {
            return candidate;
        }
    }
}
