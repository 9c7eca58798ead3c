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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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

    private final Set<Long> childrenBefore =
            ProcessHandle.current().children().map(ProcessHandle::pid).collect(Collectors.toSet());
    private Thread inspecting;
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

    /** Of 60 functions, each of which calls the one before twice: the runtime would need years. */
    private CompletableFuture<String> inspectBomb(IsolatedInspection inspection) {
        OnnxFiles.write(directory, "bomb.onnx", OnnxFiles.functionBomb(60));
        CompletableFuture<String> result = new CompletableFuture<>();
        inspecting = new Thread(() -> {
            try {
                inspection.inspect(States.onnx("v1", "bomb.onnx"));
                result.complete("inspected");
            } catch (UnusableModelException e) {
                result.complete(String.valueOf(e.getMessage()));
            }
        });
        inspecting.start();
        return result;
    }

    @Test
    void aModelThatTakesTooMuchMemoryIsUnusable() throws Exception {
        // less than the process needs for itself
        IsolatedInspection inspection = new IsolatedInspection(loader, limits(), 30 * MEBIBYTE);
        assertThat(inspectBomb(inspection).get(60, TimeUnit.SECONDS))
                .isEqualTo("its inspection took more than 30 MiB of memory (controller.inspection-max-mebibytes)");
        assertThat(children()).isZero();
    }

    @Test
    void aModelThatCrashesTheRuntimeIsUnusable() throws Exception {
        CompletableFuture<String> result = inspectBomb(new IsolatedInspection(loader, limits(), 8192 * MEBIBYTE));
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> children() == 1);
        ProcessHandle.current()
                .children()
                .filter(child -> !childrenBefore.contains(child.pid()))
                .forEach(ProcessHandle::destroyForcibly);
        assertThat(result.get(60, TimeUnit.SECONDS))
                .isEqualTo("model file bomb.onnx brought down the process in which it was inspected (exit code 137)");
    }

    @Test
    void interruptingEndsTheProcess() throws Exception {
        CompletableFuture<String> result = inspectBomb(new IsolatedInspection(loader, limits(), 8192 * MEBIBYTE));
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> children() == 1);
        inspecting.interrupt();
        assertThat(result.get(60, TimeUnit.SECONDS)).isEqualTo("its inspection was interrupted");
        assertThat(children()).isZero();
    }

    /** The processes of this test; the stack that tests share has one as well. */
    private long children() {
        return ProcessHandle.current()
                .children()
                .filter(child -> !childrenBefore.contains(child.pid()))
                .count();
    }
}
