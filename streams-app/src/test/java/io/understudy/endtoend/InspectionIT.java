package io.understudy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.runtime.Node;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutVerb;
import io.understudy.testing.Installation;
import io.understudy.testing.OnnxFiles;
import io.understudy.testing.UnfinishedServer;
import io.understudy.testing.UnfinishedServer.Fault;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands whose models cannot be inspected: they stop nobody, and each is answered once. */
class InspectionIT {

    private static final String GOOD = """
            deployment: good
            existing: {version: v1, scorer: {kind: onnx, model: sum.onnx}}
            """;

    @TempDir
    Path directory;

    @Test
    void aServerThatDoesNotEndItsAnswerAndAHugeFileDelayNoOtherDeployment() throws Exception {
        OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve("huge.onnx").toFile(), "rw")) {
            file.setLength(3_000_000_000L);
        }
        try (UnfinishedServer half = new UnfinishedServer(Fault.HALF_A_BODY);
                UnfinishedServer endless = new UnfinishedServer(Fault.DRIP);
                Installation installation = Installation.onSharedStack(directory)) {
            installation.startNode("controller");
            installation.sendCommand(deploy("half", onServer("half", half)));
            installation.sendCommand(deploy("endless", onServer("endless", endless)));
            installation.sendCommand(deploy("huge", GOOD.replace("good", "huge").replace("sum.onnx", "huge.onnx")));
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> half.open() == 1 && endless.open() == 1);

            assertThat(installation.command(RolloutVerb.DEPLOY, "good", GOOD).getType())
                    .isEqualTo(RolloutEventType.DEPLOYED);

            List<RolloutEvent> events = awaitEvents(installation, 4);
            assertThat(events)
                    .extracting(RolloutEvent::getDeployment)
                    .startsWith("huge")
                    .containsSubsequence("good", "half")
                    .containsSubsequence("good", "endless");
            assertThat(events.get(0).getReason()).contains("3000000000 bytes");
            assertThat(events.stream().filter(event -> !event.getDeployment().equals("good")))
                    .extracting(RolloutEvent::getCode)
                    .containsOnly("MODEL_UNUSABLE");
        }
    }

    @Test
    void aCommandThatWaitsIsAnsweredOnceByTheControllerAfterThisOne() throws Exception {
        try (UnfinishedServer server = new UnfinishedServer(Fault.HALF_A_BODY);
                Installation installation = Installation.onSharedStack(directory)) {
            Node first = installation.startNode("controller");
            installation.sendCommand(deploy("moved", onServer("moved", server)));
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> server.open() == 1);
            first.close();
            assertThat(installation.events()).isEmpty();

            installation.startNode("controller");
            List<RolloutEvent> events = awaitEvents(installation, 1);
            assertThat(events).singleElement().satisfies(event -> {
                assertThat(event.getType()).isEqualTo(RolloutEventType.REJECTED);
                assertThat(event.getCommandId()).isEqualTo("moved");
            });
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    private static String onServer(String deployment, UnfinishedServer server) {
        return "{deployment: " + deployment + ", existing: {version: v1, scorer: {kind: open-inference, url: '"
                + server.url() + "', model: sum}}}";
    }

    private static List<RolloutEvent> awaitEvents(Installation installation, int number) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(installation::events, events -> events.size() >= number);
    }

    private static RolloutCommand deploy(String deployment, String spec) {
        return RolloutCommand.newBuilder()
                .setId(deployment)
                .setDeployment(deployment)
                .setVerb(RolloutVerb.DEPLOY)
                .setActor("test")
                .setSpec(spec)
                .setIssuedAt(Instant.now())
                .build();
    }
}
