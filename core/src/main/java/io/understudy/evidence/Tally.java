package io.understudy.evidence;

import io.understudy.schema.Arm;
import io.understudy.statistics.KeyGroupSums;
import io.understudy.statistics.Moments;
import io.understudy.statistics.PairCounts;
import io.understudy.statistics.RatioSums;
import io.understudy.statistics.TwoByTwoTable;

/** The observations of one metric in one window or several, as sums that merge by adding. Mutable, for one thread. */
interface Tally {

    /** Adds an observation of one arm, of a key in {@code bucket}. */
    void observe(Arm arm, int bucket, double value);

    /** Adds an observation of both models on the same request, of a key in {@code bucket}. */
    void observePair(int bucket, double existing, double candidate);

    /** Adds all observations of another tally of the same metric. */
    void addAll(Tally other);

    /** The number of observations of the existing model. */
    long existingUnits();

    /** The number of observations of the candidate. */
    long candidateUnits();

    /** The existing model's mean or rate; NaN when undefined. */
    double existingEstimate();

    /** The candidate's mean or rate; NaN when undefined. */
    double candidateEstimate();

    /** Zeros and ones, by arm. */
    final class Rates implements Tally {
        private TwoByTwoTable table = TwoByTwoTable.NONE;

        @Override
        public void observe(Arm arm, int bucket, double value) {
            long success = value == 0 ? 0 : 1;
            add(arm == Arm.CANDIDATE ? new TwoByTwoTable(0, 0, 1, success) : new TwoByTwoTable(1, success, 0, 0));
        }

        /** For agreement, where a pair is one observation: {@code candidate} says whether the models agree. */
        @Override
        public void observePair(int bucket, double existing, double candidate) {
            add(new TwoByTwoTable(0, 0, 1, candidate == 0 ? 0 : 1));
        }

        void add(TwoByTwoTable other) {
            table = table.merge(other);
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

    /** Zeros and ones of both models on the same requests. */
    final class Pairs implements Tally {
        private PairCounts counts = PairCounts.NONE;

        @Override
        public void observe(Arm arm, int bucket, double value) {
            throw new IllegalStateException("this metric must be observed in pairs");
        }

        @Override
        public void observePair(int bucket, double existing, double candidate) {
            counts = counts.plus(existing != 0, candidate != 0);
        }

        void add(PairCounts other) {
            counts = counts.merge(other);
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

    /** Numbers by arm and, for pairs, their differences. */
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
        public void observePair(int bucket, double existingValue, double candidateValue) {
            existing = existing.plus(existingValue);
            candidate = candidate.plus(candidateValue);
            difference = difference.plus(candidateValue - existingValue);
        }

        void add(Moments otherExisting, Moments otherCandidate, Moments otherDifference) {
            existing = existing.merge(otherExisting);
            candidate = candidate.merge(otherCandidate);
            difference = difference.merge(otherDifference);
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

    /** Sums by group of keys and by arm and, for pairs, of the differences. */
    final class KeyGroups implements Tally {
        private final KeyGroupSums existing;
        private final KeyGroupSums candidate;
        private final KeyGroupSums difference;

        KeyGroups(int buckets) {
            existing = KeyGroupSums.empty(buckets);
            candidate = KeyGroupSums.empty(buckets);
            difference = KeyGroupSums.empty(buckets);
        }

        @Override
        public void observe(Arm arm, int bucket, double value) {
            (arm == Arm.CANDIDATE ? candidate : existing).add(bucket, value);
        }

        @Override
        public void observePair(int bucket, double existingValue, double candidateValue) {
            existing.add(bucket, existingValue);
            candidate.add(bucket, candidateValue);
            difference.add(bucket, candidateValue - existingValue);
        }

        @Override
        public void addAll(Tally other) {
            KeyGroups groups = (KeyGroups) other;
            existing.addAll(groups.existing);
            candidate.addAll(groups.candidate);
            difference.addAll(groups.difference);
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

    /** Numerators and denominators by group of units and by arm. */
    final class Ratios implements Tally {
        private final RatioSums existing;
        private final RatioSums candidate;

        Ratios(int buckets) {
            existing = RatioSums.empty(buckets);
            candidate = RatioSums.empty(buckets);
        }

        /** A number without a denominator has the denominator 1. */
        @Override
        public void observe(Arm arm, int bucket, double value) {
            observe(arm, bucket, value, 1);
        }

        void observe(Arm arm, int bucket, double numerator, double denominator) {
            (arm == Arm.CANDIDATE ? candidate : existing).add(bucket, 1, numerator, denominator);
        }

        @Override
        public void observePair(int bucket, double existingValue, double candidateValue) {
            throw new IllegalStateException("this metric is not measured in shadow");
        }

        @Override
        public void addAll(Tally other) {
            Ratios ratios = (Ratios) other;
            existing.addAll(ratios.existing);
            candidate.addAll(ratios.candidate);
        }

        @Override
        public long existingUnits() {
            return existing.observations();
        }

        @Override
        public long candidateUnits() {
            return candidate.observations();
        }

        @Override
        public double existingEstimate() {
            return existing.ratio();
        }

        @Override
        public double candidateEstimate() {
            return candidate.ratio();
        }

        RatioSums existing() {
            return existing;
        }

        RatioSums candidate() {
            return candidate;
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
        public void observePair(int bucket, double existingValue, double candidateValue) {
            existing.add(existingValue);
            candidate.add(candidateValue);
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
