package io.understudy.evidence;

import io.understudy.plan.MetricKind;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.StagePlan;
import io.understudy.schema.MetricRole;
import io.understudy.statistics.BinomialMixture;
import io.understudy.statistics.Side;
import java.util.Optional;

/**
 * What all windows of a stage together say of one metric. Each kind of data has its own method; what they have in common are the
 * claims. Mutable, for one thread.
 */
abstract class MetricEvidence {

    private final MetricSpec spec;

    MetricEvidence(MetricSpec spec) {
        this.spec = spec;
    }

    /** The method for a metric; see the subclasses. */
    static MetricEvidence of(MetricSpec spec, StagePlan stage, boolean byKey) {
        Tally tally = Tally.empty(spec, stage, byKey);
        boolean paired = stage.isShadow() && spec.kind().isPairedInShadow();
        boolean odds = spec.scale().map(MetricSpec::isOddsRatio).orElse(true);
        if (tally instanceof Tally.Scores scores) {
            return new DriftEvidence(spec, scores);
        }
        if (spec.kind() == MetricKind.AGREEMENT) {
            return new AgreementEvidence(spec, (Tally.Rates) tally, byKey);
        }
        if (tally instanceof Tally.Buckets buckets) {
            return new KeyGroupEvidence(spec, buckets, paired);
        }
        if (tally instanceof Tally.Pairs pairs) {
            return odds ? new PairEvidence(spec, pairs) : new PairDifferenceEvidence(spec, pairs);
        }
        if (tally instanceof Tally.Rates rates) {
            return odds ? new RateEvidence(spec, rates) : new RateDifferenceEvidence(spec, rates);
        }
        return spec.bounds().isPresent()
                ? new BoundedEvidence(spec, (Tally.Means) tally, paired)
                : new MeanEvidence(spec, (Tally.Means) tally, paired);
    }

    /** Adds a window. */
    void absorb(Tally window) {
        tally().addAll(window);
    }

    /** Everything so far. */
    abstract Tally tally();

    MetricSpec spec() {
        return spec;
    }

    /** Observations of the existing model. */
    long existingUnits() {
        return tally().existingUnits();
    }

    /** Observations of the candidate. */
    long candidateUnits() {
        return tally().candidateUnits();
    }

    /** The existing model's mean or rate; NaN when undefined. */
    double existingEstimate() {
        return tally().existingEstimate();
    }

    /** The candidate's mean or rate; NaN when undefined. */
    double candidateEstimate() {
        return tally().candidateEstimate();
    }

    /** Candidate minus existing, or the log odds ratio; NaN when undefined. */
    abstract double effect();

    /** The effect's standard error; NaN for a method that needs none. */
    double standardError() {
        return Double.NaN;
    }

    /** The confidence sequence of the effect at {@code alpha}; NaN or infinite where it has no end. */
    abstract double[] interval(double alpha);

    /** ln E for a claim; 0 is no evidence. */
    abstract double logEvidence(Claim claim, UnitCounts keys);

    /** The p-value of a claim by the classical test, for one look; NaN when undefined. */
    abstract double p(Claim claim);

    /** The least effect in the good direction that is worth having, in the effect's unit; NaN where none is declared. */
    abstract double worthwhile();

    /** What must come in before the numbers can be trusted at all; empty when they can. */
    Optional<Shortfall> shortfall(UnitCounts keys) {
        return Optional.empty();
    }

    /** Whether the point estimate itself says what the claim says. */
    boolean pointsTo(Claim claim) {
        double good = spec.sign() * effect();
        return switch (claim) {
            case SUPERIOR -> good > 0;
            case NON_INFERIOR -> good > -allowance() || allowance() == 0 && good >= 0;
            case HARM -> good < -(spec.role() == MetricRole.GUARDRAIL ? allowance() : 0);
        };
    }

    /** How much worse the candidate may be, in the effect's unit; 0 without a margin. */
    abstract double allowance();

    /** The side of no difference on which an effect in the good direction lies. */
    Side better() {
        return spec.better();
    }

    /** The average of two e-values: one for whoever claims that either of two nulls is wrong. */
    static double either(double logE, double otherLogE) {
        double larger = Math.max(logE, otherLogE);
        return larger + Math.log((Math.exp(logE - larger) + Math.exp(otherLogE - larger)) / 2);
    }

    /**
     * ln E that a rate of faults is below {@code spec.negligible()}, where a rate that low is as good as none.
     *
     * @param faults faults among the trials
     * @param trials independent trials
     */
    double logNegligible(long faults, long trials) {
        double limit = spec.negligible();
        return limit > 0 ? BinomialMixture.logEvidence(faults, trials - faults, limit, 1 / limit, Side.LESS) : 0;
    }

    /** Non-inferior by the comparison, or so rarely at fault that no comparison is needed. */
    double withNegligible(double logE, long faults, long trials) {
        return spec.negligible() > 0 ? either(logE, logNegligible(faults, trials)) : logE;
    }

    /** Whether the candidate's rate of faults is, as it looks, too low to matter. */
    boolean looksNegligible() {
        return spec.negligible() > 0 && candidateEstimate() < spec.negligible();
    }
}
