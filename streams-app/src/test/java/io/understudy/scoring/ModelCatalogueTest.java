package io.understudy.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.understudy.metrics.Meters;
import io.understudy.schema.Model;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.ScorerKind;
import io.understudy.scoring.Availability.Available;
import io.understudy.scoring.Availability.External;
import io.understudy.scoring.Availability.Unavailable;
import io.understudy.testing.ModelLimits;
import io.understudy.testing.OnnxFiles;
import io.understudy.testing.States;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCatalogueTest {

    @TempDir
    Path directory;

    private ModelLoader loader;
    private ModelCatalogue catalogue;

    @BeforeEach
    void prepare() {
        OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
        loader = new ModelLoader(
                ModelLimits.of(directory, Duration.ofSeconds(1), 1),
                new ScoringMeters(new Meters(new SimpleMeterRegistry(), "scorer")));
        catalogue = new ModelCatalogue(loader, Duration.ofSeconds(5));
    }

    @AfterEach
    void close() {
        catalogue.close();
        loader.close();
    }

    @Test
    void anInferenceServerThatHangsDoesNotDelayOtherModels() throws Exception {
        // Accepts connections but never answers.
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            RolloutState state = States.mirroring(100_000);
            catalogue.update(RolloutState.newBuilder(state)
                    .setRollout(Rollout.newBuilder(state.getRollout())
                            .setCandidate(Model.newBuilder()
                                    .setVersion("v2")
                                    .setScorer(ScorerKind.OPEN_INFERENCE)
                                    .setLocation("http://127.0.0.1:" + silent.getLocalPort())
                                    .setModelName("m")
                                    .build())
                            .build())
                    .build());
            CompletableFuture<Availability> candidate = CompletableFuture.supplyAsync(() -> find("v2"));
            assertThat(find("v1")).isInstanceOf(Available.class);
            assertThat(candidate).as("the candidate is still loading").isNotDone();
            assertThat(candidate.get(30, TimeUnit.SECONDS)).isInstanceOf(Unavailable.class);
        }
    }

    @Test
    void waitsForAStateThatNamesTheModel() {
        CompletableFuture<Availability> early = CompletableFuture.supplyAsync(() -> find("v1"));
        catalogue.update(States.withoutRollout());
        await().atMost(Duration.ofSeconds(10)).until(early::isDone);
        assertThat(early.join()).isInstanceOf(Available.class);
    }

    @Test
    void loadsAModelThatWasRequestedBeforeAStateNamedIt() throws Exception {
        catalogue = new ModelCatalogue(loader, Duration.ofMillis(100));
        catalogue.update(States.withoutRollout());
        assertThat(catalogue.find("sums", "v2")).isInstanceOf(Unavailable.class);
        OnnxFiles.write(directory, "difference.onnx", OnnxFiles.difference());
        catalogue.update(States.mirroring(100_000));
        await().until(() -> catalogue.find("sums", "v2") instanceof Available);
    }

    @Test
    void theCurrentExistingModelAnswersRequestsForOneThatNoStateNamesAnyMore() throws Exception {
        catalogue.update(States.withoutRollout());
        assertThat(catalogue.findExisting("sums", "v0"))
                .isInstanceOfSatisfying(
                        Available.class,
                        current -> assertThat(current.version()).isEqualTo("v1"));
    }

    @Test
    void theReplacedModelContinuesToAnswerWhileThePromotedOneCannotBeLoaded() throws Exception {
        RolloutState running = States.serving(50_000);
        Rollout promoted = Rollout.newBuilder(running.getRollout())
                .setReplaces(running.getExisting())
                .setStatus(RolloutStatus.PROMOTED)
                .setShare(0)
                .setEndedAt(Instant.EPOCH)
                .build();
        RolloutState after = RolloutState.newBuilder(running)
                .setExisting(promoted.getCandidate())
                .setRollout(promoted)
                .build();
        catalogue.update(after);
        // This scorer has not loaded the promoted model before, and does not have its file.
        assertThat(catalogue.find("sums", "v1")).isInstanceOf(Available.class);
        assertThat(catalogue.findExisting("sums", "v2"))
                .isInstanceOfSatisfying(
                        Available.class,
                        replaced -> assertThat(replaced.version()).isEqualTo("v1"));
    }

    @Test
    void aPromotedModelAnswersOnceItIsLoaded() throws Exception {
        OnnxFiles.write(directory, "difference.onnx", OnnxFiles.difference());
        RolloutState running = States.serving(50_000);
        catalogue.update(running);
        assertThat(catalogue.find("sums", "v2"))
                .as("a candidate is loaded when its rollout starts, also by scorers of the existing lane")
                .isInstanceOf(Available.class);
        Rollout promoted = Rollout.newBuilder(running.getRollout())
                .setReplaces(running.getExisting())
                .setStatus(RolloutStatus.PROMOTED)
                .setShare(0)
                .setEndedAt(Instant.EPOCH)
                .build();
        catalogue.update(RolloutState.newBuilder(running)
                .setExisting(promoted.getCandidate())
                .setRollout(promoted)
                .build());
        assertThat(catalogue.findExisting("sums", "v2"))
                .isInstanceOfSatisfying(
                        Available.class, now -> assertThat(now.version()).isEqualTo("v2"));
    }

    @Test
    void reportsWhyAModelIsUnavailable() throws Exception {
        catalogue.update(RolloutState.newBuilder(States.withoutRollout())
                .setExisting(States.onnx("v1", "gone.onnx"))
                .build());
        assertThat(catalogue.find("sums", "v1"))
                .isInstanceOfSatisfying(
                        Unavailable.class,
                        why -> assertThat(why.why()).startsWith("model file gone.onnx does not exist"));
    }

    @Test
    void doesNotLoadAnExternalModel() throws Exception {
        catalogue.update(RolloutState.newBuilder(States.withoutRollout())
                .setExisting(Model.newBuilder()
                        .setVersion("v1")
                        .setScorer(ScorerKind.EXTERNAL)
                        .build())
                .build());
        assertThat(catalogue.find("sums", "v1")).isInstanceOf(External.class);
    }

    private Availability find(String version) {
        try {
            return catalogue.find("sums", version);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
