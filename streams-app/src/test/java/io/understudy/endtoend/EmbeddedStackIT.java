package io.understudy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.embedded.EmbeddedStack;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedStackIT {

    @TempDir
    Path directory;

    @Test
    void aStackInTheSameDirectoryHasTheSamePortsAgain() throws Exception {
        String broker;
        String registry;
        try (EmbeddedStack first = EmbeddedStack.start(directory, true)) {
            broker = first.bootstrapServers();
            registry = first.registryUrl();
        }
        try (EmbeddedStack again = EmbeddedStack.start(directory, true);
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(again.bootstrapServers()).isEqualTo(broker);
            assertThat(again.registryUrl()).isEqualTo(registry);
            Path other = Files.createDirectory(directory.resolve("other"));
            assertThatThrownBy(
                            () -> EmbeddedStack.start(other, true, Optional.of(taken.getLocalPort()), Optional.empty()))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("port " + taken.getLocalPort() + ", which is meant for the kafka");
        }
    }

    @Test
    void aSecondStackInTheSameDirectoryIsRejectedAndTheFirstContinues() throws Exception {
        try (EmbeddedStack first = EmbeddedStack.start(directory, true)) {
            assertThatThrownBy(() -> EmbeddedStack.start(directory, true))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("a stack is already running in");
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", first.bootstrapServers()))) {
                assertThat(admin.describeCluster().nodes().get()).hasSize(1);
            }
        }
        try (EmbeddedStack again = EmbeddedStack.start(directory, true)) {
            assertThat(again.bootstrapServers()).isNotBlank();
        }
    }
}
