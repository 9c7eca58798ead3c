package io.understudy.analysis;

import io.understudy.assignment.Share;
import io.understudy.evidence.UnitCounts;
import io.understudy.statistics.SampleRatio;

/** How well the units of recorded data agree with the share of a stage. */
final class ShareOfData {

    /** The evidence of the judge's own check of the sample ratio: 1 in 1000. */
    private static final double MISMATCH = Math.log(1000);

    /**
     * An experiment that loses a part of its units is for the judge to find invalid. When the odds of the arms are twice
     * those of the stage, or half, it is more likely that the stage is another one.
     */
    private static final double FAR = 2;

    private ShareOfData() {}

    /** ln of the probability of the units under a share; 0 without units. */
    static double logLikelihood(UnitCounts units, Share share) {
        return times(units.candidate(), Math.log(share.fraction()))
                + times(units.existing(), Math.log1p(-share.fraction()));
    }

    /** So many times a logarithm that may be infinite. */
    private static double times(long count, double log) {
        return count == 0 ? 0 : count * log;
    }

    /** Whether the units are surely of an experiment with a share that is twice as large as {@code share}, or half. */
    static boolean isFarFrom(UnitCounts units, Share share) {
        if (share.isAll()) {
            return units.existing() > 0;
        }
        double fraction = share.fraction();
        double ratio = units.candidate() / (units.existing() * fraction / (1 - fraction));
        return (ratio >= FAR || ratio <= 1 / FAR)
                && SampleRatio.logEvidence(
                                new long[] {units.existing(), units.candidate()}, new double[] {1 - fraction, fraction})
                        >= MISMATCH;
    }
}
