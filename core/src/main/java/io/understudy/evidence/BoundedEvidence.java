package io.understudy.evidence;

import io.understudy.plan.MetricSpec;
import io.understudy.schema.MetricRole;
import io.understudy.statistics.EmpiricalBernstein;
import io.understudy.statistics.Side;

/** Means of bounded numbers, valid from the first request on: empirical Bernstein, of the differences or of either arm. */
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

    /** n, sum and variation of the existing model, the candidate and the differences. */
    double[] processes() {
        return new double[] {
            existing.n(), existing.sum(), existing.variation(),
            candidate.n(), candidate.sum(), candidate.variation(),
            difference.n(), difference.sum(), difference.variation()
        };
    }

    /** Takes up what was kept. */
    void restore(double... kept) {
        existing = new EmpiricalBernstein(existing.low(), existing.high(), (long) kept[0], kept[1], kept[2]);
        candidate = new EmpiricalBernstein(candidate.low(), candidate.high(), (long) kept[3], kept[4], kept[5]);
        difference = new EmpiricalBernstein(difference.low(), difference.high(), (long) kept[6], kept[7], kept[8]);
    }

    @Override
    double logEvidence(Claim claim, UnitCounts keys) {
        boolean atMargin = claim == Claim.NON_INFERIOR || claim == Claim.HARM && spec().role() == MetricRole.GUARDRAIL;
        double against = atMargin ? -spec().sign() * allowance() : 0;
        Side side = claim == Claim.HARM ? better().opposite() : better();
        return paired
                ? difference.logEvidence(against, side)
                : EmpiricalBernstein.logEvidence(existing, candidate, against, side);
    }

    @Override
    double[] interval(double alpha) {
        if (paired) {
            return difference.interval(alpha);
        }
        double[] a = existing.interval(alpha / 2);
        double[] b = candidate.interval(alpha / 2);
        return new double[] {b[0] - a[1], b[1] - a[0]};
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
    double p(Claim claim) {
        return classical.p(claim);
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
