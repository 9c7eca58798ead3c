package io.understudy.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.understudy.metrics.Meters;
import io.understudy.rollout.UnusableModelException;
import io.understudy.schema.Model;
import io.understudy.schema.ScorerKind;
import io.understudy.testing.ModelLimits;
import io.understudy.testing.OnnxFiles;
import io.understudy.testing.States;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelLoaderTest {

    @TempDir
    Path directory;

    private ModelLoader loader;

    @BeforeEach
    void prepare() {
        Path models = directory.resolve("models");
        OnnxFiles.write(models, "sum.onnx", OnnxFiles.sum());
        OnnxFiles.write(models, "text.onnx", "not a model".getBytes(UTF_8));
        OnnxFiles.write(directory, "outside.onnx", OnnxFiles.sum());
        loader = new ModelLoader(
                ModelLimits.of(models, Duration.ofSeconds(1), 1),
                new ScoringMeters(new Meters(new SimpleMeterRegistry(), "controller")));
    }

    @Test
    void acceptsAUsableModel() throws Exception {
        String sha256 = DigestUtils.sha256Hex(OnnxFiles.sum());
        assertThat(loader.inspect(States.onnx("v1", "sum.onnx")).getSha256())
                .as("the checksum of the inspected file is recorded")
                .isEqualTo(sha256);
        assertThat(loader.inspect(withSha(sha256)).getSha256()).isEqualTo(sha256);
    }

    @Test
    void rejectsAFileThatIsMissingNotAModelOutsideTheDirectoryOrDifferent() {
        assertThat(fault(States.onnx("v1", "gone.onnx")))
                .startsWith("model file gone.onnx does not exist in the models directory");
        assertThat(fault(States.onnx("v1", "text.onnx"))).startsWith("model file text.onnx: cannot be loaded as ONNX");
        assertThat(fault(States.onnx("v1", "../outside.onnx")))
                .isEqualTo("model file ../outside.onnx is outside the models directory");
        assertThat(fault(States.onnx("v1", "a\0b"))).endsWith("is not a path: Nul character not allowed");
        assertThat(fault(withSha("0".repeat(64))))
                .startsWith("model file sum.onnx has SHA-256 ")
                .endsWith("is expected");
    }

    @Test
    void doesNotReadAFileThatIsTooLarge() throws Exception {
        Path large = directory.resolve("models/large.onnx");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(3_000_000_000L);
        }
        assertThat(fault(States.onnx("v1", "large.onnx")))
                .isEqualTo(
                        "model file large.onnx has 3000000000 bytes; at most 1048576 are allowed (models.max-bytes)");
    }

    @Test
    void refusesDataOutsideOfTheFile() {
        Path models = directory.resolve("models");
        OnnxFiles.write(models, "external.onnx", OnnxFiles.withExternalData(false));
        OnnxFiles.write(models, "hidden.onnx", OnnxFiles.withExternalData(true));
        OnnxFiles.write(models, "weights.bin", new byte[8]);
        assertThat(fault(States.onnx("v1", "external.onnx")))
                .startsWith("model file external.onnx: keeps data of its tensors in another file (external data), which"
                        + " is not under the model's SHA-256");
        assertThat(fault(States.onnx("v1", "hidden.onnx"))).contains("external data");
    }

    @Test
    void doesNotInspectAModelThatAnExternalProgramRuns() throws Exception {
        Model external = Model.newBuilder()
                .setVersion("v1")
                .setScorer(ScorerKind.EXTERNAL)
                .build();
        assertThat(loader.inspect(external)).isEqualTo(external);
    }

    @Test
    void theFileOfAModelMayBeDeletedAfterLoading() throws Exception {
        try (LoadedModel model = loader.load(States.onnx("v1", "sum.onnx"))) {
            Files.delete(directory.resolve("models/sum.onnx"));
            assertThat(model.score(List.of(Map.of("x", 1.0, "y", 1.0)))
                            .join()
                            .get(0)
                            .score())
                    .isEqualTo(2.0);
        }
    }

    private String fault(Model model) {
        return catchThrowableOfType(UnusableModelException.class, () -> loader.inspect(model))
                .getMessage();
    }

    private static Model withSha(String sha256) {
        return Model.newBuilder(States.onnx("v1", "sum.onnx")).setSha256(sha256).build();
    }
}
