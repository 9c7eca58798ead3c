package io.understudy.cli;

import io.understudy.control.ControlLog;
import io.understudy.plan.SpecReader;
import io.understudy.registry.Registry;
import io.understudy.rollout.RejectedCommandException;
import io.understudy.rollout.StageMove;
import io.understudy.runtime.Settings;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutVerb;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands that change a rollout: each sends one control message and prints the event that answers it. */
final class SteerCommands {

    private SteerCommands() {}

    /** Waiting for what becomes of a rollout, for commands that set it going. */
    static final class WaitOption {
        @Option(
                names = "--wait",
                description = "Wait until the rollout is promoted, aborted, held or awaits approval. "
                        + CommandOutcome.EXIT_CODES)
        private boolean wait;
    }

    /** Starts a rollout. */
    @Command(name = "start", mixinStandardHelpOptions = true, description = "Starts a rollout.")
    static final class Start implements Callable<Integer> {

        @Option(
                names = {"-f", "--file"},
                required = true,
                paramLabel = "FILE",
                description = "The rollout, YAML.")
        private Path file;

        @Mixin
        private WaitOption waiting;

        @Mixin
        private OperatorOptions operator;

        @Override
        public Integer call() throws Exception {
            String yaml = Files.readString(file);
            return operator.send(
                    operator.command(SpecReader.rollout(yaml).deployment(), RolloutVerb.START)
                            .setSpec(yaml)
                            .build(),
                    waiting.wait);
        }
    }

    /** A command that names a deployment and needs no more. */
    private abstract static class Plain implements Callable<Integer> {

        @Parameters(paramLabel = "DEPLOYMENT", description = "The deployment.")
        private String deployment;

        @Mixin
        private OperatorOptions operator;

        private final RolloutVerb verb;

        Plain(RolloutVerb verb) {
            this.verb = verb;
        }

        @Override
        public Integer call() throws Exception {
            return operator.send(operator.command(deployment, verb).build(), isToWait());
        }

        boolean isToWait() {
            return false;
        }
    }

    /** A command that names a deployment and sets its rollout going. */
    private abstract static class Going extends Plain {

        @Mixin
        private WaitOption waiting;

        Going(RolloutVerb verb) {
            super(verb);
        }

        @Override
        boolean isToWait() {
            return waiting.wait;
        }
    }

    @Command(
            name = "pause",
            mixinStandardHelpOptions = true,
            description = "Keeps a rollout where it is: its share stays, verdicts other than harm move nothing.")
    static final class Pause extends Plain {
        Pause() {
            super(RolloutVerb.PAUSE);
        }
    }

    @Command(
            name = "resume",
            mixinStandardHelpOptions = true,
            description =
                    "Lets a paused or held rollout go on, with the evidence it has; after an open breaker with its share and new evidence.")
    static final class Resume extends Going {
        Resume() {
            super(RolloutVerb.RESUME);
        }
    }

    @Command(
            name = "approve",
            mixinStandardHelpOptions = true,
            description = "Approves the step that a rollout awaits: the next stage, or promotion.")
    static final class Approve extends Going {
        Approve() {
            super(RolloutVerb.APPROVE);
        }
    }

    @Command(
            name = "promote",
            mixinStandardHelpOptions = true,
            description = "Makes the candidate the existing model now, whatever the evidence.")
    static final class Promote extends Plain {
        Promote() {
            super(RolloutVerb.PROMOTE);
        }
    }

    @Command(
            name = "abort",
            mixinStandardHelpOptions = true,
            description =
                    "Ends a deployment's rollout: the candidate receives nothing any more. Not refused because the rollout has moved on since.")
    static final class Abort extends Plain {
        Abort() {
            super(RolloutVerb.ABORT);
        }
    }

    @Command(
            name = "retry",
            mixinStandardHelpOptions = true,
            description = "Begins a held stage anew, or an aborted rollout as a new one.")
    static final class Retry extends Going {
        Retry() {
            super(RolloutVerb.RETRY);
        }
    }

    /** A command that goes to another stage: one way only, and from the stage that its sender can know of. */
    private abstract static class Move implements Callable<Integer> {

        @Parameters(paramLabel = "DEPLOYMENT", description = "The deployment.")
        private String deployment;

        @Option(
                names = "--to",
                paramLabel = "STAGE",
                description = "The stage to go to, from 0; default: the neighbouring one.")
        private Integer to;

        @Mixin
        private WaitOption waiting;

        @Mixin
        private OperatorOptions operator;

        @Spec
        private CommandSpec spec;

        private static final int REFUSED = 1;

        private final StageMove move;

        Move(StageMove move) {
            this.move = move;
        }

        @Override
        public Integer call() throws Exception {
            Optional<Integer> target = Optional.ofNullable(to);
            RolloutCommand.Builder command = operator.command(deployment, RolloutVerb.ADVANCE);
            if (!move.isPlain(target)) {
                try {
                    move.aim(command, state(), target);
                } catch (RejectedCommandException e) {
                    spec.commandLine().getErr().println("understudy: " + (to == null ? "" : "--to: ") + e.getMessage());
                    return REFUSED;
                }
            }
            return operator.send(command.build(), waiting.wait);
        }

        private Optional<RolloutState> state() throws Exception {
            Settings settings = operator.settings();
            try (Registry registry = SettingsOptions.registryAtHand(settings);
                    ControlLog log = new ControlLog(settings.topics(), registry, Map.copyOf(settings.kafka()))) {
                return Optional.ofNullable(log.states().get(deployment));
            }
        }
    }

    @Command(
            name = "advance",
            mixinStandardHelpOptions = true,
            description = "Goes to the next stage, or to a later one, whatever the evidence.")
    static final class Advance extends Move {
        Advance() {
            super(StageMove.ADVANCE);
        }
    }

    @Command(
            name = "back",
            mixinStandardHelpOptions = true,
            description = "Goes back to the stage before, or to an earlier one; it begins with new evidence.")
    static final class Back extends Move {
        Back() {
            super(StageMove.BACK);
        }
    }
}
