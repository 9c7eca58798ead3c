package io.understudy.evidence;

import io.understudy.evidence.Judge.Finding;
import io.understudy.schema.MetricRole;
import io.understudy.schema.Verdict;
import java.util.ArrayList;
import java.util.List;

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
            double p = metric.p(guardrail ? Claim.NON_INFERIOR : Claim.SUPERIOR);
            holds &= !guardrail || p <= alpha;
            superior |= !guardrail && p <= alpha / Math.max(1, successes);
            why.add(metric.spec().name() + " " + Words.arms(metric, alpha) + ", p " + Words.number(p));
        }
        return new Finding(holds && superior ? Verdict.PASS : Verdict.INCONCLUSIVE, String.join("; ", why));
    }
}
