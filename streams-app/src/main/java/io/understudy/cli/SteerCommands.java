package io.understudy.cli;

import io.understudy.control.ControlLog;
import io.understudy.plan.SpecReader;
import io.understudy.rollout.RejectedCommandException;
import io.understudy.rollout.StageMove;
import io.understudy.runtime.Settings;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutVerb;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands that change a rollout. Each sends one command record and prints the event that answers it. */
final class SteerCommands {

    private SteerCommands() {}

    /** The option {@code --wait} of the commands that start or continue a rollout. */
    static final class WaitOption {
        @Option(
                names = "--wait",
                description = "Wait until the rollout is promoted, aborted or held, or awaits approval. "
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

    /** A command whose only argument is the deployment. */
    private abstract static class VerbCommand implements Callable<Integer> {

        @Parameters(paramLabel = "DEPLOYMENT", description = "The deployment.")
        private String deployment;

        @Mixin
        private OperatorOptions operator;

        private final RolloutVerb verb;

        VerbCommand(RolloutVerb verb) {
            this.verb = verb;
        }

        @Override
        public Integer call() throws Exception {
            return operator.send(operator.command(deployment, verb).build(), shouldWait());
        }

        boolean shouldWait() {
            return false;
        }
    }

    /** A command that starts or continues the rollout of a deployment, and can wait for its outcome. */
    private abstract static class WaitingVerbCommand extends VerbCommand {

        @Mixin
        private WaitOption waiting;

        WaitingVerbCommand(RolloutVerb verb) {
            super(verb);
        }

        @Override
        boolean shouldWait() {
            return waiting.wait;
        }
    }

    @Command(
            name = "pause",
            mixinStandardHelpOptions = true,
            description =
                    "Pauses a rollout: its share stays the same, and only a verdict of harm still changes the rollout.")
    static final class Pause extends VerbCommand {
        Pause() {
            super(RolloutVerb.PAUSE);
        }
    }

    @Command(
            name = "resume",
            mixinStandardHelpOptions = true,
            description =
                    "Continues a paused or held rollout with its evidence so far and the rest of its alpha. After an open breaker, the candidate "
                            + "gets its share back, and the stage starts again with new evidence and the whole alpha.")
    static final class Resume extends WaitingVerbCommand {
        Resume() {
            super(RolloutVerb.RESUME);
        }
    }

    @Command(
            name = "approve",
            mixinStandardHelpOptions = true,
            description = "Approves the step that a rollout waits for: the next stage, or the promotion.")
    static final class Approve extends WaitingVerbCommand {
        Approve() {
            super(RolloutVerb.APPROVE);
        }
    }

    @Command(
            name = "promote",
            mixinStandardHelpOptions = true,
            description = "Makes the candidate the existing model now, regardless of the evidence.")
    static final class Promote extends VerbCommand {
        Promote() {
            super(RolloutVerb.PROMOTE);
        }
    }

    @Command(
            name = "abort",
            mixinStandardHelpOptions = true,
            description =
                    "Ends the rollout of a deployment: the candidate receives no more requests. An --expect-version that is out of date "
                            + "does not reject the command while the same rollout is in progress.")
    static final class Abort extends VerbCommand {
        Abort() {
            super(RolloutVerb.ABORT);
        }
    }

    @Command(
            name = "retry",
            mixinStandardHelpOptions = true,
            description =
                    "Starts a held stage again, or starts an aborted rollout again as a new rollout. Evidence starts again with the whole "
                            + "alpha, so the chances of a wrong verdict add up over the attempts.")
    static final class Retry extends WaitingVerbCommand {
        Retry() {
            super(RolloutVerb.RETRY);
        }
    }

    /**
     * A command that moves a rollout to another stage, in one direction, relative to the stage that the sender sees.
     */
    private abstract static class Move implements Callable<Integer> {

        @Parameters(paramLabel = "DEPLOYMENT", description = "The deployment.")
        private String deployment;

        @Option(
                names = "--to",
                paramLabel = "STAGE",
                description = "Stage to go to, from 0. Default: the neighbouring stage.")
        private @Nullable Integer to;

        @Mixin
        private WaitOption waiting;

        @Mixin
        private OperatorOptions operator;

        @Spec
        private CommandSpec spec;

        private static final int REJECTED = 1;

        private final StageMove move;

        Move(StageMove move) {
            this.move = move;
        }

        @Override
        public Integer call() throws Exception {
            Optional<Integer> target = Optional.ofNullable(to);
            RolloutCommand.Builder command = operator.command(deployment, RolloutVerb.ADVANCE);
            if (!move.isResolvedByController(target)) {
                try {
                    move.resolve(command, state(), target);
                } catch (RejectedCommandException e) {
                    spec.commandLine().getErr().println("understudy: " + (to == null ? "" : "--to: ") + e.getMessage());
                    return REJECTED;
                }
            }
            return operator.send(command.build(), waiting.wait);
        }

        private Optional<RolloutState> state() throws Exception {
            Settings settings = operator.settings();
            return operator.cluster(settings).use((registry, kafka) -> {
                try (ControlLog log = new ControlLog(settings.topics(), registry, kafka)) {
                    return Optional.ofNullable(log.states().get(deployment));
                }
            });
        }
    }

    @Command(
            name = "advance",
            mixinStandardHelpOptions = true,
            description =
                    "Goes to the next stage, or to a later one, regardless of the evidence. The stage starts with new evidence.")
    static final class Advance extends Move {
        Advance() {
            super(StageMove.ADVANCE);
        }
    }

    @Command(
            name = "back",
            mixinStandardHelpOptions = true,
            description =
                    "Goes back to the previous stage, or to an earlier one. Evidence starts again with the whole alpha, so the chances of a "
                            + "wrong verdict add up over the attempts.")
    static final class Back extends Move {
        Back() {
            super(StageMove.BACK);
        }
    }
}
