package io.understudy.evidence;

import io.understudy.schema.MetricRole;
import io.understudy.statistics.BinomialMixture;
import io.understudy.statistics.FixedHorizon;
import io.understudy.statistics.PairCounts;
import io.understudy.statistics.Side;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.BinomialTest;

/** Right and wrong on the same requests: only those that one model alone got right say which is better. */
final class PairEvidence extends MetricEvidence {

    private static final double HALF = 0.5;
    private static final double USUAL_ODDS_RATIO = 1.2;

    private final Tally.Pairs tally;

    PairEvidence(MetricSpec spec, Tally.Pairs tally) {
        super(spec);
        this.tally = tally;
    }

    @Override
    Tally tally() {
        return tally;
    }

    /** The log odds that a discordant request is the candidate's. */
    @Override
    double effect() {
        PairCounts counts = tally.counts();
        return counts.discordant() == 0
                ? Double.NaN
                : Math.log((counts.candidateOnly() + HALF) / (counts.existingOnly() + HALF));
    }

    /** By inverting the mixture's test against each odds in turn. */
    @Override
    double[] interval(double alpha) {
        PairCounts counts = tally.counts();
        if (counts.discordant() == 0) {
            return new double[] {Double.NaN, Double.NaN};
        }
        double threshold = Math.log(1 / alpha);
        double centre = effect();
        return new double[] {edge(counts, centre, -1, threshold), edge(counts, centre, 1, threshold)};
    }

    private double edge(PairCounts counts, double centre, int direction, double threshold) {
        double kept = centre;
        double refuted = Double.NaN;
        for (double step = 0.01; step < 40; step *= 2) {
            if (against(counts, centre + direction * step) >= threshold) {
                refuted = centre + direction * step;
                break;
            }
            kept = centre + direction * step;
        }
        for (int i = 0; i < 40 && !Double.isNaN(refuted); i++) {
            double middle = (kept + refuted) / 2;
            if (against(counts, middle) >= threshold) {
                refuted = middle;
            } else {
                kept = middle;
            }
        }
        return Double.isNaN(refuted) ? direction * Double.POSITIVE_INFINITY : refuted;
    }

    private double against(PairCounts counts, double logOdds) {
        double p0 = 1 / (1 + Math.exp(-logOdds));
        return BinomialMixture.logEvidence(counts.candidateOnly(), counts.existingOnly(), p0, weight(), Side.BOTH);
    }

    private double weight() {
        double odds = spec().scale().orElse(USUAL_ODDS_RATIO);
        return BinomialMixture.weight(odds / (1 + odds) - HALF);
    }

    @Override
    double logEvidence(Claim claim, Units keys) {
        return BinomialMixture.logEvidence(
                good(), bad(), chance(claim), weight(), claim == Claim.HARM ? Side.LESS : Side.GREATER);
    }

    private long good() {
        return spec().sign() > 0
                ? tally.counts().candidateOnly()
                : tally.counts().existingOnly();
    }

    private long bad() {
        return tally.counts().discordant() - good();
    }

    /** The chance of a good discordant request that a claim is tested against. */
    private double chance(Claim claim) {
        boolean atMargin = claim == Claim.NON_INFERIOR || claim == Claim.HARM && spec().role() == MetricRole.GUARDRAIL;
        return atMargin ? 1 / (1 + spec().margin().orElse(1.0)) : HALF;
    }

    @Override
    double p(Claim claim) {
        int pairs = (int) Math.min(Integer.MAX_VALUE, good() + bad());
        if (pairs == 0) {
            return Double.NaN;
        }
        double p = BinomialTest.withDefaults()
                .with(claim == Claim.HARM ? AlternativeHypothesis.LESS_THAN : AlternativeHypothesis.GREATER_THAN)
                .test(pairs, (int) good(), chance(claim))
                .getPValue();
        return claim == Claim.SUPERIOR
                ? Math.min(
                        p,
                        FixedHorizon.mcNemar(
                                tally.counts().existingOnly(), tally.counts().candidateOnly()))
                : p;
    }

    @Override
    double worthwhile() {
        return spec().mde().map(Math::log).orElse(Double.NaN);
    }

    @Override
    double allowance() {
        return spec().margin().map(Math::log).orElse(0.0);
    }
}
