package io.understudy.evidence;

import io.understudy.plan.MetricSpec;

/**
 * How evenly the outcomes that a metric needs have arrived in both arms.
 *
 * @param spec the metric
 * @param soFar of all requests so far; the outcomes of some may still come
 * @param mature of the requests that are old enough to have their outcome
 */
public record CoverageLook(MetricSpec spec, ArmsCovered soFar, ArmsCovered mature) {

    /**
     * The coverage of both arms.
     *
     * @param existing the existing model's arm
     * @param candidate the candidate's arm
     * @param standardError the standard error of the difference between the coverages; NaN without requests in an arm
     * @param logEvidence ln E that the coverages differ
     * @param logEvidenceBeyond ln E that they differ by more than the tolerance
     */
    public record ArmsCovered(
            ArmCovered existing,
            ArmCovered candidate,
            double standardError,
            double logEvidence,
            double logEvidenceBeyond) {

        /** Nothing to compare. */
        public static final ArmsCovered NONE =
                new ArmsCovered(new ArmCovered(0, 0), new ArmCovered(0, 0), Double.NaN, 0, 0);

        /** The difference between the coverages, 0 to 1, whichever is higher; NaN if an arm has no requests. */
        public double difference() {
            return Math.abs(candidate.fraction() - existing.fraction());
        }

        /** The coverage of the arm where it is lower, 0 to 1; 0 if an arm has no requests. */
        public double lower() {
            return existing.requests() == 0 || candidate.requests() == 0
                    ? 0
                    : Math.min(existing.fraction(), candidate.fraction());
        }
    }

    /**
     * The coverage of one arm.
     *
     * @param requests number of requests
     * @param observed number of those that are an observation of the metric
     */
    public record ArmCovered(long requests, long observed) {

        /** The part of the requests that are an observation, 0 to 1; NaN without requests. */
        public double fraction() {
            return (double) observed / requests;
        }
    }
}
