package io.understudy.cli;

import io.understudy.plan.RolloutSpec;
import io.understudy.plan.SpecReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks a rollout file without a cluster. */
@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        description = "Checks a rollout file and reports every fault. Needs no cluster.")
final class ValidateCommand implements Callable<Integer> {

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
        spec.evidence()
                .warnings()
                .forEach(warning -> command.commandLine().getErr().println("warning: " + warning));
        return 0;
    }
}
