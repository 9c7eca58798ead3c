package io.understudy.endtoend;

import io.understudy.testing.Installation;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServingOnEmbeddedStackIT {

    @TempDir
    Path directory;

    @Test
    void promotesABetterCandidateStageByStageOnARealBrokerAndRegistry() throws Exception {
        try (Installation installation = Installation.onSharedStack(directory, "evaluator.startup-ms", "0")) {
            ServingScenario scenario = new ServingScenario(installation, directory);
            installation.startNode();
            scenario.play();
        }
    }
}
