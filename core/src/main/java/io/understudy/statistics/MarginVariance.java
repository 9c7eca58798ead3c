package io.understudy.statistics;

/**
 * The variance that a comparison of rates would have if the candidate were worse by exactly the margin.
 *
 * <p>A test against a margin must not take the variance from the observed rates alone: it collapses when few events
 * happen to be seen with the candidate, which is just when the candidate looks good. Here the rates are the most likely
 * ones among those that differ by the margin (C. P. Farrington, G. Manning, "Test statistics and sample size formulae for
 * comparative binomial trials with null hypothesis of non-zero risk difference or non-unity relative risk", 1990; for
 * pairs T. Tango, "Equivalence test and confidence interval for the difference in proportions for the paired-sample
 * design", 1998).
 */
public final class MarginVariance {

    private MarginVariance() {}

    /**
     * The rate of one arm.
     *
     * @param rate the observed rate, 0 to 1
     * @param size the number of independent trials that it is worth, greater than 0; not necessarily whole
     */
    public record Arm(double rate, double size) {

        private double successes() {
            return rate * size;
        }
    }

    /**
     * The variance of the difference between two rates if the candidate's were {@code difference} higher.
     *
     * @param difference between -1 and 1
     */
    public static double ofDifference(Arm existing, Arm candidate, double difference) {
        // The notation is that of Farrington and Manning, with the candidate first.
        double theta = existing.size() / candidate.size();
        double a = 1 + theta;
        double b = -(1 + theta + candidate.rate() + theta * existing.rate() + difference * (theta + 2));
        double c = difference * difference
                + difference * (2 * candidate.rate() + theta + 1)
                + candidate.rate()
                + theta * existing.rate();
        double d = -candidate.rate() * difference * (1 + difference);
        double third = b / (3 * a);
        double v = third * third * third - b * c / (6 * a * a) + d / (2 * a);
        double u = Math.copySign(Math.sqrt(Math.max(0, third * third - c / (3 * a))), v);
        double w = (Math.PI + Math.acos(u == 0 ? 0 : Math.max(-1, Math.min(1, v / (u * u * u))))) / 3;
        double ofCandidate = clip(2 * u * Math.cos(w) - third, Math.max(0, difference), Math.min(1, 1 + difference));
        double ofExisting = ofCandidate - difference;
        return ofExisting * (1 - ofExisting) / existing.size() + ofCandidate * (1 - ofCandidate) / candidate.size();
    }

    /**
     * The variance of the candidate's rate minus the rate that has {@code oddsRatio} times the odds of the existing
     * model's, if the two were equal.
     *
     * @param oddsRatio greater than 0, and not 1
     */
    public static double ofOddsRatio(Arm existing, Arm candidate, double oddsRatio) {
        double a = existing.size() * (oddsRatio - 1);
        double successes = existing.successes() + candidate.successes();
        double b = candidate.size() * oddsRatio + existing.size() - successes * (oddsRatio - 1);
        double ofExisting = clip((-b + Math.sqrt(b * b + 4 * a * successes)) / (2 * a), 0, 1);
        double denominator = 1 - ofExisting + ofExisting * oddsRatio;
        double ofCandidate = ofExisting * oddsRatio / denominator;
        double slope = oddsRatio / (denominator * denominator);
        return slope * slope * ofExisting * (1 - ofExisting) / existing.size()
                + ofCandidate * (1 - ofCandidate) / candidate.size();
    }

    /**
     * The variance of the difference between two rates on the same requests if the candidate's were worse by
     * {@code margin}.
     *
     * @param pairs the number of independent pairs, greater than 0; not necessarily whole
     * @param better the fraction of pairs in which the candidate alone was right, 0 to 1
     * @param worse the fraction of pairs in which the existing model alone was right, 0 to 1
     * @param margin between 0 and 1
     */
    public static double ofPairs(double pairs, double better, double worse, double margin) {
        // The most likely fraction x of pairs that only the candidate answers right, if x + margin is that of the
        // others.
        double same = 1 - better - worse;
        double linear = better * (1 - 3 * margin) + worse * (1 - margin) - 2 * same * margin;
        double x = (linear + Math.sqrt(linear * linear + 8 * better * margin * (1 - margin))) / 4;
        return (2 * x + margin - margin * margin) / pairs;
    }

    private static double clip(double value, double low, double high) {
        return Math.max(low, Math.min(high, value));
    }
}
