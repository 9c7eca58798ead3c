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
class UnderstudyIT {

    private static final String DEPLOYMENT =
            "deployment: sums\nexisting: {version: v1, scorer: {kind: onnx, model: sum.onnx}}\n";
    private static final String ROLLOUT =
            "deployment: sums\ncandidate: {version: v2, scorer: {kind: onnx, model: difference.onnx}}\nstages: [{kind: shadow}, {kind: canary, share: 5%}]\n";

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void anOperatorsDayFromTopicsToPromotion() throws Exception {
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
            assertThat(run("rollout", "start", "-f", rollout, "--config", config, "--reason", "why not", "--force"))
                    .isZero();
            assertThat(out.toString())
                    .contains("STARTED sums state version 2 rollout sums-v2-2 stage 0 by ")
                    .contains(": why not");
            assertThat(run("rollout", "start", "-f", rollout, "--config", config))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("rollout sums-v2-2 is RUNNING; a deployment has one rollout at a time");
            assertThat(run("rollout", "abort", "sums", "--config", config, "--expect-version", "1"))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("expected version 1, but the state is at version 2");
            assertThat(run("rollout", "abort", "sums", "--config", config)).isZero();
            assertThat(out.toString()).contains("ABORTED sums state version 3");
            assertThat(run("rollout", "promote", "sums", "--config", config)).isEqualTo(1);
            assertThat(err.toString()).contains("rollout sums-v2-2 is already ABORTED");
            steers(config);
            looks(config);
            worksWithoutARegistry(config.replace("my.properties", "away.properties"), prefix);
        }
    }

    /** Nothing listens at the address of the registry. */
    private void worksWithoutARegistry(String config, String prefix) throws Exception {
        file(
                "away.properties",
                "kafka.bootstrap.servers=" + SharedStack.get().bootstrapServers()
                        + "\nregistry.url=http://127.0.0.1:1\nprefix=" + prefix + "\n");
        String next = file("next.yaml", ROLLOUT.replace("v2", "v3"));
        assertThat(run("rollout", "start", "-f", next, "--config", config))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("STARTED sums");
        for (String look : new String[] {"status", "explain", "history"}) {
            assertThat(run("rollout", look, "sums", "--config", config))
                    .as(err.toString())
                    .isZero();
            assertThat(out.toString()).contains("sums");
        }
        assertThat(run("rollout", "abort", "sums", "--config", config))
                .as(err.toString())
                .isZero();
        assertThat(run("rollout", "watch", "sums", "--config", config)).isEqualTo(3);
        assertThat(run("topics", "--timeout", "2s", "--config", config)).isEqualTo(1);
        assertThat(err.toString()).contains("the schema registry at http://127.0.0.1:1 does not answer (registry.url)");
    }

    private void steers(String config) {
        assertThat(run("rollout", "retry", "sums", "--config", config, "--actor", "ops", "--force"))
                .isZero();
        assertThat(out.toString()).contains("RETRIED sums state version 4 rollout sums-v2-4 stage 0 by ops");
        assertThat(run("rollout", "back", "sums", "--config", config)).isEqualTo(1);
        assertThat(err.toString()).contains("rollout sums-v2-4 is in its first stage");
        assertThat(run("rollout", "advance", "sums", "--to", "0", "--config", config))
                .isEqualTo(1);
        assertThat(err.toString()).contains("--to: stage 0 is not after the current stage, 0");
        assertThat(run("rollout", "back", "sums", "--to", "1", "--config", config))
                .isEqualTo(1);
        assertThat(err.toString()).contains("--to: stage 1 is not before the current stage, 0");
        assertThat(run("rollout", "advance", "sums", "--to", "7", "--config", config))
                .isEqualTo(1);
        assertThat(err.toString()).contains("there is no stage 7; allowed: 0 to 1");
        assertThat(run("rollout", "advance", "sums", "--config", config)).isZero();
        assertThat(run("rollout", "pause", "sums", "--config", config)).isZero();
        assertThat(run("rollout", "approve", "sums", "--config", config)).isEqualTo(1);
        assertThat(err.toString())
                .contains("APPROVE does not apply: rollout sums-v2-4 is PAUSED; it must be AWAITING_APPROVAL");
        assertThat(run("rollout", "resume", "sums", "--config", config, "--wait", "--timeout", "1s"))
                .as("neither promoted nor aborted in time")
                .isEqualTo(6);
        assertThat(run("rollout", "back", "sums", "--config", config)).isZero();
        assertThat(out.toString()).contains("WENT_TO_STAGE sums state version 8 rollout sums-v2-4 stage 0");
        assertThat(run("rollout", "promote", "sums", "--config", config, "--json", "--wait"))
                .isZero();
        assertThat(out.toString()).contains("\"awaiting\":{\"step\":\"PROMOTION\"");
        assertThat(out.toString()).contains("\"type\":\"PROMOTED\"").contains("\"existing\":{\"version\":\"v2\"");
    }

    private void looks(String config) {
        assertThat(run("rollout", "status", "--config", config)).isZero();
        assertThat(out.toString()).contains("sums serves v2, state version 10; rollout sums-v2-4 PROMOTED");
        assertThat(run("rollout", "status", "no-such", "--config", config)).isEqualTo(1);
        assertThat(err.toString()).contains("there is no deployment 'no-such'; existing deployments: sums");
        assertThat(run("rollout", "explain", "sums", "--config", config)).isZero();
        assertThat(out.toString()).contains("To go back, deploy the previous version: v1.");
        assertThat(run("rollout", "watch", "sums", "--config", config))
                .as("promoted already")
                .isZero();
        assertThat(run("rollout", "history", "sums", "--config", config)).isZero();
        assertThat(out.toString().lines().filter(line -> !line.contains("REJECTED")))
                .extracting(line -> line.split(" ", 3)[1])
                .containsExactly(
                        "DEPLOYED",
                        "STARTED",
                        "ABORTED",
                        "RETRIED",
                        "ADVANCED",
                        "PAUSED",
                        "RESUMED",
                        "WENT_TO_STAGE",
                        "AWAITING_READINESS",
                        "PROMOTED");
    }

    @Test
    void saysInWhichArmSomebodyIs() {
        assertThat(run("assign", "--salt", "fractional-flag", "--share", "20%", "jack", "ten"))
                .isZero();
        assertThat(out.toString().lines()).containsExactly("jack\tEXISTING\t62463", "ten\tCANDIDATE\t18669");
        assertThat(run("assign", "--salt", "fractional-flag", "--share", "20%", "--encoding", "hex", "6a61636b"))
                .isZero();
        assertThat(out.toString().lines()).as("jack, in bytes").containsExactly("6a61636b\tEXISTING\t62463");
        assertThat(run("assign", "--salt", "fractional-flag", "--share", "20%", "--encoding", "base64", "amFjaw=="))
                .isZero();
        assertThat(out.toString().lines()).as("jack, in bytes").containsExactly("amFjaw==\tEXISTING\t62463");
        assertThat(run("assign", "--salt", "s", "--share", "5%", "--encoding", "hex", "jack"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("'jack' is not hex");
        assertThat(run("assign", "--salt", "s", "--share", "120%", "jack")).isEqualTo(2);
        assertThat(err.toString()).contains("120% is over 100%");
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
        assertThat(out.toString()).contains("ok: sums v2, 2 stages");
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
