package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.FixedHorizon;
import io.understudy.statistics.OddsRatioLikelihood;
import io.understudy.statistics.Side;
import io.understudy.statistics.TwoByTwoTable;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * Rates of independent requests in randomised arms, when the effect is declared as an odds ratio: the conditional odds
 * ratio, exact at any size and split.
 */
final class RateEvidence extends OddsEvidence {

    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);
    /** Affects only the confidence interval, which is not used here. */
    private static final double UNUSED_ALPHA = 0.05;

    private final Tally.Rates tally;

    RateEvidence(MetricSpec spec, Tally.Rates tally) {
        super(spec);
        this.tally = tally;
    }

    @Override
    Tally tally() {
        return tally;
    }

    @Override
    OddsRatioLikelihood plus(Tally window, OddsRatioLikelihood before) {
        return before.plus(((Tally.Rates) window).table());
    }

    @Override
    double effect() {
        TwoByTwoTable table = tally.table();
        if (table.existingUnits() == 0 || table.candidateUnits() == 0) {
            return Double.NaN;
        }
        // Half a count in each cell keeps the estimate finite (J. B. S. Haldane, 1956).
        return Math.log((table.candidateSuccesses() + HALF)
                        / (table.candidateUnits() - table.candidateSuccesses() + HALF))
                - Math.log((table.existingSuccesses() + HALF)
                        / (table.existingUnits() - table.existingSuccesses() + HALF));
    }

    /** The standard error of the log odds ratio (B. Woolf, 1955). */
    @Override
    double standardError() {
        TwoByTwoTable table = tally.table();
        return Math.sqrt(1 / (table.candidateSuccesses() + HALF)
                + 1 / (table.candidateUnits() - table.candidateSuccesses() + HALF)
                + 1 / (table.existingSuccesses() + HALF)
                + 1 / (table.existingUnits() - table.existingSuccesses() + HALF));
    }

    @Override
    double logEvidence(Claim claim, UnitCounts keys) {
        double logE = super.logEvidence(claim, keys);
        return claim == Claim.NON_INFERIOR
                ? withNegligible(logE, tally.table().candidateSuccesses(), candidateUnits())
                : logE;
    }

    @Override
    double allowedDifference() {
        return spec().margin()
                .or(spec()::mde)
                .map(effect -> differenceAtOdds(1 / oddsOfBetter(effect)))
                .orElse(0.0);
    }

    @Override
    double worthwhileDifference() {
        return spec().mde()
                .map(effect -> differenceAtOdds(oddsOfBetter(effect)))
                .orElse(Double.NaN);
    }

    /**
     * Against the margin by the normal approximation of the log odds ratio; against no difference by the z-test or
     * Fisher's test.
     */
    @Override
    double p(Claim claim, UnitCounts keys) {
        if (!isAtMargin(claim)) {
            Side side = claim == Claim.SUPERIOR ? better() : better().opposite();
            return FixedHorizon.twoProportions(tally.table(), side, UNUSED_ALPHA)
                    .recommendedP();
        }
        double z = (spec().sign() * effect() + allowance()) / standardError();
        return claim == Claim.NON_INFERIOR ? NORMAL.survivalProbability(z) : NORMAL.cumulativeProbability(z);
    }
}
