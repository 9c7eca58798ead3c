package io.understudy.evidence;

import io.understudy.evidence.Judge.Finding;
import io.understudy.schema.MetricRole;
import io.understudy.schema.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.BinomialTest;

/** The verdict of a stage that is looked at once, at its declared end, by the classical tests. */
final class FixedVerdict {

    private FixedVerdict() {}

    static Finding find(StageEvidence evidence, boolean over) {
        if (!over) {
            return new Finding(Verdict.CONTINUE, "a fixed test is looked at once, at the stage's end");
        }
        long grounds = evidence.metrics().stream()
                .filter(metric -> metric.spec().decides())
                .count();
        long successes = evidence.metrics().stream()
                .filter(metric -> metric.spec().role() == MetricRole.SUCCESS)
                .count();
        double alpha = evidence.plan().alpha();
        double alphaAbort =
                evidence.plan().alphaAbort() / evidence.plan().stages().size() / Math.max(1, grounds);
        boolean holds = true;
        boolean superior = !evidence.stage().superiority();
        List<String> why = new ArrayList<>();
        for (MetricEvidence metric : evidence.metrics()) {
            if (!metric.spec().decides()) {
                continue;
            }
            double harm = metric.p(Claim.HARM);
            if (harm <= alphaAbort) {
                return new Finding(
                        Verdict.ABORT,
                        metric.spec().name() + " is worse: " + Words.arms(metric, alpha) + ", p " + Words.number(harm));
            }
            boolean guardrail = metric.spec().role() == MetricRole.GUARDRAIL;
            double p = guardrail ? nonInferiority(metric, evidence) : metric.p(Claim.SUPERIOR);
            holds &= !guardrail || p <= alpha;
            superior |= !guardrail && p <= alpha / Math.max(1, successes);
            why.add(metric.spec().name() + " " + Words.arms(metric, alpha) + ", p " + Words.number(p));
        }
        return new Finding(holds && superior ? Verdict.PASS : Verdict.INCONCLUSIVE, String.join("; ", why));
    }

    /** Not worse by the margin, or so rarely at fault that nobody minds: the better of two tests, paid for by doubling. */
    private static double nonInferiority(MetricEvidence metric, StageEvidence evidence) {
        double p = metric.p(Claim.NON_INFERIOR);
        double negligible = metric.spec().negligible();
        long requests = metric.candidateUnits();
        long trials = evidence.plan().isByKey() ? Math.min(evidence.units().candidate(), requests) : requests;
        if (!(negligible > 0) || trials == 0 || trials > Integer.MAX_VALUE) {
            return p;
        }
        long faults = Math.min(trials, Math.round(metric.candidateEstimate() * requests));
        double rare = BinomialTest.withDefaults()
                .with(AlternativeHypothesis.LESS_THAN)
                .test((int) trials, (int) faults, negligible)
                .getPValue();
        return Math.min(1, 2 * (p < rare ? p : rare));
    }
}
