package io.understudy.statistics;

/**
 * A difference between the arms, candidate minus existing, and how sure it is.
 *
 * @param difference the difference; NaN when undefined
 * @param standardError its standard error; NaN when undefined
 */
public record Estimate(double difference, double standardError) {

    /** No estimate. */
    public static final Estimate UNDEFINED = new Estimate(Double.NaN, Double.NaN);

    /** Whether there is an estimate with some spread: without, nothing can be said about its size. */
    public boolean isDefined() {
        return Double.isFinite(difference) && standardError > 0 && Double.isFinite(standardError);
    }

    /**
     * Between the means of two independent samples: se^2 is the larger of va/na + vb/nb and s^2 (1/na + 1/nb) with the pooled
     * variance s^2. The unpooled one alone collapses while a small arm has hardly seen an event, and claims what is not there.
     */
    public static Estimate between(Moments existing, Moments candidate) {
        double unpooled = existing.variance() / existing.n() + candidate.variance() / candidate.n();
        double pooled = (existing.m2() + candidate.m2())
                / (existing.n() + candidate.n() - 2)
                * (1.0 / existing.n() + 1.0 / candidate.n());
        return new Estimate(candidate.mean() - existing.mean(), Math.sqrt(Math.max(unpooled, pooled)));
    }

    /** Of the mean of differences on the same requests. */
    public static Estimate ofMean(Moments differences) {
        return new Estimate(
                differences.n() == 0 ? Double.NaN : differences.mean(),
                Math.sqrt(differences.variance() / differences.n()));
    }
}
