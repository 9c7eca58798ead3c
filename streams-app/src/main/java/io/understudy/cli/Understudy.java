package io.understudy.cli;

import io.understudy.analysis.InvalidDataException;
import io.understudy.cli.calc.CalcCommand;
import io.understudy.http.PortInUseException;
import io.understudy.registry.RegistryUnavailableException;
import io.understudy.runtime.InvalidSettingsException;
import io.understudy.spec.InvalidSpecException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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
        description =
                "Replaces a live model on Kafka without risk: a candidate runs in shadow before it serves any user.",
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

    /**
     * Runs the command line and exits with its exit code: 0 for success, 1 for failure, 2 for wrong usage or settings.
     */
    public static void main(String[] arguments) {
        Runtime.getRuntime().exit(commandLine().execute(arguments));
    }

    /** The command line with every command, including those of other modules. */
    public static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Understudy());
        ServiceLoader.load(Subcommand.class).forEach(commandLine::addSubcommand);
        commandLine.setExecutionExceptionHandler((exception, failed, parsed) -> {
            sentences(exception).forEach(sentence -> failed.getErr().println("understudy: " + sentence));
            if (isUsersMistake(exception)) {
                return CommandLine.ExitCode.USAGE;
            }
            if (!(exception instanceof ClusterException)
                    && clusterFailure(exception).isEmpty()) {
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
        if (exception instanceof ClusterException) {
            return List.of(String.valueOf(exception.getMessage()));
        }
        Optional<Throwable> clusterFailure = clusterFailure(exception);
        if (clusterFailure.isPresent()) {
            return List.of(
                    "the request to the cluster failed: " + clusterFailure.get().getMessage());
        }
        return List.of(Objects.requireNonNullElse(exception.getMessage(), exception.toString()));
    }

    /** The innermost exception of Kafka or the registry in the chain of causes; empty when there is none. */
    private static Optional<Throwable> clusterFailure(Throwable exception) {
        Optional<Throwable> innermost = Optional.empty();
        for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
            if (cause instanceof KafkaException || cause instanceof RegistryUnavailableException) {
                innermost = Optional.of(cause);
            }
        }
        return innermost;
    }
}
