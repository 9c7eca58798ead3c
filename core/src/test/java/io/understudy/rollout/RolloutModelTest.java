package io.understudy.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.AwaitingStep;
import io.understudy.schema.Model;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.RolloutVerb;
import io.understudy.schema.SchemaClasses;
import io.understudy.schema.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.ActionChainArbitrary;
import net.jqwik.api.state.Transformer;

/**
 * Plays random sequences of commands and verdicts, with duplicates and delays, against the machine and checks its
 * invariants.
 */
class RolloutModelTest {

    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final int STAGES = 3;
    private static final int MIRROR = 50_000;

    /** The events of all chains and their actors, to check that every transition was played. */
    private static final Set<String> PLAYED = new TreeSet<>();

    private static final Set<RolloutEventType> ENTERS = EnumSet.of(
            RolloutEventType.READY,
            RolloutEventType.ADVANCED,
            RolloutEventType.APPROVED,
            RolloutEventType.WENT_TO_STAGE,
            RolloutEventType.RETRIED);

    private static final Set<RolloutVerb> PROMOTING = EnumSet.of(RolloutVerb.PROMOTE, RolloutVerb.APPROVE);

    private static final Set<RolloutVerb> OF_ROLES =
            EnumSet.of(RolloutVerb.OPEN_BREAKER, RolloutVerb.READY, RolloutVerb.NOT_READY);

    static {
        SchemaClasses.trust();
    }

    // Not shrunk: chains are short, and shrinking them outlives its own time limit.
    @Property(seed = "42", tries = 1500, shrinking = ShrinkingMode.OFF)
    void holdsItsInvariants(@ForAll("chains") ActionChain<World> chain) {
        chain.run();
    }

    @AfterContainer
    static void everyTransitionWasPlayed() {
        assertThat(PLAYED)
                .contains(
                        "DEPLOYED by operator",
                        "STARTED by operator",
                        "PAUSED by operator",
                        "RESUMED by operator",
                        "ADVANCED by operator",
                        "ADVANCED by evaluator",
                        "WENT_TO_STAGE by operator",
                        "HELD by evaluator",
                        "AWAITING_APPROVAL by evaluator",
                        "APPROVED by operator",
                        "PROMOTED by operator",
                        "AWAITING_READINESS by operator",
                        "AWAITING_READINESS by evaluator",
                        "READY by operator",
                        "HELD by operator",
                        "ABORTED by operator",
                        "ABORTED by evaluator",
                        "RETRIED by operator",
                        "BREAKER_OPENED by operator",
                        "REJECTED by operator");
    }

    @Provide
    ActionChainArbitrary<World> chains() {
        return ActionChain.startWith(World::new)
                .withAction(12, (Action.Dependent<World>) world -> command(world)
                        .map(command ->
                                Transformer.mutate(command.getVerb() + " " + command.getId(), w -> w.deliver(command))))
                .withAction(12, (Action.Dependent<World>) world -> verdict(world)
                        .map(verdict -> Transformer.mutate(
                                verdict.getVerdict() + " epoch " + verdict.getEpoch(), w -> w.deliver(verdict))))
                .withAction(4, (Action.Dependent<World>) world -> Combinators.combine(command(world), verdict(world))
                        .as((command, verdict) -> Transformer.mutate("send both, delivered later", w -> {
                            w.delayed.add(command);
                            w.delayed.add(verdict);
                        })))
                .withAction(4, (Action.Dependent<World>) world -> Arbitraries.integers()
                        .between(0, 1000)
                        .map(which -> Transformer.mutate("deliver a delayed one", w -> w.deliverLate(which))))
                .withAction(3, (Action.Dependent<World>) world -> Arbitraries.integers()
                        .between(0, 1000)
                        .map(which -> Transformer.mutate("redeliver one", w -> w.repeat(which))))
                .withMaxTransformations(60);
    }

    private static Arbitrary<RolloutCommand> command(World world) {
        // READY often, or most rollouts would have no traffic.
        Arbitrary<RolloutVerb> verbs = Arbitraries.frequencyOf(
                Tuple.of(5, Arbitraries.of(RolloutVerb.class)), Tuple.of(1, Arbitraries.just(RolloutVerb.READY)));
        Arbitrary<String> approvals = Arbitraries.of("none", "promotion", "stages");
        Arbitrary<Integer> stages = Arbitraries.integers().between(-1, STAGES);
        Arbitrary<Integer> behind = Arbitraries.of(-1, 0, 0, 1, 3).injectNull(0.5);
        Arbitrary<Integer> which = Arbitraries.integers().between(0, 9);
        Arbitrary<Boolean> forced = Arbitraries.of(true, false);
        return Combinators.combine(verbs, approvals, stages, behind, which, forced)
                .as((verb, approval, stage, versionsBehind, other, force) -> RolloutCommand.newBuilder()
                        .setId("id-" + world.ids++)
                        .setDeployment("sums")
                        .setVerb(verb)
                        .setActor("operator")
                        .setRollout(
                                other == 0
                                        ? "another"
                                        : OF_ROLES.contains(verb) || other == 1 ? world.rolloutId() : null)
                        .setEpoch(OF_ROLES.contains(verb) ? (Integer) (world.epoch() - other / 7) : null)
                        .setForce(force)
                        .setExpectedVersion(versionsBehind == null ? null : (Long) (world.version() - versionsBehind))
                        .setStage(stage)
                        .setSpec(
                                switch (verb) {
                                    case DEPLOY -> deployment(world.ids);
                                    case START -> rollout(world.ids, approval);
                                    default -> null;
                                })
                        .setIssuedAt(START)
                        .build());
    }

    private static String deployment(int number) {
        return "deployment: sums\nexisting: {version: v" + number + ", scorer: {kind: external}}\n";
    }

    private static String rollout(int number, String approval) {
        return String.format(Locale.ROOT, """
                deployment: sums
                candidate: {version: v%d, scorer: {kind: external}}
                stages: [{kind: shadow, mirror: 50%%}, {kind: canary, share: 5%%}, {kind: ab, share: 50%%}]
                policies: {approval: %s, inconclusive: %s}
                """, number, approval, number % 2 == 0 ? "hold" : "abort");
    }

    private static Arbitrary<RolloutEvaluation> verdict(World world) {
        Arbitrary<Integer> behind = Arbitraries.of(0, 0, 0, 0, 1, 2);
        return Combinators.combine(
                        Arbitraries.frequencyOf(
                                Tuple.of(3, Arbitraries.just(Verdict.PASS)),
                                Tuple.of(2, Arbitraries.of(Verdict.class))),
                        behind,
                        behind)
                .as((verdict, epochsBehind, windowsBehind) -> RolloutEvaluation.newBuilder()
                        .setDeployment("sums")
                        .setRollout(world.rolloutId() == null ? "none" : world.rolloutId())
                        .setStage(world.stage())
                        .setEpoch(world.epoch() - epochsBehind)
                        .setStateVersion(world.version())
                        .setWindowStart(START)
                        .setWindowEnd(START.plusSeconds(++world.windows - windowsBehind))
                        .setVerdict(verdict)
                        .setReason("because")
                        .setAt(START)
                        .build());
    }

    /** A deployment, everything delivered to it, and all of its events. */
    static final class World {

        private final RolloutMachine machine = new RolloutMachine(model -> model);
        private final List<Object> delayed = new ArrayList<>();
        private final List<Object> delivered = new ArrayList<>();
        private final List<RolloutEvent> log = new ArrayList<>();
        private Optional<RolloutState> state = Optional.empty();
        private int ids;
        private int windows;

        String rolloutId() {
            return rollout().map(Rollout::getId).orElse(null);
        }

        int epoch() {
            return rollout().map(Rollout::getEpoch).orElse(1);
        }

        int stage() {
            return rollout().map(Rollout::getStage).orElse(0);
        }

        long version() {
            return state.map(RolloutState::getVersion).orElse(0L);
        }

        private Optional<Rollout> rollout() {
            return state.map(RolloutState::getRollout);
        }

        void deliverLate(int which) {
            if (!delayed.isEmpty()) {
                deliver(delayed.remove(which % delayed.size()));
            }
        }

        void repeat(int which) {
            if (!delivered.isEmpty()) {
                Object input = delivered.get(which % delivered.size());
                Optional<RolloutState> before = state;
                deliver(input);
                // A rejected command to a deployment that does not exist is not stored, so it is rejected each time.
                if (input instanceof RolloutCommand command && before.isPresent() && isStored(command, before)) {
                    assertThat(state).as("a repeated command changes nothing").isEqualTo(before);
                }
            }
        }

        private static boolean isStored(RolloutCommand command, Optional<RolloutState> state) {
            return state.orElseThrow().getAppliedCommands().contains(command.getId());
        }

        void deliver(Object input) {
            Optional<RolloutState> before = state;
            Transition transition = input instanceof RolloutCommand command
                    ? machine.apply(before, command, START)
                    : machine.apply(before, (RolloutEvaluation) input, START);
            delivered.add(input);
            state = transition.state().or(() -> before);
            transition.event().ifPresent(event -> {
                log.add(event);
                PLAYED.add(event.getType() + " by " + event.getActor());
            });
            check(before, input, transition);
        }

        private void check(Optional<RolloutState> before, Object input, Transition transition) {
            if (input instanceof RolloutEvaluation evaluation && isOfAnEarlierWindow(before, evaluation)) {
                assertThat(transition).as("a window changes a rollout once").isEqualTo(Transition.NOTHING);
            }
            assertThat(fold()).as("the log alone leads to the state").isEqualTo(state);
            RolloutEventType type =
                    transition.event().map(RolloutEvent::getType).orElse(RolloutEventType.REJECTED);
            boolean changed = type != RolloutEventType.REJECTED;
            assertThat(version()).isEqualTo(before.map(RolloutState::getVersion).orElse(0L) + (changed ? 1 : 0));
            Rollout was = before.map(RolloutState::getRollout).orElse(null);
            Rollout is = rollout().orElse(null);
            if (!changed) {
                assertThat(is).isEqualTo(was);
                assertThat(state.map(RolloutState::getExisting)).isEqualTo(before.map(RolloutState::getExisting));
            }
            checkEnds(was, is, type);
            checkTraffic(is);
            checkModels(before, input, type);
            if (is != null && was != null && is.getId().equals(was.getId())) {
                checkEpoch(was, is, type);
            }
            checkAbort(was, input, type, before);
        }

        private static boolean isOfAnEarlierWindow(Optional<RolloutState> before, RolloutEvaluation evaluation) {
            return before.map(RolloutState::getRollout)
                    .map(Rollout::getJudgedTo)
                    .map(judgedTo -> !evaluation.getWindowEnd().isAfter(judgedTo))
                    .orElse(false);
        }

        /** The state that follows from the log alone. */
        private Optional<RolloutState> fold() {
            Optional<RolloutState> folded = Optional.empty();
            for (RolloutEvent event : log) {
                if (event.getState() != null) {
                    folded = Optional.of(event.getState());
                } else if (folded.isPresent()) {
                    List<String> applied = new ArrayList<>(folded.get().getAppliedCommands());
                    applied.add(event.getCommandId());
                    folded = Optional.of(RolloutState.newBuilder(folded.get())
                            .setAppliedCommands(applied)
                            .setUpdatedAt(event.getAt())
                            .build());
                }
            }
            return folded;
        }

        private static void checkEnds(Rollout was, Rollout is, RolloutEventType type) {
            if (was != null && was.getEndedAt() != null && is.getId().equals(was.getId())) {
                assertThat(is).as("an ended rollout never changes").isEqualTo(was);
            }
            if (was != null && was.getEndedAt() == null) {
                assertThat(is.getId())
                        .as("no rollout starts while one is active")
                        .isEqualTo(was.getId());
                assertThat(type).isNotEqualTo(RolloutEventType.STARTED);
            }
            if (is != null) {
                assertThat(is.getEndedAt() != null)
                        .isEqualTo(is.getStatus() == RolloutStatus.ABORTED || is.getStatus() == RolloutStatus.PROMOTED);
            }
        }

        private static void checkTraffic(Rollout is) {
            if (is == null) {
                return;
            }
            if (is.getEndedAt() != null) {
                assertThat(is.getShare()).as("an ended rollout serves nothing").isZero();
                assertThat(is.getMirror())
                        .as("an ended rollout mirrors nothing")
                        .isZero();
            } else if (is.getStatus() == RolloutStatus.HELD && is.getShare() == 0) {
                assertThat(is.getMirror()).as("a breaker cuts off all traffic").isIn(0, MIRROR);
            } else if (RolloutSteps.isAwaiting(is, AwaitingStep.STAGE)) {
                assertThat(is.getShare()).as("nobody is known to serve it").isZero();
                assertThat(is.getMirror()).as("nobody is known to serve it").isZero();
            } else if (RolloutSteps.isAwaiting(is, AwaitingStep.PROMOTION) && is.getShare() == 0) {
                assertThat(is.getMirror())
                        .as("a wait changes no traffic")
                        .isIn(0, is.getStages().get(is.getStage()).getMirror());
            } else {
                assertThat(is.getShare())
                        .isEqualTo(is.getStages().get(is.getStage()).getShare());
                assertThat(is.getMirror())
                        .isEqualTo(is.getStages().get(is.getStage()).getMirror());
            }
        }

        private void checkModels(Optional<RolloutState> before, Object input, RolloutEventType type) {
            Optional<Model> was = before.map(RolloutState::getExisting);
            Optional<Model> is = state.map(RolloutState::getExisting);
            if (!was.equals(is)) {
                assertThat(type).isIn(RolloutEventType.DEPLOYED, RolloutEventType.PROMOTED);
            }
            if (type == RolloutEventType.PROMOTED) {
                assertThat(is).contains(before.orElseThrow().getRollout().getCandidate());
                boolean forced = input instanceof RolloutCommand command
                        && command.getForce()
                        && PROMOTING.contains(command.getVerb());
                boolean ready = input instanceof RolloutCommand command
                        && command.getVerb() == RolloutVerb.READY
                        && RolloutSteps.isAwaiting(before.get().getRollout(), AwaitingStep.PROMOTION);
                assertThat(forced || ready)
                        .as("no promotion without anybody to serve, unless an operator wants it")
                        .isTrue();
            }
            if (type == RolloutEventType.AWAITING_READINESS) {
                boolean byOperator = input instanceof RolloutCommand command && PROMOTING.contains(command.getVerb());
                boolean byPass = input instanceof RolloutEvaluation evaluation
                        && evaluation.getVerdict() == Verdict.PASS
                        && evaluation.getEpoch() == before.get().getRollout().getEpoch()
                        && evaluation.getStage() == STAGES - 1
                        && before.get().getRollout().getStatus() == RolloutStatus.RUNNING;
                assertThat(byOperator || byPass)
                        .as("no promotion without a PASS or an operator")
                        .isTrue();
            }
        }

        private static void checkEpoch(Rollout was, Rollout is, RolloutEventType type) {
            boolean traffic = was.getShare() != is.getShare() || was.getMirror() != is.getMirror();
            boolean raised = is.getEpoch() == was.getEpoch() + 1;
            assertThat(raised || is.getEpoch() == was.getEpoch()).isTrue();
            if (traffic || ENTERS.contains(type) && is.getStatus() == RolloutStatus.RUNNING) {
                assertThat(raised)
                        .as("evidence of different traffic is never mixed")
                        .isTrue();
            }
            if (type == RolloutEventType.PAUSED || is.getStatus() == RolloutStatus.AWAITING_APPROVAL) {
                assertThat(raised).as("a pause keeps the evidence").isFalse();
            }
        }

        private static void checkAbort(
                Rollout was, Object input, RolloutEventType type, Optional<RolloutState> before) {
            if (!(input instanceof RolloutCommand command)
                    || command.getVerb() != RolloutVerb.ABORT
                    || was == null
                    || was.getEndedAt() != null
                    || isStored(command, before)) {
                return;
            }
            boolean addressed =
                    command.getRollout() == null || command.getRollout().equals(was.getId());
            boolean seen = command.getExpectedVersion() == null
                    || command.getExpectedVersion() >= was.getStartedVersion()
                            && command.getExpectedVersion()
                                    <= before.orElseThrow().getVersion();
            if (addressed && seen) {
                assertThat(type).as("an abort is always applied").isEqualTo(RolloutEventType.ABORTED);
            }
        }
    }
}
