package io.understudy.statistics;

import java.util.Arrays;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.distribution.TDistribution;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.BinomialTest;
import org.apache.commons.statistics.inference.FisherExactTest;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;
import org.apache.commons.statistics.inference.MannWhitneyUTest;

/**
 * The classical tests, for a single look at a declared end. Used for repeated looks, they claim differences that do not
 * exist; use the e-processes for repeated looks. Undefined results are NaN.
 */
public final class FixedHorizon {

    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);
    private static final double MIN_EXPECTED_FOR_Z = 5;
    /** The part of all units below which sampling without replacement is nearly sampling with replacement. */
    private static final double SMALL_MARGIN = 1e-3;
    /** With more units, Fisher's test takes minutes; its binomial limit is as good. */
    private static final long MAX_UNITS_FOR_FISHER = 20_000_000;

    private FixedHorizon() {}

    /**
     * The result of a test of two means.
     *
     * @param statistic the test statistic
     * @param degreesOfFreedom the degrees of freedom of its distribution
     * @param p the p-value, 0 to 1
     * @param difference candidate minus existing
     * @param low lower end of the two-sided confidence interval
     * @param high upper end of the two-sided confidence interval
     */
    public record MeanTest(
            double statistic, double degreesOfFreedom, double p, double difference, double low, double high) {}

    /**
     * Welch's t-test of two means with unequal variances (B. L. Welch, 1947); undefined for fewer than two units or no
     * variance.
     */
    public static MeanTest welch(Moments existing, Moments candidate, Side side, double alpha) {
        double va = existing.variance() / existing.n();
        double vb = candidate.variance() / candidate.n();
        double difference = existing.n() == 0 || candidate.n() == 0 ? Double.NaN : candidate.mean() - existing.mean();
        double degreesOfFreedom =
                (va + vb) * (va + vb) / (va * va / (existing.n() - 1) + vb * vb / (candidate.n() - 1));
        return studentT(difference, 0, Math.sqrt(va + vb), degreesOfFreedom, side, alpha);
    }

    /**
     * Welch's test that the candidate is not worse than the existing model by {@code margin} or more: a one-sided test
     * of the difference in the good direction plus the margin.
     *
     * @param better GREATER if higher values are better, LESS if lower ones are
     */
    public static MeanTest nonInferiority(
            Moments existing, Moments candidate, double margin, Side better, double alpha) {
        MeanTest welch = welch(existing, candidate, better, alpha);
        double improvement = better == Side.GREATER ? welch.difference() : -welch.difference();
        double se = Math.abs(welch.difference() / welch.statistic());
        if (welch.statistic() == 0) {
            se = Math.sqrt(existing.variance() / existing.n() + candidate.variance() / candidate.n());
        }
        return studentT(improvement, -margin, se, welch.degreesOfFreedom(), Side.GREATER, alpha);
    }

    /** Student's t-test that the mean of paired differences is zero. */
    public static MeanTest paired(Moments differences, double alpha) {
        return studentT(
                differences.n() == 0 ? Double.NaN : differences.mean(),
                0,
                Math.sqrt(differences.variance() / differences.n()),
                differences.n() - 1.0,
                Side.BOTH,
                alpha);
    }

    private static MeanTest studentT(
            double difference, double nullValue, double se, double degreesOfFreedom, Side side, double alpha) {
        if (!(se > 0) || !(degreesOfFreedom > 0)) {
            return new MeanTest(Double.NaN, Double.NaN, Double.NaN, difference, Double.NaN, Double.NaN);
        }
        TDistribution t = TDistribution.of(degreesOfFreedom);
        double statistic = (difference - nullValue) / se;
        double p = p(t.survivalProbability(statistic), t.cumulativeProbability(statistic), side);
        double half = t.inverseSurvivalProbability(alpha / 2) * se;
        return new MeanTest(statistic, degreesOfFreedom, p, difference, difference - half, difference + half);
    }

    private static double p(double above, double below, Side side) {
        return switch (side) {
            case BOTH -> Math.min(1, 2 * Math.min(above, below));
            case GREATER -> above;
            case LESS -> below;
        };
    }

    /**
     * The results of the tests of two proportions.
     *
     * @param z the pooled z statistic
     * @param p the p-value of the z-test
     * @param fisherP the p-value of Fisher's exact test
     * @param difference candidate minus existing
     * @param low lower end of the two-sided Newcombe-Wilson interval
     * @param high upper end of the two-sided Newcombe-Wilson interval
     * @param smallestExpected the smallest expected count in a cell of the table
     */
    public record ProportionTest(
            double z, double p, double fisherP, double difference, double low, double high, double smallestExpected) {

        /**
         * The p-value to use: Fisher's if the expected count in a cell is less than 5, otherwise that of the z-test.
         */
        public double recommendedP() {
            return smallestExpected < MIN_EXPECTED_FOR_Z ? fisherP : p;
        }
    }

    /**
     * The pooled z-test of two proportions, Fisher's exact test, and the hybrid score interval of R. G. Newcombe,
     * "Interval estimation for the difference between independent proportions" (1998), method 10.
     */
    public static ProportionTest twoProportions(TwoByTwoTable table, Side side, double alpha) {
        double na = table.existingUnits();
        double nb = table.candidateUnits();
        double pa = table.existingRate();
        double pb = table.candidateRate();
        double pooled = table.successes() / (na + nb);
        double difference = pb - pa;
        double z = difference / Math.sqrt(pooled * (1 - pooled) * (1 / na + 1 / nb));
        double[] a = wilson((double) table.existingSuccesses(), na, alpha);
        double[] b = wilson((double) table.candidateSuccesses(), nb, alpha);
        double smallest = Math.min(na, nb) * Math.min(pooled, 1 - pooled);
        return new ProportionTest(
                Double.isFinite(z) ? z : Double.NaN,
                Double.isFinite(z)
                        ? p(NORMAL.survivalProbability(z), NORMAL.cumulativeProbability(z), side)
                        : Double.NaN,
                fisher(table, side),
                difference,
                difference - Math.hypot(pb - b[0], a[1] - pa),
                difference + Math.hypot(b[1] - pb, pa - a[0]),
                smallest);
    }

    /** E. B. Wilson's score interval (1927). */
    private static double[] wilson(double successes, double n, double alpha) {
        double z = NORMAL.inverseSurvivalProbability(alpha / 2);
        double p = successes / n;
        double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
        double half = z * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
        return new double[] {centre - half, centre + half};
    }

    private static double fisher(TwoByTwoTable table, Side side) {
        if (table.existingUnits() == 0 || table.candidateUnits() == 0) {
            return Double.NaN;
        }
        long units = table.existingUnits() + table.candidateUnits();
        if (table.successes() == 0 || table.successes() == units) {
            return 1;
        }
        if (units > MAX_UNITS_FOR_FISHER) {
            return fisherOfMany(table, side);
        }
        int[][] cells = {
            {(int) table.candidateSuccesses(), (int) (table.candidateUnits() - table.candidateSuccesses())},
            {(int) table.existingSuccesses(), (int) (table.existingUnits() - table.existingSuccesses())}
        };
        return FisherExactTest.withDefaults()
                .with(alternative(side))
                .test(cells)
                .getPValue();
    }

    /**
     * Fisher's test of many units. Of the smallest margin of the table, the trials that fall into the candidate's cell
     * are hypergeometric, and nearly binomial, because the margin is a small part of all units. NaN when no margin is
     * small; the z-test is then right.
     */
    private static double fisherOfMany(TwoByTwoTable table, Side side) {
        long units = table.existingUnits() + table.candidateUnits();
        long successes = table.successes();
        long failures = units - successes;
        long candidateFailures = table.candidateUnits() - table.candidateSuccesses();
        long smallest =
                Math.min(Math.min(successes, failures), Math.min(table.existingUnits(), table.candidateUnits()));
        if (smallest > units * SMALL_MARGIN || smallest > Integer.MAX_VALUE) {
            return Double.NaN;
        }
        if (smallest == successes) {
            return binomial(successes, table.candidateSuccesses(), table.candidateUnits(), units, side);
        }
        if (smallest == failures) {
            return binomial(failures, candidateFailures, table.candidateUnits(), units, side.opposite());
        }
        return smallest == table.candidateUnits()
                ? binomial(smallest, table.candidateSuccesses(), successes, units, side)
                : binomial(smallest, table.existingSuccesses(), successes, units, side.opposite());
    }

    private static double binomial(long trials, long hits, long part, long whole, Side side) {
        return BinomialTest.withDefaults()
                .with(alternative(side))
                .test((int) trials, (int) hits, (double) part / whole)
                .getPValue();
    }

    private static AlternativeHypothesis alternative(Side side) {
        return switch (side) {
            case BOTH -> AlternativeHypothesis.TWO_SIDED;
            case GREATER -> AlternativeHypothesis.GREATER_THAN;
            case LESS -> AlternativeHypothesis.LESS_THAN;
        };
    }

    /**
     * The result of a rank test.
     *
     * @param statistic the test statistic
     * @param p the p-value, 0 to 1
     */
    public record RankTest(double statistic, double p) {}

    /**
     * The Mann-Whitney test. The statistic counts the pairs in which the candidate is higher; a tie counts one half, and
     * 0.0 ties with -0.0. When all values are tied, no side is higher and p is 1.
     */
    public static RankTest mannWhitney(double[] existing, double[] candidate, Side side) {
        if (existing.length == 0 || candidate.length == 0) {
            return new RankTest(Double.NaN, Double.NaN);
        }
        var result = MannWhitneyUTest.withDefaults()
                .with(alternative(side))
                .test(withOneZero(candidate), withOneZero(existing));
        return new RankTest(result.getStatistic(), Double.isNaN(result.getPValue()) ? 1 : result.getPValue());
    }

    /** The two-sample Kolmogorov-Smirnov test. 0.0 ties with -0.0. */
    public static RankTest kolmogorovSmirnov(double[] existing, double[] candidate) {
        if (existing.length == 0 || candidate.length == 0) {
            return new RankTest(Double.NaN, Double.NaN);
        }
        if (existing.length == 1) {
            return kolmogorovSmirnov(existing[0], candidate);
        }
        if (candidate.length == 1) {
            return kolmogorovSmirnov(candidate[0], existing);
        }
        var result = KolmogorovSmirnovTest.withDefaults().test(withOneZero(existing), withOneZero(candidate));
        return new RankTest(result.getStatistic(), result.getPValue());
    }

    /**
     * The test of one value against n others, which the library does not compute. The distance is k/n, where k others
     * are on the value's fuller side. Under the null hypothesis each of the n + 1 ranks of the value is equally likely,
     * and 2 (n - k + 1) of them are as far off.
     */
    private static RankTest kolmogorovSmirnov(double value, double[] others) {
        int n = others.length;
        long atMost = Arrays.stream(others).filter(other -> other <= value).count();
        long below = Arrays.stream(others).filter(other -> other < value).count();
        long k = Math.max(below, n - atMost);
        return new RankTest((double) k / n, Math.min(1, 2.0 * (n - k + 1) / (n + 1)));
    }

    /** The values with 0.0 for each -0.0, which the ranking of the library puts below it. */
    private static double[] withOneZero(double[] values) {
        return Arrays.stream(values).map(value -> value + 0.0).toArray();
    }

    /** The p-value of the exact McNemar test over discordant pairs (Q. McNemar, 1947); 1 without discordant pairs. */
    public static double mcNemar(long existingOnly, long candidateOnly) {
        // The sum of two large counts would be negative.
        if (existingOnly < 0 || candidateOnly < 0 || existingOnly > Integer.MAX_VALUE - candidateOnly) {
            throw new IllegalArgumentException("existingOnly is " + existingOnly + ", candidateOnly " + candidateOnly
                    + "; both must be at least 0, and their sum at most " + Integer.MAX_VALUE);
        }
        long pairs = existingOnly + candidateOnly;
        return pairs == 0
                ? 1
                : BinomialTest.withDefaults()
                        .test((int) pairs, (int) candidateOnly, 0.5)
                        .getPValue();
    }
}
