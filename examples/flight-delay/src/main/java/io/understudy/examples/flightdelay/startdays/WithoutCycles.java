package io.understudy.examples.flightdelay.startdays;

import io.understudy.plan.EvidencePlan;
import io.understudy.plan.RolloutSpec;
import io.understudy.plan.StagePlan;
import io.understudy.plan.VerdictPolicies;
import io.understudy.plan.VerdictPolicies.Policy;
import java.util.Optional;

/** A rollout that takes each flight for a new proof: it passes as soon as it can, and gives up when it seems hopeless. */
final class WithoutCycles {

    private WithoutCycles() {}

    /** The same rollout without a cycle and without the maxima, held where any improvement seems too small. */
    static RolloutSpec of(RolloutSpec spec) {
        EvidencePlan plan = spec.evidence();
        VerdictPolicies policies = plan.policies();
        return new RolloutSpec(
                spec.deployment(),
                spec.candidate(),
                spec.unit(),
                spec.salt(),
                spec.stages(),
                new EvidencePlan(
                        plan.unit(),
                        plan.metrics(),
                        plan.stages().stream().map(WithoutCycles::of).toList(),
                        plan.window(),
                        plan.outcomeWindow(),
                        Optional.empty(),
                        plan.coverage(),
                        plan.alpha(),
                        plan.alphaAbort(),
                        new VerdictPolicies(Policy.HOLD, policies.invalid(), policies.noData(), policies.grace())),
                spec.fallback(),
                spec.mirrorMaxAge(),
                spec.approval(),
                spec.readinessTimeout(),
                spec.text());
    }

    private static StagePlan of(StagePlan stage) {
        StagePlan.Minimum minimum = stage.minimum();
        return new StagePlan(
                stage.kind(),
                stage.share(),
                stage.mirror(),
                stage.metrics(),
                new StagePlan.Minimum(minimum.units(), minimum.duration(), 0, minimum.coverage()),
                new StagePlan.Maximum(Optional.empty(), Optional.empty()),
                stage.superiority(),
                stage.fixed());
    }
}
