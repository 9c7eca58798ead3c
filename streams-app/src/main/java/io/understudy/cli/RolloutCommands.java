package io.understudy.cli;

import io.understudy.rollout.RolloutSpec;
import io.understudy.rollout.SpecReader;
import io.understudy.schema.RolloutVerb;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What an operator does with rollouts. */
@Command(
        name = "rollout",
        mixinStandardHelpOptions = true,
        description = "Starts and ends rollouts.",
        subcommands = {RolloutCommands.Start.class, RolloutCommands.Abort.class, RolloutCommands.Validate.class})
final class RolloutCommands {

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
        private OperatorOptions operator;

        @Override
        public Integer call() throws Exception {
            String yaml = Files.readString(file);
            return operator.send(SpecReader.rollout(yaml).deployment(), RolloutVerb.START, yaml);
        }
    }

    /** Ends a rollout. */
    @Command(
            name = "abort",
            mixinStandardHelpOptions = true,
            description = "Ends a deployment's rollout: the candidate receives nothing any more.")
    static final class Abort implements Callable<Integer> {

        @Parameters(paramLabel = "DEPLOYMENT", description = "The deployment.")
        private String deployment;

        @Mixin
        private OperatorOptions operator;

        @Override
        public Integer call() throws Exception {
            return operator.send(deployment, RolloutVerb.ABORT, null);
        }
    }

    /** Checks a rollout without a cluster. */
    @Command(
            name = "validate",
            mixinStandardHelpOptions = true,
            description = "Checks a rollout's file and names every fault; needs no cluster.")
    static final class Validate implements Callable<Integer> {

        @Parameters(paramLabel = "FILE", description = "The rollout, YAML.")
        private Path file;

        @Spec
        private CommandSpec command;

        @Override
        public Integer call() throws Exception {
            RolloutSpec spec = SpecReader.rollout(Files.readString(file));
            int stages = spec.stages().size();
            command.commandLine()
                    .getOut()
                    .println("ok: " + spec.deployment() + " " + spec.candidate().getVersion() + ", " + stages
                            + (stages == 1 ? " stage" : " stages"));
            return 0;
        }
    }
}
