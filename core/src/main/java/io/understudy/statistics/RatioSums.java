package io.understudy.statistics;

/**
 * Sums of numerators and denominators by group of units, for a ratio of two sums, such as revenue per session. Each
 * unit is hashed to one of {@value #COUNT} groups, and all its observations fall into the same group, so groups are
 * independent if units are.
 *
 * <p>{@code R = sum y / sum x}, {@code var(R) = B/(B-1) sum_c (y_c - R x_c)^2 / (sum x)^2}: the linearised residuals of
 * the ratio estimator, with the groups as clusters (W. G. Cochran, "Sampling Techniques", 1977, section 6.3; A. Deng, U.
 * Knoblich, J. Lu, "Applying the Delta Method in Metric Analytics", 2018). {@link KeyGroupSums} is the case in which
 * every denominator is 1.
 *
 * <p>Mutable, for one thread. Merging adds group by group.
 */
public final class RatioSums {

    /** The number of groups. */
    public static final int COUNT = KeyGroupSums.COUNT;

    /**
     * The coefficient of variation of the sum of denominators up to which the linear approximation holds: the bias of R
     * is then less than this part of its standard error (Cochran, section 6.8).
     */
    private static final double MAX_VARIATION = 0.1;

    private final long[] observations;
    private final double[] numerators;
    private final double[] denominators;

    private RatioSums(int groups) {
        observations = new long[groups];
        numerators = new double[groups];
        denominators = new double[groups];
    }

    /** No observations yet, in {@value #COUNT} groups. */
    public static RatioSums empty() {
        return empty(COUNT);
    }

    /**
     * No observations yet.
     *
     * @param groups the number of groups, a power of 2 of at most {@value #COUNT}
     */
    public static RatioSums empty(int groups) {
        return new RatioSums(groups);
    }

    /** The sums of one group. */
    @FunctionalInterface
    public interface Visitor {

        /** Takes the number of observations of group {@code group}, from 0, and their sums. */
        void visit(int group, long observations, double numerator, double denominator);
    }

    /**
     * Adds observations to a group.
     *
     * @param group the group, from 0
     * @param count the number of observations
     * @param numerator the sum of their numerators
     * @param denominator the sum of their denominators, at least 0
     */
    public void add(int group, long count, double numerator, double denominator) {
        observations[group] += count;
        numerators[group] += numerator;
        denominators[group] += denominator;
    }

    /** Adds all observations of {@code other}, which has as many groups as this or a multiple of them. */
    public void addAll(RatioSums other) {
        int groupsInOne = other.observations.length / observations.length;
        other.forEach(
                (group, count, numerator, denominator) -> add(group / groupsInOne, count, numerator, denominator));
    }

    /** Passes each group that has an observation to {@code visitor}. */
    public void forEach(Visitor visitor) {
        for (int i = 0; i < observations.length; i++) {
            if (observations[i] > 0) {
                visitor.visit(i, observations[i], numerators[i], denominators[i]);
            }
        }
    }

    /** The number of observations in all groups. */
    public long observations() {
        long sum = 0;
        for (long count : observations) {
            sum += count;
        }
        return sum;
    }

    private static double sum(double... values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }

    /** R; NaN while the denominators sum to 0. */
    public double ratio() {
        double denominator = sum(denominators);
        return denominator > 0 ? sum(numerators) / denominator : Double.NaN;
    }

    /** The moments of y_c - R x_c over the groups that have observations. */
    private Moments residuals() {
        double ratio = ratio();
        Moments residuals = Moments.NONE;
        for (int i = 0; i < observations.length; i++) {
            if (observations[i] > 0) {
                residuals = residuals.plus(numerators[i] - ratio * denominators[i]);
            }
        }
        return residuals;
    }

    /** R with its standard error. */
    public Estimate estimate() {
        Moments residuals = residuals();
        return Estimate.of(
                ratio(),
                Math.sqrt(variance(residuals)),
                residuals.n() - 1.0,
                thirdCumulant(residuals),
                fourthCumulant(residuals));
    }

    /** The variance of R. The residuals sum to zero, so m2 is the sum of their squares. */
    private double variance(Moments residuals) {
        double perGroup = groupsPerDenominator(residuals);
        return perGroup * perGroup * residuals.variance() / residuals.n();
    }

    /** The factor between the mean of the residuals and R. */
    private double groupsPerDenominator(Moments residuals) {
        return residuals.n() / sum(denominators);
    }

    private double thirdCumulant(Moments residuals) {
        return Math.pow(groupsPerDenominator(residuals), 3) * residuals.thirdCumulantOfMean(residuals.n());
    }

    private double fourthCumulant(Moments residuals) {
        return Math.pow(groupsPerDenominator(residuals), 4) * residuals.fourthCumulantOfMean(residuals.n());
    }

    /** Whether the sum of the denominators is known well enough for R to be linear in the sums. */
    public boolean isLinear() {
        Moments groups = Moments.NONE;
        for (int i = 0; i < observations.length; i++) {
            groups = observations[i] > 0 ? groups.plus(denominators[i]) : groups;
        }
        return Math.sqrt(groups.variance() / groups.n()) / groups.mean() <= MAX_VARIATION;
    }

    /**
     * The difference between two arms. se^2 is the larger of the sum of the arms' variances and the variance with the
     * arms' pooled variance per observation; {@link Estimate#between} says why.
     */
    public static Estimate difference(RatioSums existing, RatioSums candidate) {
        Moments residualsOfExisting = existing.residuals();
        Moments residualsOfCandidate = candidate.residuals();
        double na = existing.observations();
        double nb = candidate.observations();
        double xa = sum(existing.denominators);
        double xb = sum(candidate.denominators);
        double va = existing.variance(residualsOfExisting);
        double vb = candidate.variance(residualsOfCandidate);
        double pooledPerObservation = (xa * xa * va + xb * xb * vb) / (na + nb);
        double pooled = pooledPerObservation * (na / (xa * xa) + nb / (xb * xb));
        return Estimate.of(
                candidate.ratio() - existing.ratio(),
                Math.sqrt(Math.max(va + vb, pooled)),
                Math.min(residualsOfExisting.n(), residualsOfCandidate.n()) - 1.0,
                candidate.thirdCumulant(residualsOfCandidate) - existing.thirdCumulant(residualsOfExisting),
                candidate.fourthCumulant(residualsOfCandidate) + existing.fourthCumulant(residualsOfExisting));
    }
}
