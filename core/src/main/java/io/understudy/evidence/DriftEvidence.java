package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.Drift;

/**
 * The distance between the two models' score distributions: counts in the deciles of the existing model's first scores.
 * The deciles are fixed once the existing model has {@value #FIRST_SCORES} scores. Drift decides nothing, because a
 * better model may score differently.
 */
final class DriftEvidence extends MetricEvidence {

    private static final int DECILES = 10;
    private static final long FIRST_SCORES = 1000;

    private final Tally.Scores tally;
    private int[] edges = {};

    DriftEvidence(MetricSpec spec, Tally.Scores tally) {
        super(spec);
        this.tally = tally;
    }

    @Override
    void absorb(Tally window) {
        super.absorb(window);
        if (edges.length == 0 && existingUnits() >= FIRST_SCORES) {
            edges = tally.existing().quantileEdges(DECILES);
        }
    }

    @Override
    Tally tally() {
        return tally;
    }

    int[] edges() {
        return edges.clone();
    }

    /** Restores the state that {@link #edges} returned. */
    void restore(int... restored) {
        edges = restored;
    }

    private boolean isKnown() {
        return edges.length > 0 && candidateUnits() > 0;
    }

    /** The population stability index. */
    @Override
    double effect() {
        return isKnown()
                ? Drift.populationStability(
                        tally.existing().countsBetween(edges), tally.candidate().countsBetween(edges))
                : Double.NaN;
    }

    /** ln of the Bayes factor for two different distributions, for every claim. */
    @Override
    double logEvidence(Claim claim, UnitCounts keys) {
        return isKnown()
                ? Drift.logBayesFactor(
                        tally.existing().countsBetween(edges), tally.candidate().countsBetween(edges))
                : 0;
    }

    @Override
    double[] interval(double alpha) {
        return new double[] {Double.NaN, Double.NaN};
    }

    @Override
    double p(Claim claim, UnitCounts keys) {
        return Double.NaN;
    }

    @Override
    double worthwhile() {
        return Double.NaN;
    }

    @Override
    double allowance() {
        return 0;
    }
}
