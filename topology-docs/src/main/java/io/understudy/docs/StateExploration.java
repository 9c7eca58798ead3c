package io.understudy.docs;

import io.understudy.plan.Approval;
import io.understudy.plan.VerdictPolicies.Policy;
import io.understudy.rollout.RolloutMachine;
import io.understudy.rollout.Transition;
import io.understudy.schema.AwaitedReadiness;
import io.understudy.schema.AwaitingStep;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutVerb;
import io.understudy.schema.Verdict;
import io.understudy.spec.SpecNode;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Drives the real {@link RolloutMachine} and records what each command and each verdict does in each status.
 *
 * <p>For every approval and policy, the search starts without a deployment, applies every command and every verdict,
 * and continues from each state that it has not seen before. Two states are the same if their status, stage and traffic,
 * the verdict that holds them and the step that waits for readiness are. No command is forced.
 */
final class StateExploration {

    /** Stands for a status before the first DEPLOY command. */
    static final String NO_DEPLOYMENT = "no deployment";

    /** Stands for a status before the first START command. */
    static final String NO_ROLLOUT = "no rollout";

    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");
    private static final int LAST_STAGE = 2;

    /**
     * What a transition may depend on besides the status.
     *
     * @param lastStage whether the rollout is in its last stage
     * @param approval whether the step out of its stage needs approval
     * @param policy what happens on INCONCLUSIVE and INVALID
     * @param heldBy the verdict that holds the rollout; empty if none does
     * @param traffic whether the candidate has traffic
     * @param awaiting the step that waits for readiness; empty if none does
     */
    record Setting(
            boolean lastStage,
            boolean approval,
            Policy policy,
            Optional<Verdict> heldBy,
            boolean traffic,
            Optional<AwaitingStep> awaiting) {}

    /**
     * A command or a verdict.
     *
     * @param name its name
     * @param isVerdict whether it is a verdict
     */
    record Trigger(String name, boolean isVerdict) {

        static Trigger of(RolloutVerb verb) {
            return new Trigger(verb.name(), false);
        }

        static Trigger of(Verdict verdict) {
            return new Trigger(verdict.name(), true);
        }
    }

    /**
     * What one command or verdict did.
     *
     * @param from the status before it
     * @param setting the setting before it
     * @param trigger the command or verdict
     * @param to the status after it; empty when it was rejected or ignored
     */
    record Result(String from, Setting setting, Trigger trigger, Optional<String> to) {}

    private final RolloutMachine machine = new RolloutMachine(model -> model);
    private final Set<Result> results = new HashSet<>();
    private int inputs;

    private StateExploration() {}

    /** The results of all commands and verdicts in all reachable states. */
    static Set<Result> results() {
        StateExploration exploration = new StateExploration();
        for (Approval approval : Approval.values()) {
            for (Policy policy : List.of(Policy.HOLD, Policy.ABORT)) {
                exploration.explore(approval, policy);
            }
        }
        return exploration.results;
    }

    private void explore(Approval approval, Policy policy) {
        Set<List<Object>> seen = new HashSet<>();
        Deque<Optional<RolloutState>> open = new ArrayDeque<>(List.of(Optional.empty()));
        while (!open.isEmpty()) {
            Optional<RolloutState> before = open.remove();
            if (!seen.add(position(before))) {
                continue;
            }
            Setting setting = new Setting(
                    isInLastStage(before),
                    approval.isRequired(isInLastStage(before)),
                    policy,
                    heldBy(before),
                    hasTraffic(before),
                    awaiting(before));
            for (RolloutVerb verb : RolloutVerb.values()) {
                for (int stage = 0; stage <= LAST_STAGE; stage++) {
                    RolloutCommand command = command(before, verb, stage, approval, policy);
                    Transition transition = machine.apply(before, command, NOW);
                    record(before, setting, Trigger.of(verb), transition)
                            .ifPresent(after -> open.add(Optional.of(after)));
                }
            }
            for (Verdict verdict : Verdict.values()) {
                if (rollout(before).isPresent()) {
                    Transition transition = machine.apply(before, evaluation(before.get(), verdict), NOW);
                    record(before, setting, Trigger.of(verdict), transition)
                            .ifPresent(after -> open.add(Optional.of(after)));
                }
            }
        }
    }

    /** Records a result; returns the state after it, if it is a transition. */
    private Optional<RolloutState> record(
            Optional<RolloutState> before, Setting setting, Trigger trigger, Transition transition) {
        Optional<RolloutState> after = transition
                .event()
                .filter(event -> event.getType() != RolloutEventType.REJECTED)
                .flatMap(event -> transition.state());
        results.add(new Result(
                status(before), setting, trigger, after.map(Optional::of).map(StateExploration::status)));
        return after;
    }

    private static Optional<Rollout> rollout(Optional<RolloutState> state) {
        return state.map(RolloutState::getRollout);
    }

    private static String status(Optional<RolloutState> state) {
        return state.isEmpty()
                ? NO_DEPLOYMENT
                : rollout(state).map(rollout -> rollout.getStatus().name()).orElse(NO_ROLLOUT);
    }

    private static boolean isInLastStage(Optional<RolloutState> state) {
        return rollout(state).map(rollout -> rollout.getStage() == LAST_STAGE).orElse(false);
    }

    private static Optional<Verdict> heldBy(Optional<RolloutState> state) {
        return rollout(state).map(Rollout::getHeldBy).map(Verdict::valueOf);
    }

    private static boolean hasTraffic(Optional<RolloutState> state) {
        return rollout(state)
                .filter(rollout -> rollout.getShare() > 0 || rollout.getMirror() > 0)
                .isPresent();
    }

    private static Optional<AwaitingStep> awaiting(Optional<RolloutState> state) {
        return rollout(state).map(Rollout::getAwaiting).map(AwaitedReadiness::getStep);
    }

    private static List<Object> position(Optional<RolloutState> state) {
        return rollout(state)
                .<List<Object>>map(rollout -> List.of(
                        rollout.getStatus(),
                        rollout.getStage(),
                        rollout.getShare(),
                        rollout.getMirror(),
                        heldBy(state),
                        awaiting(state)))
                .orElse(List.of(status(state)));
    }

    private RolloutCommand command(
            Optional<RolloutState> before, RolloutVerb verb, int stage, Approval approval, Policy policy) {
        int number = ++inputs;
        return RolloutCommand.newBuilder()
                .setId("command-" + number)
                .setDeployment("d")
                .setVerb(verb)
                .setActor("topology-docs")
                .setStage(stage)
                .setRollout(rollout(before).map(Rollout::getId).orElse(null))
                .setEpoch(rollout(before).map(Rollout::getEpoch).orElse(null))
                .setSpec(verb == RolloutVerb.START ? rolloutSpec(number, approval, policy) : deploymentSpec(number))
                .setIssuedAt(NOW)
                .build();
    }

    private static String deploymentSpec(int number) {
        return String.format(
                Locale.ROOT, "{deployment: d, existing: {version: e%d, scorer: {kind: external}}}", number);
    }

    private static String rolloutSpec(int number, Approval approval, Policy policy) {
        return String.format(
                Locale.ROOT, """
                deployment: d
                candidate: {version: c%d, scorer: {kind: external}}
                stages: [{kind: shadow}, {kind: canary, share: 5%%}, {kind: ab, share: 50%%}]
                policies: {approval: %s, inconclusive: %s, invalid: %s}
                """, number, SpecNode.name(approval), SpecNode.name(policy), SpecNode.name(policy));
    }

    /** An evaluation of the current stage and epoch, on a later window than any before. */
    private RolloutEvaluation evaluation(RolloutState state, Verdict verdict) {
        Rollout rollout = state.getRollout();
        return RolloutEvaluation.newBuilder()
                .setDeployment(state.getDeployment())
                .setRollout(rollout.getId())
                .setStage(rollout.getStage())
                .setEpoch(rollout.getEpoch())
                .setStateVersion(state.getVersion())
                .setWindowStart(NOW)
                .setWindowEnd(NOW.plusSeconds(++inputs))
                .setVerdict(verdict)
                .setReason("explored")
                .setAt(NOW)
                .build();
    }
}
