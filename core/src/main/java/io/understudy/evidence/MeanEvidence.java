package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.Estimate;
import io.understudy.statistics.FixedHorizon;
import io.understudy.statistics.Side;
import java.util.Optional;

/** Means of independent requests: of the arms or, if both models answer the same requests, of the differences. */
final class MeanEvidence extends EstimateEvidence {

    /** Affects only the confidence interval, which is not used here. */
    private static final double UNUSED_ALPHA = 0.05;

    private final Tally.Means tally;
    private final boolean paired;

    MeanEvidence(MetricSpec spec, Tally.Means tally, boolean paired) {
        super(spec);
        this.tally = tally;
        this.paired = paired;
    }

    @Override
    Tally tally() {
        return tally;
    }

    @Override
    Estimate estimate() {
        return paired ? Estimate.ofMean(tally.difference()) : Estimate.between(tally.existing(), tally.candidate());
    }

    /** A mean is not a rate. */
    @Override
    double varianceAtMargin(double margin, UnitCounts keys) {
        return 0;
    }

    @Override
    Optional<Shortfall> shortfall(UnitCounts keys) {
        return untilNormal(Shortfall.Kind.UNITS_FOR_MEAN, Math.min(existingUnits(), candidateUnits()));
    }

    @Override
    double p(Claim claim, UnitCounts keys) {
        if (paired) {
            return super.p(claim, keys);
        }
        Side worse = better().opposite();
        return switch (claim) {
            case SUPERIOR ->
                FixedHorizon.welch(tally.existing(), tally.candidate(), better(), UNUSED_ALPHA)
                        .p();
            case NON_INFERIOR ->
                FixedHorizon.nonInferiority(tally.existing(), tally.candidate(), allowance(), better(), UNUSED_ALPHA)
                        .p();
            case HARM ->
                spec().margin().isPresent()
                        ? 1 - p(Claim.NON_INFERIOR, keys)
                        : FixedHorizon.welch(tally.existing(), tally.candidate(), worse, UNUSED_ALPHA)
                                .p();
        };
    }
}
