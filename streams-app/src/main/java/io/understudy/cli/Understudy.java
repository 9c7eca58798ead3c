package io.understudy.cli;

import io.understudy.rollout.InvalidSpecException;
import io.understudy.runtime.InvalidSettingsException;
import java.nio.file.NoSuchFileException;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The command {@code understudy}. */
@Command(
        name = "understudy",
        description = "Replaces a live model on Kafka without risk: shadow, then A/B or canary, decided by evidence.",
        mixinStandardHelpOptions = true,
        version = "understudy 0.1.0",
        subcommands = {
            RunCommand.class,
            TopicsCommand.class,
            DevCommand.class,
            DeploymentCommand.class,
            RolloutCommands.class,
            HelpCommand.class
        })
public final class Understudy {

    private static final Logger LOG = LoggerFactory.getLogger(Understudy.class);

    private Understudy() {}

    /** Runs the command line and ends the process with its exit code: 0 well, 1 failed, 2 wrong usage or settings. */
    public static void main(String[] arguments) {
        Runtime.getRuntime().exit(commandLine().execute(arguments));
    }

    /** The command line with every command, those of other modules included. */
    public static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Understudy());
        ServiceLoader.load(Subcommand.class).forEach(commandLine::addSubcommand);
        commandLine.setExecutionExceptionHandler((exception, failed, parsed) -> {
            failed.getErr().println("understudy: " + describe(exception));
            boolean ours = exception instanceof InvalidSettingsException
                    || exception instanceof InvalidSpecException
                    || exception instanceof NoSuchFileException;
            LOG.debug("Command failed", exception);
            return ours ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
        });
        return commandLine;
    }

    private static String describe(Exception exception) {
        return exception instanceof NoSuchFileException missing
                ? "there is no file " + missing.getFile()
                : exception.getMessage() == null ? exception.toString() : exception.getMessage();
    }
}
