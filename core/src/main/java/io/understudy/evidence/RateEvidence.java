package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.FixedHorizon;
import io.understudy.statistics.OddsRatioLikelihood;
import io.understudy.statistics.Side;
import io.understudy.statistics.TwoByTwoTable;
import org.apache.commons.statistics.distribution.NormalDistribution;

/** Rates of independent requests in randomised arms: the conditional odds ratio, exact at any size and split. */
final class RateEvidence extends OddsEvidence {

    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);
    private static final double ANY_ALPHA = 0.05;

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
    OddsRatioLikelihood with(Tally window, OddsRatioLikelihood before) {
        return before.plus(((Tally.Rates) window).table());
    }

    @Override
    double effect() {
        TwoByTwoTable t = tally.table();
        if (t.existingUnits() == 0 || t.candidateUnits() == 0) {
            return Double.NaN;
        }
        // Half a count in each cell keeps the estimate finite (J. B. S. Haldane, 1956).
        return Math.log((t.candidateSuccesses() + HALF) / (t.candidateUnits() - t.candidateSuccesses() + HALF))
                - Math.log((t.existingSuccesses() + HALF) / (t.existingUnits() - t.existingSuccesses() + HALF));
    }

    /** That of the log odds ratio (B. Woolf, 1955). */
    @Override
    double standardError() {
        TwoByTwoTable t = tally.table();
        return Math.sqrt(1 / (t.candidateSuccesses() + HALF)
                + 1 / (t.candidateUnits() - t.candidateSuccesses() + HALF)
                + 1 / (t.existingSuccesses() + HALF)
                + 1 / (t.existingUnits() - t.existingSuccesses() + HALF));
    }

    @Override
    double logEvidence(Claim claim, UnitCounts keys) {
        double logE = super.logEvidence(claim, keys);
        return claim == Claim.NON_INFERIOR
                ? withNegligible(logE, tally.table().candidateSuccesses(), candidateUnits())
                : logE;
    }

    /** By the log odds ratio's normal approximation against a margin, by z or Fisher's test without one. */
    @Override
    double p(Claim claim) {
        if (!isAtMargin(claim)) {
            Side side = claim == Claim.SUPERIOR ? better() : better().opposite();
            return FixedHorizon.twoProportions(tally.table(), side, ANY_ALPHA).recommendedP();
        }
        double z = (spec().sign() * effect() + allowance()) / standardError();
        return claim == Claim.NON_INFERIOR ? NORMAL.survivalProbability(z) : NORMAL.cumulativeProbability(z);
    }
}
