package io.understudy.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.understudy.metrics.Meters;
import io.understudy.rollout.UnusableModelException;
import io.understudy.testing.ModelLimits;
import io.understudy.testing.OnnxFiles;
import io.understudy.testing.States;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that nothing within a process can be protected from. */
class IsolatedInspectionIT {

    private static final long MEBIBYTE = 1024 * 1024;

    @TempDir
    Path directory;

    private final long childrenBefore = ProcessHandle.current().children().count();
    private ModelLoader loader;

    @BeforeEach
    void prepare() {
        loader = new ModelLoader(limits(), new ScoringMeters(new Meters(new SimpleMeterRegistry(), "controller")));
    }

    @AfterEach
    void close() {
        loader.close();
    }

    private ModelLoader.Limits limits() {
        return ModelLimits.of(directory, Duration.ofSeconds(1), 1);
    }

    @Test
    void findsWhatTheLoaderFinds() throws Exception {
        OnnxFiles.write(directory, "sum.onnx", OnnxFiles.sum());
        OnnxFiles.write(directory, "text.onnx", new byte[] {1, 2, 3});
        IsolatedInspection inspection = new IsolatedInspection(loader, limits(), 1024 * MEBIBYTE);
        assertThat(inspection.inspect(States.onnx("v1", "sum.onnx")))
                .isEqualTo(loader.inspect(States.onnx("v1", "sum.onnx")));
        for (String file : List.of("text.onnx", "gone.onnx", "../outside.onnx")) {
            assertThatThrownBy(() -> inspection.inspect(States.onnx("v1", file)))
                    .isInstanceOf(UnusableModelException.class)
                    .hasMessage(failure(file));
        }
        assertThat(children()).isZero();
    }

    private String failure(String file) {
        try {
            loader.inspect(States.onnx("v1", file));
            return "none";
        } catch (UnusableModelException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void aModelThatCrashesTheRuntimeOrTakesAllMemoryIsUnusable() {
        OnnxFiles.write(directory, "bomb.onnx", OnnxFiles.functionBomb(60));
        IsolatedInspection inspection = new IsolatedInspection(loader, limits(), 256 * MEBIBYTE);
        assertThatThrownBy(() -> inspection.inspect(States.onnx("v1", "bomb.onnx")))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageMatching(
                        "its inspection took more than 256 MiB of memory .*|.* brought down the process .*");
        assertThat(children()).isZero();
    }

    @Test
    void interruptingEndsTheProcess() throws Exception {
        OnnxFiles.write(directory, "slow.onnx", OnnxFiles.functionBomb(16));
        IsolatedInspection inspection = new IsolatedInspection(loader, limits(), 8192 * MEBIBYTE);
        CompletableFuture<String> ended = new CompletableFuture<>();
        CountDownLatch begun = new CountDownLatch(1);
        Thread thread = new Thread(() -> {
            begun.countDown();
            try {
                inspection.inspect(States.onnx("v1", "slow.onnx"));
                ended.complete("inspected");
            } catch (UnusableModelException e) {
                ended.complete(String.valueOf(e.getMessage()));
            }
        });
        thread.start();
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> children() == 1);
        thread.interrupt();
        assertThat(ended.get(30, TimeUnit.SECONDS)).isEqualTo("its inspection was interrupted");
        assertThat(children()).isZero();
    }

    /** The processes of this test; the stack that tests share has one as well. */
    private long children() {
        return ProcessHandle.current().children().count() - childrenBefore;
    }
}
