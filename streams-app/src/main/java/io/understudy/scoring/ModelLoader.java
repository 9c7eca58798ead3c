package io.understudy.scoring;

import io.understudy.metrics.Meters;
import io.understudy.rollout.ModelInspection;
import io.understudy.schema.Model;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Brings models into this process: ONNX files from below one directory, and models on inference servers. */
public final class ModelLoader implements ModelInspection, AutoCloseable {

    private static final Duration CONNECT_DEADLINE = Duration.ofSeconds(2);

    private final Path directory;
    private final Duration defaultDeadline;
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "inference-retries");
        thread.setDaemon(true);
        return thread;
    });
    private final OpenInferenceModel.Connection connection;

    /**
     * @param directory where ONNX files are; a location outside it is refused
     * @param defaultDeadline longest time for a call to an inference server when the model does not say
     * @param requestsInFlight calls to one model on an inference server that may be under way at once
     */
    public ModelLoader(Path directory, Duration defaultDeadline, int requestsInFlight, Meters meters) {
        this.directory = directory.toAbsolutePath().normalize();
        this.defaultDeadline = defaultDeadline;
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_DEADLINE)
                .build();
        this.connection = new OpenInferenceModel.Connection(client, scheduler, requestsInFlight, meters);
    }

    /** Loads the model once and lets it go again. */
    @Override
    public Optional<String> fault(Model model) {
        return switch (model.getScorer()) {
            case EXTERNAL -> Optional.empty();
            case UNKNOWN -> Optional.of("the kind of scorer is not known to this version");
            case ONNX, OPEN_INFERENCE -> {
                try (LoadedModel loaded = load(model)) {
                    yield Optional.empty();
                } catch (UnusableModelException e) {
                    yield Optional.of(e.getMessage());
                }
            }
        };
    }

    /**
     * Loads a model that this process runs or calls.
     *
     * @throws UnusableModelException when it cannot be scored
     */
    LoadedModel load(Model model) throws UnusableModelException {
        return switch (model.getScorer()) {
            case ONNX -> onnx(model);
            case OPEN_INFERENCE ->
                OpenInferenceModel.connect(
                        connection,
                        model.getLocation(),
                        model.getModelName(),
                        model.getFeatures(),
                        Optional.ofNullable(model.getOutput()),
                        Optional.ofNullable(model.getDeadlineMs())
                                .map(Duration::ofMillis)
                                .orElse(defaultDeadline));
            case EXTERNAL, UNKNOWN ->
                throw new UnusableModelException(
                        "a scorer of kind " + model.getScorer() + " is not run by this process");
        };
    }

    private LoadedModel onnx(Model model) throws UnusableModelException {
        Path file = directory.resolve(model.getLocation()).normalize();
        if (!file.startsWith(directory)) {
            throw new UnusableModelException("model file " + model.getLocation() + " is outside the models directory");
        }
        byte[] bytes;
        try {
            if (!Files.isRegularFile(file)) {
                throw new UnusableModelException(
                        "model file " + model.getLocation() + " does not exist in the models directory " + directory);
            }
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UnusableModelException(
                    "model file " + model.getLocation() + " cannot be read: " + e.getMessage(), e);
        }
        checkSha256(model, bytes);
        try {
            return OnnxModel.load(bytes, model.getFeatures(), Optional.ofNullable(model.getOutput()));
        } catch (UnusableModelException e) {
            throw new UnusableModelException("model file " + model.getLocation() + ": " + e.getMessage(), e);
        }
    }

    private static void checkSha256(Model model, byte[] bytes) throws UnusableModelException {
        if (model.getSha256() == null) {
            return;
        }
        try {
            String actual = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            if (!actual.equalsIgnoreCase(model.getSha256())) {
                throw new UnusableModelException("model file " + model.getLocation() + " has SHA-256 " + actual
                        + ", but " + model.getSha256() + " is expected");
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
    }
}
