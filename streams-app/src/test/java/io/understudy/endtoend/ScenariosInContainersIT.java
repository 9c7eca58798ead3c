package io.understudy.endtoend;

import io.understudy.testing.Installation;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;

/**
 * The scenarios of {@link ShadowOnEmbeddedStackIT} and {@link ServingOnEmbeddedStackIT}, on the images for production.
 */
@Tag("containers")
class ScenariosInContainersIT {

    private static final String KAFKA = "apache/kafka:4.3.1";
    private static final String REGISTRY = "apicurio/apicurio-registry-mem:2.6.13.Final";
    private static final int REGISTRY_PORT = 8080;

    @TempDir
    Path directory;

    @BeforeAll
    static void requireContainerEngine() {
        boolean engine = DockerClientFactory.instance().isDockerAvailable();
        if (!engine) {
            System.out.println("SKIPPED: container tests, no container engine answers");
        }
        Assumptions.assumeTrue(engine, "no container engine answers");
    }

    @Test
    void shadowsACandidateAndPromotesABetterOneOnContainerImages() throws Exception {
        try (KafkaContainer kafka = new KafkaContainer(KAFKA);
                GenericContainer<?> registry = new GenericContainer<>(REGISTRY)
                        .withExposedPorts(REGISTRY_PORT)
                        .waitingFor(Wait.forHttp("/health/ready"))) {
            kafka.start();
            registry.start();
            String registryUrl =
                    "http://" + registry.getHost() + ":" + registry.getMappedPort(REGISTRY_PORT) + "/apis/ccompat/v7";
            try (Installation installation =
                    new Installation(kafka.getBootstrapServers(), registryUrl, "", directory)) {
                ShadowScenario scenario = new ShadowScenario(installation, directory);
                installation.startNode();
                scenario.play();
            }
            try (Installation installation = new Installation(
                    kafka.getBootstrapServers(), registryUrl, "serving.", directory, "evaluator.startup-ms", "0")) {
                ServingScenario scenario = new ServingScenario(installation, directory);
                installation.startNode();
                scenario.play();
            }
        }
    }
}
