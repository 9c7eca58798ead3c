package io.understudy.scoring;

import io.understudy.outbound.AllowedHosts;
import io.understudy.outbound.HttpCaller;
import io.understudy.rollout.ModelInspection;
import io.understudy.rollout.UnusableModelException;
import io.understudy.schema.Model;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.commons.codec.digest.DigestUtils;

/** Loads models: ONNX files from one directory and its subdirectories, and models on inference servers. */
public final class ModelLoader implements ModelInspection, AutoCloseable {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    /** A batch needs a thread while it waits for a server, so this bounds the batches that wait. */
    private static final int MAX_BATCHES = 256;

    private static final int IDLE_SECONDS = 60;

    private final Limits limits;
    private final ExecutorService executor = new ThreadPoolExecutor(
            0,
            MAX_BATCHES,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> daemon(task, "inference-batch"));
    private final ScheduledExecutorService scheduler =
            Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "inference-retries"));
    private final HttpCaller caller;
    private final OpenInferenceModel.Connection connection;

    /**
     * What models may use.
     *
     * @param directory directory with the ONNX files; locations outside it are rejected
     * @param maxFileBytes maximum size of an ONNX file
     * @param defaultDeadline maximum time of a call to an inference server, for models without a deadline
     * @param requestsInFlight maximum number of concurrent calls to one model on an inference server
     * @param maxAnswerBytes maximum length of an answer of an inference server
     * @param hosts hosts of inference servers that may be called
     */
    public record Limits(
            Path directory,
            int maxFileBytes,
            Duration defaultDeadline,
            int requestsInFlight,
            int maxAnswerBytes,
            AllowedHosts hosts) {
        public Limits {
            directory = directory.toAbsolutePath().normalize();
        }
    }

    /** Creates a loader. */
    public ModelLoader(Limits limits, ScoringMeters meters) {
        this.limits = limits;
        this.caller = new HttpCaller("inference", limits.hosts(), CONNECT_TIMEOUT);
        this.connection = new OpenInferenceModel.Connection(
                caller, executor, scheduler, limits.requestsInFlight(), limits.maxAnswerBytes(), meters);
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
            case ONNX -> inspectFile(limits.directory(), limits.maxFileBytes(), model);
        };
    }

    /** Loads an ONNX model once, closes it again, and returns it with the file's SHA-256. */
    static Model inspectFile(Path directory, int maxBytes, Model model) throws UnusableModelException {
        byte[] bytes = read(directory, maxBytes, model);
        onnx(model, bytes).close();
        return Model.newBuilder(model).setSha256(sha256(bytes)).build();
    }

    /**
     * Loads a model that this process runs or calls.
     *
     * @throws UnusableModelException if the model cannot be used
     */
    LoadedModel load(Model model) throws UnusableModelException {
        return switch (model.getScorer()) {
            case ONNX -> onnx(model, read(limits.directory(), limits.maxFileBytes(), model));
            case OPEN_INFERENCE ->
                OpenInferenceModel.connect(
                        connection,
                        model.getLocation(),
                        model.getModelName(),
                        model.getFeatures(),
                        Optional.ofNullable(model.getOutput()),
                        Optional.ofNullable(model.getDeadlineMs())
                                .map(Duration::ofMillis)
                                .orElse(limits.defaultDeadline()));
            case EXTERNAL, UNKNOWN ->
                throw new UnusableModelException("this process does not run scorers of kind " + model.getScorer());
        };
    }

    private static byte[] read(Path directory, int maxBytes, Model model) throws UnusableModelException {
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
            long size = Files.size(file);
            if (size > maxBytes) {
                throw new UnusableModelException(
                        location + " has " + size + " bytes; at most " + maxBytes + " are allowed (models.max-bytes)");
            }
            bytes = read(file, (int) size);
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

    /** Reads a file of a known size: a file that grows meanwhile does not take more memory. */
    private static byte[] read(Path file, int size) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = new byte[size];
            if (in.readNBytes(bytes, 0, size) < size || in.read() >= 0) {
                throw new IOException("its size changed meanwhile");
            }
            return bytes;
        }
    }

    private static LoadedModel onnx(Model model, byte[] bytes) throws UnusableModelException {
        try {
            OnnxFile.checkSelfContained(bytes);
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
        caller.close();
    }
}
