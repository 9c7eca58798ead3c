package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.BinomialMixture;
import io.understudy.statistics.Side;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.BinomialTest;

/**
 * How often both models give the same answer, tested against the share of requests on which they may differ. It tests
 * one rate against one limit and does not compare arms.
 */
final class AgreementEvidence extends MetricEvidence {

    private final Tally.Rates tally;
    private final boolean byKey;

    AgreementEvidence(MetricSpec spec, Tally.Rates tally, boolean byKey) {
        super(spec);
        this.tally = tally;
        this.byKey = byKey;
    }

    @Override
    Tally tally() {
        return tally;
    }

    private long pairs() {
        return tally.table().candidateUnits();
    }

    @Override
    long existingUnits() {
        return pairs();
    }

    private long differing() {
        return pairs() - tally.table().candidateSuccesses();
    }

    @Override
    double logEvidence(Claim claim, UnitCounts keys) {
        if (spec().margin().isEmpty() || claim == Claim.SUPERIOR) {
            return 0;
        }
        long trials = trials(keys);
        long faults = faults(claim, trials);
        double limit = spec().margin().get();
        return BinomialMixture.logEvidence(
                faults, trials - faults, limit, 1 / limit, claim == Claim.HARM ? Side.GREATER : Side.LESS);
    }

    /** A key that returns is one trial. */
    private long trials(UnitCounts keys) {
        return byKey ? Math.min(pairs(), keys.candidate()) : pairs();
    }

    /**
     * The disagreements among {@code trials}. To hold the margin, each disagreement counts as one of another key; to be
     * harm, only as its part of the pairs, or the keys that return would multiply it.
     */
    private long faults(Claim claim, long trials) {
        return claim == Claim.HARM
                ? Math.round(trials * ((double) differing() / Math.max(1, pairs())))
                : Math.min(trials, differing());
    }

    /** The exact binomial test; NaN for more trials than it takes. */
    @Override
    double p(Claim claim, UnitCounts keys) {
        long trials = trials(keys);
        if (spec().margin().isEmpty() || claim == Claim.SUPERIOR || trials == 0 || trials > Integer.MAX_VALUE) {
            return Double.NaN;
        }
        return BinomialTest.withDefaults()
                .with(claim == Claim.HARM ? AlternativeHypothesis.GREATER_THAN : AlternativeHypothesis.LESS_THAN)
                .test((int) trials, (int) faults(claim, trials), spec().margin().get())
                .getPValue();
    }

    /** The rate of agreement minus 1: 0 is full agreement. */
    @Override
    double effect() {
        return tally.table().candidateRate() - 1;
    }

    @Override
    double improvement() {
        return effect();
    }

    @Override
    double[] interval(double alpha) {
        return new double[] {Double.NaN, Double.NaN};
    }

    @Override
    double worthwhile() {
        return Double.NaN;
    }

    @Override
    double allowance() {
        return spec().margin().orElse(0.0);
    }
}
