package io.understudy.statistics;

/**
 * The difference between two ratios of sums over units, where a unit has several requests, from its sufficient
 * statistics.
 *
 * <p>{@code R = sum / requests}; {@code var(R) = (var(y) - 2 R cov(x,y) + R^2 var(x)) / (n mean(x)^2)} over units with
 * sums y and requests x (A. Deng, U. Knoblich, J. Lu, "Applying the Delta Method in Metric Analytics", 2018).
 */
public final class DeltaMethod {

    private DeltaMethod() {}

    /**
     * Sums over the units of one arm.
     *
     * @param units number of units, at least 2 for a variance
     * @param sum sum of y, the units' sums
     * @param sumSquares sum of y^2
     * @param requests sum of x, the units' requests
     * @param requestsSquares sum of x^2
     * @param cross sum of x y
     */
    public record Sums(
            long units, double sum, double sumSquares, double requests, double requestsSquares, double cross) {

        private double ratio() {
            return sum / requests;
        }

        private double variance() {
            double meanX = requests / units;
            double meanY = sum / units;
            double varX = (requestsSquares - units * meanX * meanX) / (units - 1);
            double varY = (sumSquares - units * meanY * meanY) / (units - 1);
            double cov = (cross - units * meanX * meanY) / (units - 1);
            return (varY - 2 * ratio() * cov + ratio() * ratio() * varX) / (units * meanX * meanX);
        }
    }

    /** The candidate's ratio minus the existing model's. */
    public static Estimate difference(Sums existing, Sums candidate) {
        return new Estimate(
                candidate.ratio() - existing.ratio(), Math.sqrt(existing.variance() + candidate.variance()));
    }
}
