package io.understudy.endtoend;

import io.understudy.testing.Installation;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShadowOnEmbeddedStackIT {

    @TempDir
    Path directory;

    @Test
    void shadowsACandidateOnARealBrokerAndRegistry() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory)) {
            ShadowScenario scenario = new ShadowScenario(installation, directory);
            installation.startNode();
            scenario.play();
        }
    }
}
