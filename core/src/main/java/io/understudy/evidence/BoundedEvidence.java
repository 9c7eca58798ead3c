package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.statistics.EmpiricalBernstein;
import io.understudy.statistics.Side;

/**
 * Means of bounded values, valid from the first request on: empirical Bernstein e-processes of each arm and, for pairs,
 * of the differences.
 */
final class BoundedEvidence extends MetricEvidence {

    private final Tally.Means tally;
    private final boolean paired;
    private final MeanEvidence classical;
    private EmpiricalBernstein existing;
    private EmpiricalBernstein candidate;
    private EmpiricalBernstein difference;

    BoundedEvidence(MetricSpec spec, Tally.Means tally, boolean paired) {
        super(spec);
        this.tally = tally;
        this.paired = paired;
        this.classical = new MeanEvidence(spec, tally, paired);
        MetricSpec.Bounds bounds = spec.bounds().orElseThrow();
        double width = bounds.high() - bounds.low();
        this.existing = EmpiricalBernstein.empty(bounds.low(), bounds.high());
        this.candidate = EmpiricalBernstein.empty(bounds.low(), bounds.high());
        this.difference = EmpiricalBernstein.empty(-width, width);
    }

    @Override
    void absorb(Tally window) {
        super.absorb(window);
        Tally.Means means = (Tally.Means) window;
        existing = existing.plus(means.existing());
        candidate = candidate.plus(means.candidate());
        difference = difference.plus(means.difference());
    }

    /** The state: n, sum and variation of the existing model, then of the candidate, then of the differences. */
    double[] processes() {
        return new double[] {
            existing.n(), existing.sum(), existing.variation(),
            candidate.n(), candidate.sum(), candidate.variation(),
            difference.n(), difference.sum(), difference.variation()
        };
    }

    /** Restores the state that {@link #processes} returned. */
    void restore(double... processes) {
        existing = restored(existing, processes, 0);
        candidate = restored(candidate, processes, 3);
        difference = restored(difference, processes, 6);
    }

    private static EmpiricalBernstein restored(EmpiricalBernstein bounds, double[] processes, int from) {
        return new EmpiricalBernstein(
                bounds.low(), bounds.high(), (long) processes[from], processes[from + 1], processes[from + 2]);
    }

    @Override
    double logEvidence(Claim claim, UnitCounts keys) {
        boolean atMargin = claim == Claim.NON_INFERIOR || claim == Claim.HARM && allowsHarm();
        double reference = atMargin ? -spec().sign() * allowance() : 0;
        return logEvidence(reference, claim == Claim.HARM ? better().opposite() : better());
    }

    private double logEvidence(double reference, Side side) {
        return paired
                ? difference.logEvidence(reference, side)
                : EmpiricalBernstein.logEvidence(existing, candidate, reference, side);
    }

    /**
     * For pairs, the differences that neither one-sided test refutes. For arms, the difference of their intervals, which is
     * wider than what the tests leave; it ends at zero at the latest where a test refutes zero.
     */
    @Override
    double[] interval(double alpha) {
        if (paired) {
            return difference.interval(2 * alpha);
        }
        double[] ofExisting = existing.interval(alpha);
        double[] ofCandidate = candidate.interval(alpha);
        double low = ofCandidate[0] - ofExisting[1];
        double high = ofCandidate[1] - ofExisting[0];
        double threshold = Math.log(1 / alpha);
        return new double[] {
            logEvidence(0, Side.GREATER) >= threshold ? Math.max(0, low) : low,
            logEvidence(0, Side.LESS) >= threshold ? Math.min(0, high) : high
        };
    }

    @Override
    Tally tally() {
        return tally;
    }

    @Override
    double effect() {
        return classical.effect();
    }

    @Override
    double p(Claim claim, UnitCounts keys) {
        return classical.p(claim, keys);
    }

    @Override
    double worthwhile() {
        return classical.worthwhile();
    }

    @Override
    double allowance() {
        return classical.allowance();
    }
}
