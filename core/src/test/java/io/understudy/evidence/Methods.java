package io.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricSpec;
import io.understudy.plan.StagePlan;
import io.understudy.statistics.Estimate;
import io.understudy.statistics.Moments;
import io.understudy.statistics.NormalMixture;
import io.understudy.statistics.PairCounts;
import io.understudy.statistics.Side;
import io.understudy.statistics.TwoByTwoTable;
import io.understudy.testing.Plans;
import java.util.Arrays;
import java.util.List;

/** One metric's evidence, and windows for it to absorb. */
final class Methods {

    /** Unit counts for a method that asks for none. */
    static final UnitCounts NO_UNITS = new UnitCounts(0, 0);

    private Methods() {}

    static MetricEvidence byRequest(String stage, String metric) {
        return of(Plans.byRequest(stage, metric));
    }

    static MetricEvidence byKey(String stage, String metric) {
        return of(Plans.byKey(stage, metric));
    }

    private static MetricEvidence of(EvidencePlan plan) {
        MetricSpec spec = plan.metrics().get(0);
        StagePlan stage = plan.stages().get(0);
        return MetricMethods.choose(spec, stage, Tally.empty(spec, stage, plan.isByKey()), plan.isByKey());
    }

    static MetricEvidence absorb(MetricEvidence evidence, Tally... windows) {
        Arrays.stream(windows).forEach(evidence::absorb);
        return evidence;
    }

    static Tally rates(long existingUnits, long existingSuccesses, long candidateUnits, long candidateSuccesses) {
        Tally.Rates tally = new Tally.Rates();
        tally.add(new TwoByTwoTable(existingUnits, existingSuccesses, candidateUnits, candidateSuccesses));
        return tally;
    }

    static Tally pairs(long bothRight, long existingOnly, long candidateOnly, long bothWrong) {
        Tally.Pairs tally = new Tally.Pairs();
        tally.add(new PairCounts(bothRight, existingOnly, candidateOnly, bothWrong));
        return tally;
    }

    static Tally means(Moments existing, Moments candidate) {
        return means(existing, candidate, Moments.NONE);
    }

    static Tally means(Moments existing, Moments candidate, Moments difference) {
        Tally.Means tally = new Tally.Means();
        tally.add(existing, candidate, difference);
        return tally;
    }

    /** The moments of {@code n} numbers whose skewness and excess kurtosis are 0. */
    static Moments moments(long n, double mean, double variance) {
        double m2 = variance * (n - 1);
        return new Moments(n, mean, m2, 0, 3 * m2 * m2 / n);
    }

    /** Asserts that neither end of the interval at .05 is refuted by more than the one-sided test of a normal mixture. */
    static void assertIntervalOfTheTests(MetricEvidence evidence, double tau) {
        double[] interval = evidence.interval(0.05);
        assertThat(List.of(
                        evidenceAgainst(evidence, interval[0], tau, Side.GREATER),
                        evidenceAgainst(evidence, interval[1], tau, Side.LESS)))
                .allSatisfy(logE -> assertThat(logE).isCloseTo(Math.log(20), within(1e-9)));
    }

    private static double evidenceAgainst(MetricEvidence evidence, double difference, double tau, Side side) {
        return NormalMixture.logEvidenceAround(
                new Estimate(evidence.effect() - difference, evidence.standardError()), tau, side);
    }

    /** ln E for each claim, in their order. */
    static double[] logEvidence(MetricEvidence evidence, UnitCounts units) {
        return Arrays.stream(Claim.values())
                .mapToDouble(claim -> evidence.logEvidence(claim, units))
                .toArray();
    }

    /** The classical test's p-value for each claim, in their order. */
    static double[] p(MetricEvidence evidence) {
        return p(evidence, NO_UNITS);
    }

    /** The classical test's p-value for each claim, in their order. */
    static double[] p(MetricEvidence evidence, UnitCounts units) {
        return Arrays.stream(Claim.values())
                .mapToDouble(claim -> evidence.p(claim, units))
                .toArray();
    }
}
