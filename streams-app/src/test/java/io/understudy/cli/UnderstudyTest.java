package io.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.testing.Installation;
import io.understudy.testing.OnnxFiles;
import io.understudy.testing.SharedStack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands as an operator gives them. */
class UnderstudyTest {

    private static final String DEPLOYMENT =
            "deployment: sums\nexisting: {version: v1, scorer: {kind: onnx, model: sum.onnx}}\n";
    private static final String ROLLOUT =
            "deployment: sums\ncandidate: {version: v2, scorer: {kind: onnx, model: difference.onnx}}\nstages: [{kind: shadow}]\n";

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void anOperatorsDayFromTopicsToAbort() throws Exception {
        OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
        OnnxFiles.write(directory, "difference.onnx", OnnxFiles.difference());
        String prefix = SharedStack.prefix();
        String config = file(
                "my.properties",
                "kafka.bootstrap.servers=" + SharedStack.get().bootstrapServers() + "\nregistry.url="
                        + SharedStack.get().registryUrl() + "\nprefix=" + prefix + "\n");
        String deployment = file("deployment.yaml", DEPLOYMENT);
        String rollout = file("rollout.yaml", ROLLOUT);

        assertThat(run("topics", "--config", config)).isEqualTo(1);
        assertThat(err.toString()).contains("topic " + prefix + "predictions does not exist");
        assertThat(run("topics", "--create", "--config", config))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("created " + prefix + "predictions");

        try (Installation installation = new Installation(
                SharedStack.get().bootstrapServers(), SharedStack.get().registryUrl(), prefix, directory)) {
            installation.startNode();
            assertThat(run("rollout", "start", "-f", rollout, "--config", config))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("REJECTED sums").contains("there is no deployment 'sums'");
            assertThat(run("deploy", "-f", deployment, "--config", config)).isZero();
            assertThat(out.toString()).contains("DEPLOYED sums state version 1");
            assertThat(run("rollout", "start", "-f", rollout, "--config", config, "--reason", "why not"))
                    .isZero();
            assertThat(out.toString()).contains("STARTED sums state version 2 rollout sums-v2-2: why not");
            assertThat(run("rollout", "abort", "sums", "--config", config, "--expect-version", "1"))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("expected version 1, but the state is at version 2");
            assertThat(run("rollout", "abort", "sums", "--config", config)).isZero();
            assertThat(out.toString()).contains("ABORTED sums state version 3");
        }
    }

    @Test
    void wrongInputEndsWithASentenceAndExitCodeTwo() throws Exception {
        assertThat(run("rollout", "validate", file("bad.yaml", "deployment: d\n")))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains("understudy: candidate: must be a mapping")
                .contains("understudy: stages: must be a list");
        assertThat(run("rollout", "validate", directory.resolve("gone.yaml").toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("understudy: there is no file ");
        assertThat(run("run", "--set", "kafka.bootstrap.servers=localhost:1")).isEqualTo(2);
        assertThat(err.toString()).contains("understudy: registry.url is missing");
        assertThat(run("run", "--roles", "judge")).isEqualTo(2);
        assertThat(err.toString()).contains("roles has 'judge'; allowed: router, scorer, controller");
    }

    @Test
    void saysSoWhenARolloutIsGood() throws Exception {
        assertThat(run("rollout", "validate", file("good.yaml", ROLLOUT))).isZero();
        assertThat(out.toString()).contains("ok: sums v2, 1 stage");
    }

    private String file(String name, String text) throws Exception {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine commandLine = Understudy.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(arguments);
    }
}
