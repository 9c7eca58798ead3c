package io.understudy.cli;

import io.understudy.plan.SpecReader;
import io.understudy.schema.RolloutVerb;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sets the existing model of a deployment without a rollout. */
@Command(
        name = "deploy",
        mixinStandardHelpOptions = true,
        description = "Deploys an existing model: the model that a deployment serves before its first rollout.")
final class DeploymentCommand implements Callable<Integer> {

    @Option(
            names = {"-f", "--file"},
            required = true,
            paramLabel = "FILE",
            description = "The deployment, YAML.")
    private Path file;

    @Mixin
    private OperatorOptions operator;

    @Override
    public Integer call() throws Exception {
        String yaml = Files.readString(file);
        return operator.send(
                operator.command(SpecReader.deployment(yaml).deployment(), RolloutVerb.DEPLOY)
                        .setSpec(yaml)
                        .build(),
                false);
    }
}
