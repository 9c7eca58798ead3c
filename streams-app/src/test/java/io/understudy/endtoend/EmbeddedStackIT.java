package io.understudy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.embedded.EmbeddedStack;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedStackIT {

    @TempDir
    Path directory;

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
