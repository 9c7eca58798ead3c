package io.understudy.statistics;

/**
 * An estimated difference between the arms and its standard error.
 *
 * @param difference candidate minus existing; NaN when undefined
 * @param standardError the standard error of the difference; NaN when undefined
 */
public record Estimate(double difference, double standardError) {

    /** No estimate. */
    public static final Estimate UNDEFINED = new Estimate(Double.NaN, Double.NaN);

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
        return new Estimate(difference, Math.sqrt(Math.max(unpooled, pooled)));
    }

    /** The mean of {@code differences} between the models on the same requests. */
    public static Estimate ofMean(Moments differences) {
        return new Estimate(
                differences.n() == 0 ? Double.NaN : differences.mean(),
                Math.sqrt(differences.variance() / differences.n()));
    }
}
