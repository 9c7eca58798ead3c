package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.schema.MetricRole;
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
        boolean atMargin = claim == Claim.NON_INFERIOR || claim == Claim.HARM && spec().role() == MetricRole.GUARDRAIL;
        double reference = atMargin ? -spec().sign() * allowance() : 0;
        Side side = claim == Claim.HARM ? better().opposite() : better();
        return paired
                ? difference.logEvidence(reference, side)
                : EmpiricalBernstein.logEvidence(existing, candidate, reference, side);
    }

    @Override
    double[] interval(double alpha) {
        if (paired) {
            return difference.interval(alpha);
        }
        double[] ofExisting = existing.interval(alpha / 2);
        double[] ofCandidate = candidate.interval(alpha / 2);
        return new double[] {ofCandidate[0] - ofExisting[1], ofCandidate[1] - ofExisting[0]};
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
