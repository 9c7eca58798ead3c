package io.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ClusterTest {

    private final StringWriter err = new StringWriter();

    private int run(String command, String broker) {
        String[] arguments = (command + " --set kafka.bootstrap.servers=" + broker
                        + " --set registry.url=http://127.0.0.1:1")
                .split(" ");
        CommandLine commandLine = Understudy.commandLine();
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(arguments);
    }

    @ParameterizedTest
    @Timeout(30)
    @ValueSource(
            strings = {
                "rollout status --timeout 1s",
                "rollout explain sums --timeout 1s",
                "rollout history sums --timeout 1s",
                "topics --timeout 1s",
            })
    void aBrokerThatDoesNotAnswerIsNamed(String command) throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + silent.getLocalPort();

            assertThat(run(command, address)).isEqualTo(1);

            assertThat(err.toString())
                    .startsWith("understudy: no answer within 1 s from the broker at " + address
                            + " (kafka.bootstrap.servers)");
        }
    }

    @Test
    void aBrokerWhoseNameIsUnknownIsNamed() {
        assertThat(run("rollout watch sums", "no-such-host.invalid:9092")).isEqualTo(1);
        assertThat(err.toString())
                .startsWith("understudy: the broker at no-such-host.invalid:9092 (kafka.bootstrap.servers)"
                        + " cannot be used: ");
    }

    @Test
    void aSecretOnTheCommandLineIsRefusedButReadFromAFile(@TempDir Path directory) throws Exception {
        assertThat(run("rollout status --set kafka.ssl.key.password=x", "127.0.0.1:1"))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains("kafka.ssl.key.password is a secret")
                .contains("--set-file kafka.ssl.key.password=FILE");
        err.getBuffer().setLength(0);
        Path protocol = Files.writeString(directory.resolve("protocol"), "NO_SUCH_PROTOCOL\n");
        assertThat(run("rollout status --set-file kafka.security.protocol=" + protocol, "127.0.0.1:1"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("NO_SUCH_PROTOCOL");
    }
}
