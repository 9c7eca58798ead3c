package io.understudy.cli;

import io.understudy.analysis.InvalidDataException;
import io.understudy.cli.calc.CalcCommand;
import io.understudy.http.PortInUseException;
import io.understudy.registry.RegistryUnavailableException;
import io.understudy.runtime.InvalidSettingsException;
import io.understudy.spec.InvalidSpecException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.ServiceLoader;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The command {@code understudy}. */
@Command(
        name = "understudy",
        description = "Replaces a live model on Kafka without risk: a candidate shadows it before any user meets it.",
        mixinStandardHelpOptions = true,
        version = "understudy 0.1.0",
        subcommands = {
            RunCommand.class,
            TopicsCommand.class,
            DeploymentCommand.class,
            AssignCommand.class,
            CalcCommand.class,
            SimulateCommand.class,
            AnalyzeCommand.class,
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
            sentences(exception).forEach(sentence -> failed.getErr().println("understudy: " + sentence));
            if (isUsersMistake(exception)) {
                return CommandLine.ExitCode.USAGE;
            }
            if (clusterTrouble(exception) == null) {
                LOG.error("Command failed", exception);
            }
            return CommandLine.ExitCode.SOFTWARE;
        });
        return commandLine;
    }

    private static boolean isUsersMistake(Exception exception) {
        return exception instanceof InvalidSettingsException
                || exception instanceof PortInUseException
                || exception instanceof InvalidSpecException
                || exception instanceof InvalidDataException
                || exception instanceof NoSuchFileException;
    }

    private static List<String> sentences(Exception exception) {
        if (exception instanceof InvalidSpecException invalid) {
            return invalid.faults();
        }
        if (exception instanceof NoSuchFileException missing) {
            return List.of("there is no file " + missing.getFile());
        }
        Throwable trouble = clusterTrouble(exception);
        if (trouble != null) {
            return List.of("the cluster could not be asked: " + trouble.getMessage());
        }
        return List.of(exception.getMessage() == null ? exception.toString() : exception.getMessage());
    }

    /** The innermost of Kafka's or the registry's exceptions; null when it is not theirs. */
    private static Throwable clusterTrouble(Throwable exception) {
        Throwable trouble = null;
        for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
            if (cause instanceof KafkaException || cause instanceof RegistryUnavailableException) {
                trouble = cause;
            }
        }
        return trouble;
    }
}
