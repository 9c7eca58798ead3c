package io.understudy.judging;

import io.understudy.evidence.MetricLook;
import io.understudy.evidence.StageSnapshot;
import io.understudy.judging.VerdictReason.FixedTests;
import io.understudy.judging.VerdictReason.HarmAtEnd;
import io.understudy.judging.VerdictReason.Plain;
import io.understudy.judging.VerdictReason.Tested;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.MetricSpec;
import io.understudy.reason.ReasonCode;
import io.understudy.schema.MetricRole;
import io.understudy.schema.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.BinomialTest;

/** Finds the verdict of a stage that is looked at once, at its declared end, by the classical tests. */
final class FixedHorizon {

    private FixedHorizon() {}

    static Finding find(StageSnapshot snapshot) {
        if (!snapshot.isOver()) {
            return new Finding(Verdict.CONTINUE, new Plain(ReasonCode.FIXED_TEST_WAITS));
        }
        List<MetricLook> deciding = snapshot.metrics().stream()
                .filter(metric -> metric.spec().decides())
                .toList();
        EvidencePlan plan = snapshot.plan();
        long limits = snapshot.metrics().stream()
                .filter(metric -> metric.spec().limit().isPresent())
                .count();
        double alphaAbort = plan.alphaAbort() / plan.stages().size() / Math.max(1, deciding.size() + limits);
        for (MetricLook metric : deciding) {
            if (metric.harm().p() <= alphaAbort) {
                return new Finding(
                        Verdict.ABORT, new HarmAtEnd(metric, metric.harm().p()));
            }
        }
        return passOrInconclusive(snapshot, deciding);
    }

    private static Finding passOrInconclusive(StageSnapshot snapshot, List<MetricLook> deciding) {
        double alpha = snapshot.plan().alpha();
        long success = deciding.stream().filter(metric -> !isGuardrail(metric)).count();
        boolean holds = true;
        boolean better = !snapshot.stage().superiority();
        List<Tested> tests = new ArrayList<>();
        for (MetricLook metric : deciding) {
            boolean mustHold = snapshot.stage().mustHold(metric.spec());
            double p = mustHold
                    ? nonInferiority(metric, snapshot)
                    : metric.superior().p();
            holds &= !mustHold || p <= alpha;
            better |= !isGuardrail(metric) && !mustHold && p <= alpha / Math.max(1, success);
            tests.add(new Tested(metric, p));
        }
        return holds && better
                ? new Finding(Verdict.PASS, new FixedTests(ReasonCode.STAGE_PASSED, tests))
                : new Finding(Verdict.INCONCLUSIVE, new FixedTests(ReasonCode.STAGE_ENDED, tests));
    }

    private static boolean isGuardrail(MetricLook metric) {
        return metric.spec().role() == MetricRole.GUARDRAIL;
    }

    /**
     * Not worse by the margin, or so rarely at fault that nobody minds: the better of two tests, paid for by doubling.
     */
    private static double nonInferiority(MetricLook metric, StageSnapshot snapshot) {
        MetricSpec spec = metric.spec();
        double p = metric.nonInferior().p();
        long requests = metric.candidate().units();
        long trials = snapshot.plan().isByKey() ? Math.min(snapshot.candidate().units(), requests) : requests;
        if (!(spec.negligible() > 0) || trials == 0 || trials > Integer.MAX_VALUE) {
            return p;
        }
        long faults = Math.min(trials, Math.round(metric.candidate().estimate() * requests));
        double rare = BinomialTest.withDefaults()
                .with(AlternativeHypothesis.LESS_THAN)
                .test((int) trials, (int) faults, spec.negligible())
                .getPValue();
        return Math.min(1, 2 * (p < rare ? p : rare));
    }
}
