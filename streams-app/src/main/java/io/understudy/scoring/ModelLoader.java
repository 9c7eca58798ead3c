package io.understudy.scoring;

import io.understudy.rollout.ModelInspection;
import io.understudy.rollout.UnusableModelException;
import io.understudy.schema.Model;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.commons.codec.digest.DigestUtils;

/** Loads models: ONNX files from one directory and its subdirectories, and models on inference servers. */
public final class ModelLoader implements ModelInspection, AutoCloseable {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    private final Path directory;
    private final Duration defaultDeadline;
    private final ExecutorService executor = Executors.newCachedThreadPool(task -> daemon(task, "inference"));
    private final ScheduledExecutorService scheduler =
            Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "inference-retries"));
    private final OpenInferenceModel.Connection connection;

    /**
     * Creates a loader.
     *
     * @param directory directory with the ONNX files; locations outside it are rejected
     * @param defaultDeadline maximum time of a call to an inference server, for models without a deadline
     * @param requestsInFlight maximum number of concurrent calls to one model on an inference server
     */
    public ModelLoader(Path directory, Duration defaultDeadline, int requestsInFlight, ScoringMeters meters) {
        this.directory = directory.toAbsolutePath().normalize();
        this.defaultDeadline = defaultDeadline;
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
        this.connection = new OpenInferenceModel.Connection(client, executor, scheduler, requestsInFlight, meters);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Loads the model once and closes it again. */
    @Override
    public Model inspect(Model model) throws UnusableModelException {
        return switch (model.getScorer()) {
            case EXTERNAL -> model;
            case UNKNOWN -> throw new UnusableModelException("this version does not know the kind of scorer");
            case OPEN_INFERENCE -> {
                load(model).close();
                yield model;
            }
            case ONNX -> {
                byte[] bytes = read(model);
                onnx(model, bytes).close();
                yield Model.newBuilder(model).setSha256(sha256(bytes)).build();
            }
        };
    }

    /**
     * Loads a model that this process runs or calls.
     *
     * @throws UnusableModelException if the model cannot be used
     */
    LoadedModel load(Model model) throws UnusableModelException {
        return switch (model.getScorer()) {
            case ONNX -> onnx(model, read(model));
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
                throw new UnusableModelException("this process does not run scorers of kind " + model.getScorer());
        };
    }

    private byte[] read(Model model) throws UnusableModelException {
        String location = "model file " + model.getLocation();
        byte[] bytes;
        try {
            Path file = directory.resolve(model.getLocation()).normalize();
            if (!file.startsWith(directory)) {
                throw new UnusableModelException(location + " is outside the models directory");
            }
            if (!Files.isRegularFile(file)) {
                throw new UnusableModelException(location + " does not exist in the models directory " + directory);
            }
            bytes = Files.readAllBytes(file);
        } catch (InvalidPathException e) {
            throw new UnusableModelException(location + " is not a path: " + e.getReason(), e);
        } catch (IOException e) {
            throw new UnusableModelException(location + " cannot be read: " + e.getMessage(), e);
        }
        String sha256 = sha256(bytes);
        if (model.getSha256() != null && !sha256.equalsIgnoreCase(model.getSha256())) {
            throw new UnusableModelException(
                    location + " has SHA-256 " + sha256 + ", but " + model.getSha256() + " is expected");
        }
        return bytes;
    }

    private static LoadedModel onnx(Model model, byte[] bytes) throws UnusableModelException {
        try {
            return OnnxModel.load(bytes, model.getFeatures(), Optional.ofNullable(model.getOutput()));
        } catch (UnusableModelException e) {
            throw new UnusableModelException("model file " + model.getLocation() + ": " + e.getMessage(), e);
        }
    }

    private static String sha256(byte[] bytes) {
        return DigestUtils.sha256Hex(bytes);
    }

    @Override
    public void close() {
        executor.shutdownNow();
        scheduler.shutdownNow();
    }
}
