package io.understudy.statistics;

import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * An estimated difference between the arms and its standard error.
 *
 * @param difference candidate minus existing; NaN when undefined
 * @param standardError the standard error of the difference; NaN when undefined
 * @param degreesOfFreedom the degrees of freedom of the standard error, greater than 0; infinite when it is as good as
 *     known
 * @param skewness the skewness of the difference as an estimate, its third cumulant divided by the cube of its standard
 *     error: how far it is from normal
 * @param excessKurtosis the same for the fourth cumulant; NaN when unknown
 */
public record Estimate(
        double difference, double standardError, double degreesOfFreedom, double skewness, double excessKurtosis) {

    /**
     * Up to here a difference counts as normal. Measured on lognormal values, with a standard deviation of the log of 1.5:
     * 1.6 times the units of an ideal test, and error rates below .02 at .05.
     */
    private static final double MAX_SKEWNESS = 0.1;

    private static final double MAX_EXCESS_KURTOSIS = 0.3;

    /** The limit of the skewness when the kurtosis is unknown (R. Kohavi et al., 2014: 355 units a squared skewness). */
    private static final double MAX_SKEWNESS_ALONE = 1 / Math.sqrt(355);

    private static final long MIN_UNITS = 200;

    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    /** From here on, the t distribution is as good as normal, at the levels that evidence needs. */
    private static final double MANY_DEGREES = 250;

    /** No estimate. */
    public static final Estimate UNDEFINED = new Estimate(Double.NaN, Double.NaN);

    /** An estimate whose standard error is as good as known. */
    public Estimate(double difference, double standardError) {
        this(difference, standardError, Double.POSITIVE_INFINITY, 0, 0);
    }

    /** This estimate with another difference and standard error. */
    public Estimate with(double otherDifference, double otherStandardError) {
        return new Estimate(otherDifference, otherStandardError, degreesOfFreedom, skewness, excessKurtosis);
    }

    /**
     * The number of units with which the difference would be normal: its skewness falls with the root of the number, its
     * excess kurtosis with the number.
     *
     * @param units the number of units that it is from
     */
    public long unitsToBeNormal(long units) {
        double ofSkewness = skewness / (Double.isNaN(excessKurtosis) ? MAX_SKEWNESS_ALONE : MAX_SKEWNESS);
        double ofKurtosis = Double.isNaN(excessKurtosis) ? 0 : excessKurtosis / MAX_EXCESS_KURTOSIS;
        return Math.max(MIN_UNITS, (long) Math.ceil(units * Math.max(ofSkewness * ofSkewness, ofKurtosis)));
    }

    /** Whether the difference is as good as normal. */
    public boolean isNormal() {
        return unitsToBeNormal(MIN_UNITS) <= MIN_UNITS;
    }

    /**
     * The normal score of the difference: the number of standard errors or, with few degrees of freedom, the normal
     * quantile of their probability in Student's t distribution.
     */
    public double z() {
        double t = difference / standardError;
        if (degreesOfFreedom >= MANY_DEGREES) {
            return t;
        }
        double tail = TDistribution.of(degreesOfFreedom).survivalProbability(Math.abs(t));
        return Math.copySign(NORMAL.inverseSurvivalProbability(Math.max(Double.MIN_NORMAL, tail)), t);
    }

    /**
     * Whether the difference is finite and its standard error is finite and greater than 0. Otherwise it cannot be
     * tested.
     */
    public boolean isDefined() {
        return Double.isFinite(difference) && standardError > 0 && Double.isFinite(standardError);
    }

    /**
     * The difference between the means of two independent samples: se^2 is the larger of va/na + vb/nb and s^2 (1/na +
     * 1/nb), where s^2 is the pooled variance. The unpooled form alone collapses while a small arm has seen hardly any
     * events, and then leads to false claims.
     */
    public static Estimate between(Moments existing, Moments candidate) {
        double unpooled = existing.variance() / existing.n() + candidate.variance() / candidate.n();
        double pooled = (existing.m2() + candidate.m2())
                / (existing.n() + candidate.n() - 2)
                * (1.0 / existing.n() + 1.0 / candidate.n());
        double difference = existing.n() == 0 || candidate.n() == 0 ? Double.NaN : candidate.mean() - existing.mean();
        double standardError = Math.sqrt(Math.max(unpooled, pooled));
        Estimate byArm = of(
                difference,
                standardError,
                Double.POSITIVE_INFINITY,
                candidate.thirdCumulantOfMean(candidate.n()) - existing.thirdCumulantOfMean(existing.n()),
                candidate.fourthCumulantOfMean(candidate.n()) + existing.fourthCumulantOfMean(existing.n()));
        // A small arm has not seen the tail that the other knows.
        Moments both = existing.withSpreadOf(candidate);
        Estimate together = of(
                difference,
                standardError,
                Double.POSITIVE_INFINITY,
                both.thirdCumulantOfMean(candidate.n()) - both.thirdCumulantOfMean(existing.n()),
                both.fourthCumulantOfMean(candidate.n()) + both.fourthCumulantOfMean(existing.n()));
        return new Estimate(
                difference,
                standardError,
                Double.POSITIVE_INFINITY,
                Math.max(Math.abs(byArm.skewness()), Math.abs(together.skewness())),
                Math.max(byArm.excessKurtosis(), together.excessKurtosis()));
    }

    /** An estimate from the cumulants of the difference. */
    static Estimate of(
            double difference,
            double standardError,
            double degreesOfFreedom,
            double thirdCumulant,
            double fourthCumulant) {
        double cube = standardError * standardError * standardError;
        return new Estimate(
                difference,
                standardError,
                degreesOfFreedom,
                cube > 0 ? thirdCumulant / cube : 0,
                cube > 0 ? fourthCumulant / (cube * standardError) : 0);
    }

    /** The mean of {@code differences} between the models on the same requests. */
    public static Estimate ofMean(Moments differences) {
        return of(
                differences.n() == 0 ? Double.NaN : differences.mean(),
                Math.sqrt(differences.variance() / differences.n()),
                Double.POSITIVE_INFINITY,
                differences.thirdCumulantOfMean(differences.n()),
                differences.fourthCumulantOfMean(differences.n()));
    }
}
