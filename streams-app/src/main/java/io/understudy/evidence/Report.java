package io.understudy.evidence;

import static io.understudy.evidence.Words.number;
import static io.understudy.evidence.Words.percent;

import io.understudy.evidence.Judge.Finding;
import io.understudy.schema.ArmEvaluation;
import io.understudy.schema.ArmTotals;
import io.understudy.schema.Disagreement;
import io.understudy.schema.MetricEvaluation;
import io.understudy.schema.MetricRole;
import io.understudy.schema.RandomisationUnit;
import io.understudy.schema.SchemaClasses;
import io.understudy.statistics.Side;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a ruling tells besides its verdict. */
final class Report {

    private static final double REPEATED = 1.05;
    private static final long FEWEST_REQUESTS = 100;
    private static final double UNEVEN_COVERAGE = 0.05;

    /** Of what is mirrored, what must have come back, or a reader should know. */
    private static final double COMPLETE = 0.95;

    private static final int SCORE_BINS = 20;
    private static final double MEDIAN = 0.5;
    private static final double P95 = 0.95;
    private static final double P99 = 0.99;

    static {
        // Building a record may copy another.
        SchemaClasses.trust();
    }

    private Report() {}

    static Ruling of(StageEvidence evidence, Thresholds thresholds, Finding finding) {
        Block total = evidence.total();
        List<MetricEvaluation> metrics = new ArrayList<>();
        for (int i = 0; i < evidence.metrics().size(); i++) {
            metrics.add(evaluation(evidence, i, thresholds));
        }
        double[] edges =
                edges(total.existingAnswers().scores(), total.candidateAnswers().scores());
        return new Ruling(
                finding.verdict(),
                finding.reason(),
                metrics,
                totals(
                        new ArmCounts(total.existingRequests(), evidence.units().existing(), total.existingLabelled()),
                        parts(total.existingAnswers(), edges),
                        evidence.lastOfExisting()),
                totals(
                        new ArmCounts(
                                total.candidateRequests(), evidence.units().candidate(), total.candidateLabelled()),
                        parts(total.candidateAnswers(), edges),
                        evidence.lastOfCandidate()),
                Arrays.stream(edges).boxed().toList(),
                Math.max(evidence.sampleRatio(), evidence.labelledRatio()),
                remaining(evidence, thresholds),
                warnings(evidence),
                evidence.lastDifferences().stream()
                        .map(difference ->
                                new Disagreement(difference.requestId(), difference.existing(), difference.candidate()))
                        .toList());
    }

    private record ArmCounts(long requests, long units, long labelled) {}

    private static ArmTotals totals(ArmCounts counts, List<Double> scores, Spread lastWindow) {
        return new ArmTotals(
                counts.requests,
                counts.units,
                counts.labelled,
                scores,
                latency(lastWindow, MEDIAN),
                latency(lastWindow, P95),
                latency(lastWindow, P99));
    }

    /** Edges of equally wide bins from the lowest to the highest score of either model; none without a score. */
    private static double[] edges(ScoreHistogram existing, ScoreHistogram candidate) {
        double low = outer(existing.lowest(), candidate.lowest(), true);
        double high = outer(existing.highest(), candidate.highest(), false);
        double[] edges = new double[Double.isNaN(low) ? 0 : SCORE_BINS + 1];
        for (int i = 0; i < edges.length; i++) {
            edges[i] = low + (high - low) * i / SCORE_BINS;
        }
        return edges;
    }

    /** The lower or the higher of two numbers, either of which may be undefined. */
    private static double outer(double one, double other, boolean lower) {
        if (Double.isNaN(one) || Double.isNaN(other)) {
            return Double.isNaN(one) ? other : one;
        }
        return lower ? Math.min(one, other) : Math.max(one, other);
    }

    private static List<Double> parts(Spread answers, double... edges) {
        return answers.scores().total() == 0
                ? List.of()
                : Arrays.stream(answers.scores().partsBetween(edges)).boxed().toList();
    }

    private static Double latency(Spread answers, double quantile) {
        return defined(answers.latencies().quantile(quantile));
    }

    private static MetricEvaluation evaluation(StageEvidence evidence, int index, Thresholds thresholds) {
        MetricEvidence metric = evidence.metrics().get(index);
        StageEvidence.Latch latch = evidence.latch(index);
        MetricRole role = metric.spec().role();
        Claim claim = claim(role);
        int good = metric.better() == Side.GREATER ? 1 : -1;
        double[] interval = metric.interval(evidence.plan().alpha());
        double p = evidence.stage().fixed() ? metric.p(claim) : Math.exp(-Math.max(0, latch.of(claim)));
        return MetricEvaluation.newBuilder()
                .setName(metric.spec().name())
                .setKind(metric.spec().kind().code())
                .setRole(role)
                .setExisting(new ArmEvaluation(metric.existingUnits(), defined(metric.existingEstimate())))
                .setCandidate(new ArmEvaluation(metric.candidateUnits(), defined(metric.candidateEstimate())))
                .setEffect(defined(metric.effect()))
                .setStandardError(defined(metric.standardError()))
                .setLow(defined(interval[0]))
                .setHigh(defined(interval[1]))
                .setMargin(role == MetricRole.GUARDRAIL ? defined(-good * metric.allowance()) : null)
                .setWorthwhile(defined(good * metric.worthwhile()))
                .setLogEvidence(latch.of(claim))
                .setLogEvidenceOfHarm(latch.of(Claim.HARM))
                .setThreshold(metric.spec().decides() ? thresholds.of(role) : null)
                .setThresholdOfHarm(metric.spec().decides() ? thresholds.harm() : null)
                .setP(metric.spec().decides() ? defined(p) : null)
                .setMissing(metric.gate(evidence.units()).orElse(null))
                .build();
    }

    private static Claim claim(MetricRole role) {
        return role == MetricRole.GUARDRAIL ? Claim.NON_INFERIOR : Claim.SUPERIOR;
    }

    private static Double defined(double value) {
        return Double.isFinite(value) ? value : null;
    }

    /** What is still to be shown, in words. */
    static String outstanding(StageEvidence evidence, Thresholds thresholds) {
        List<String> open = new ArrayList<>();
        boolean wantsSuperiority = evidence.stage().superiority();
        for (int i = 0; i < evidence.metrics().size(); i++) {
            MetricEvidence metric = evidence.metrics().get(i);
            StageEvidence.Latch latch = evidence.latch(i);
            boolean guardrail = metric.spec().role() == MetricRole.GUARDRAIL;
            if (guardrail && !Judge.holds(metric, latch, thresholds)
                    || wantsSuperiority && metric.spec().role() == MetricRole.SUCCESS
                    || Judge.unguarded(evidence)
                            && metric.spec().role() == MetricRole.SUCCESS
                            && !Judge.holds(metric, latch, thresholds)) {
                boolean notWorse = guardrail || !wantsSuperiority;
                open.add(metric.spec().name() + (notWorse ? " not worse" : " better") + ": log evidence "
                        + number(latch.of(notWorse ? Claim.NON_INFERIOR : Claim.SUPERIOR)) + " of "
                        + number(notWorse ? thresholds.nonInferior() : thresholds.superior())
                        + metric.gate(evidence.units())
                                .map(gate -> " (waits for " + gate + ")")
                                .orElse(""));
            }
        }
        return "not shown yet: " + String.join("; ", open)
                + remaining(evidence, thresholds)
                        .map(units -> "; about " + units + " more units in the smaller arm")
                        .orElse("");
    }

    /** Log evidence grows with the units, once it grows at all: how many more the slowest open claim takes. */
    private static Optional<Long> remaining(StageEvidence evidence, Thresholds thresholds) {
        double factor = 0;
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < evidence.metrics().size(); i++) {
            MetricEvidence metric = evidence.metrics().get(i);
            MetricRole role = metric.spec().role();
            double logE = metric.logEvidence(claim(role), evidence.units());
            double times = logE > 0 ? thresholds.of(role) / logE - 1 : Double.POSITIVE_INFINITY;
            if (role == MetricRole.GUARDRAIL && !Judge.holds(metric, evidence.latch(i), thresholds)) {
                factor = Math.max(factor, times);
            } else if (role == MetricRole.SUCCESS) {
                best = Math.min(best, times);
            }
        }
        factor = evidence.stage().superiority() ? Math.max(factor, best) : factor;
        long units = evidence.smallerArm();
        return Double.isInfinite(factor) || factor <= 0 ? Optional.empty() : Optional.of(Math.round(units * factor));
    }

    /** The part of the requests whose outcome is known, in the arm that has less of it. */
    static double coverage(StageEvidence evidence) {
        Block total = evidence.total();
        return Math.min(
                share(total.existingLabelled(), total.existingRequests()),
                share(total.candidateLabelled(), total.candidateRequests()));
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : Math.min(1, (double) part / whole);
    }

    private static List<String> warnings(StageEvidence evidence) {
        List<String> warnings = new ArrayList<>();
        Block total = evidence.total();
        long requests = total.existingRequests() + total.candidateRequests();
        if (evidence.sampleRatio() > Math.log(20)) {
            warnings.add("units hardly arrive as the shares say: log evidence " + number(evidence.sampleRatio()));
        }
        if (evidence.sample().inBoth() > 0) {
            warnings.add(evidence.sample().inBoth() + " sampled keys are in both arms");
        }
        if (evidence.stage().isShadow() && total.candidateRequests() < COMPLETE * total.existingRequests()) {
            warnings.add("the candidate has answered " + total.candidateRequests() + " of " + total.existingRequests()
                    + " mirrored requests; the rest are under way, or were too old to be worth it");
        }
        for (MetricEvidence metric : evidence.metrics()) {
            if (metric.spec().kind() == MetricKind.ERROR_RATE
                    && metric.candidateUnits() == 0
                    && total.candidateRequests() >= FEWEST_REQUESTS) {
                warnings.add("the candidate has rejected all of " + total.candidateRequests()
                        + " requests: see the error in candidate-predictions; perhaps its features are not named");
            }
        }
        boolean unpaired = evidence.metrics().stream()
                .anyMatch(metric ->
                        !(evidence.stage().isShadow() && metric.spec().kind().isPairedInShadow()));
        if (evidence.plan().unit() == RandomisationUnit.REQUEST && unpaired && requests >= FEWEST_REQUESTS) {
            long keys = total.existingKeys().count() + total.candidateKeys().count();
            if (keys > 0 && requests > REPEATED * keys) {
                warnings.add("keys come back (" + requests + " requests, about " + keys
                        + " keys in the arms), so requests may not be independent; consider unit: key");
            }
        }
        if (evidence.stage().needsOutcomes() && coverage(evidence) < 1) {
            double existing = share(total.existingLabelled(), total.existingRequests());
            double candidate = share(total.candidateLabelled(), total.candidateRequests());
            warnings.add("outcomes known: existing " + percent(existing) + ", candidate " + percent(candidate)
                    + (Math.abs(existing - candidate) > UNEVEN_COVERAGE ? "; uneven" : ""));
        }
        return warnings;
    }
}
