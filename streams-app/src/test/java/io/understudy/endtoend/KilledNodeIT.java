package io.understudy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.cli.Understudy;
import io.understudy.schema.RolloutEventType;
import io.understudy.testing.Installation;
import io.understudy.testing.SharedStack;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process with all roles is killed during a rollout, without an orderly shutdown, and started again. */
class KilledNodeIT {

    @TempDir
    Path directory;

    @Test
    void aRolloutContinuesAfterTheProcessIsKilledAndEveryRequestIsAnsweredOnce() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory)) {
            ServingScenario scenario = new ServingScenario(installation, directory);
            Process process = startProcess(installation);
            try {
                scenario.start();
                scenario.sendUntil(RolloutEventType.ADVANCED);
                scenario.send();
                process.destroyForcibly().waitFor();
                scenario.send();
                process = startProcess(installation);
                scenario.sendUntil(RolloutEventType.PROMOTED);
                scenario.assertEveryRequestHasOneCorrectAnswer();
                assertThat(scenario.events())
                        .extracting(event -> event.getType().name())
                        .containsExactly(
                                "DEPLOYED",
                                "STARTED",
                                "READY",
                                "ADVANCED",
                                "ADVANCED",
                                "AWAITING_READINESS",
                                "PROMOTED");
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
    }

    private Process startProcess(Installation installation) throws Exception {
        Path config = directory.resolve("node.properties");
        Files.writeString(
                config,
                String.join(
                        "\n",
                        "kafka.bootstrap.servers=" + SharedStack.get().bootstrapServers(),
                        "registry.url=" + SharedStack.get().registryUrl(),
                        "prefix=" + installation.settings().prefix(),
                        "instance=the-node",
                        "evaluator.startup-ms=2000",
                        "models.directory=" + directory,
                        "state.directory=" + directory.resolve("state")));
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath,
                        Understudy.class.getName(),
                        "run",
                        "--config",
                        config.toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(new File("target/killed-node.log")))
                .start();
    }
}
