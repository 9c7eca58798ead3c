package io.understudy.statistics;

import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * The e-process for a difference d that is asymptotically normal, with standard error se: a likelihood ratio mixed over
 * a normal prior with standard deviation tau, centred at no difference.
 *
 * <p>With r = tau^2 / se^2 and z = d / se: {@code ln E = -ln(1+r)/2 + z^2 r / (2(1+r))}, plus {@code ln(2 Phi(z
 * sqrt(r/(1+r))))} for a one-sided claim. The confidence sequence is {@code d +- se sqrt((1+r)/r (ln(1+r) + 2
 * ln(1/alpha)))}. For non-inferiority z is {@code (s d + margin) / se}, where s is 1 if higher values are better and -1
 * if lower ones are.
 *
 * <p>Assumes that d is nearly normal and se nearly right; {@link Estimate#isNormal} says whether the first holds. Sources: H.
 * Robbins, "Statistical methods related to the law of the iterated logarithm" (1970); S. R. Howard, A. Ramdas, J.
 * McAuliffe, J. Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences" (2021), proposition 5; mSPRT
 * of R. Johari et al. (2017).
 */
public final class NormalMixture {

    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    /** Enough to find an end to the last digit that anybody reads. */
    private static final int BISECTIONS = 50;

    private NormalMixture() {}

    /**
     * ln E for a difference on {@code side} of zero; 0 when the estimate is undefined.
     *
     * @param estimate the difference so far
     * @param tau the difference worth detecting, greater than 0, in the unit of the difference
     */
    public static double logEvidence(Estimate estimate, double tau, Side side) {
        if (!estimate.isDefined()) {
            return 0;
        }
        double z = estimate.z();
        double r = ratio(estimate, tau);
        double both = -Math.log1p(r) / 2 + z * z * r / (2 * (1 + r));
        return switch (side) {
            case BOTH -> both;
            case GREATER -> both + logTwicePhi(z * Math.sqrt(r / (1 + r)));
            case LESS -> both + logTwicePhi(-z * Math.sqrt(r / (1 + r)));
        };
    }

    /**
     * ln E for a difference on {@code side} of zero, more sensitive to a difference of {@code tau}: half of the weight
     * is on tau itself and half on the mixture, as in {@link OddsRatioLikelihood}. At a difference of tau it decides
     * sooner than the mixture alone; at other differences it is at most ln 2 lower. {@code side} is GREATER or LESS.
     */
    public static double logEvidenceAround(Estimate estimate, double tau, Side side) {
        if (!estimate.isDefined()) {
            return 0;
        }
        double claimed = side == Side.LESS ? -estimate.z() : estimate.z();
        double standardised = tau / estimate.standardError();
        double atTau = standardised * claimed - standardised * standardised / 2;
        double mixture = logEvidence(estimate, tau, side);
        double larger = Math.max(atTau, mixture);
        return larger + Math.log((Math.exp(atTau - larger) + Math.exp(mixture - larger)) / 2);
    }

    /**
     * The ends of the interval of those differences that neither one-sided test, {@link #logEvidenceAround}, refutes at
     * {@code alpha}; NaN when the estimate is undefined. Each end holds at every look with a probability of 1 - alpha.
     */
    public static double[] intervalAround(Estimate estimate, double tau, double alpha) {
        if (!estimate.isDefined()) {
            return new double[] {Double.NaN, Double.NaN};
        }
        double threshold = Math.log(1 / alpha);
        double inside = 0;
        double outside = estimate.standardError();
        while (logEvidenceAround(estimate.with(outside, estimate.standardError()), tau, Side.GREATER) < threshold) {
            inside = outside;
            outside *= 2;
        }
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (inside + outside) / 2;
            if (logEvidenceAround(estimate.with(middle, estimate.standardError()), tau, Side.GREATER) < threshold) {
                inside = middle;
            } else {
                outside = middle;
            }
        }
        return new double[] {estimate.difference() - outside, estimate.difference() + outside};
    }

    /** The ends of the confidence sequence at {@code alpha}; NaN when the estimate is undefined. */
    public static double[] interval(Estimate estimate, double tau, double alpha) {
        if (!estimate.isDefined()) {
            return new double[] {Double.NaN, Double.NaN};
        }
        double r = ratio(estimate, tau);
        double half = estimate.standardError() * Math.sqrt((1 + r) / r * (Math.log1p(r) + 2 * Math.log(1 / alpha)));
        return new double[] {estimate.difference() - half, estimate.difference() + half};
    }

    private static double ratio(Estimate estimate, double tau) {
        if (!(tau > 0)) {
            throw new IllegalArgumentException("tau is " + tau + "; it must be greater than 0");
        }
        return tau * tau / (estimate.standardError() * estimate.standardError());
    }

    /** ln(2 Phi(x)), computed by Mills' ratio where Phi itself underflows. */
    private static double logTwicePhi(double x) {
        double phi = NORMAL.cumulativeProbability(x);
        return phi > 1e-300 ? Math.log(2 * phi) : Math.log(2) - x * x / 2 - Math.log(-x) - Math.log(2 * Math.PI) / 2;
    }
}
