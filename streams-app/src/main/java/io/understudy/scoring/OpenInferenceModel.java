package io.understudy.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.understudy.rollout.UnusableModelException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A model on a server that supports the Open Inference Protocol v2 over HTTP (KServe, Triton, MLServer, Seldon). Each
 * row is a separate call with its own deadline, and many calls run at the same time. A call is retried only if the
 * server cannot have scored it: there was no connection, or the server answered 429 or 503.
 */
final class OpenInferenceModel implements LoadedModel {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration METADATA_TIMEOUT = Duration.ofSeconds(5);

    private static final int OK = 200;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;

    private final Connection connection;
    private final URI inferUri;
    private final InputLayout layout;
    private final Optional<String> output;
    private final Duration deadline;
    private final Semaphore inFlight;
    private final ServerHealth health = new ServerHealth();

    private OpenInferenceModel(
            Connection connection, URI inferUri, InputLayout layout, Optional<String> output, Duration deadline) {
        this.connection = connection;
        this.inFlight = new Semaphore(connection.requestsInFlight());
        this.inferUri = inferUri;
        this.layout = layout;
        this.output = output;
        this.deadline = deadline;
    }

    /**
     * The shared resources for calls to servers.
     *
     * @param client HTTP client
     * @param executor executor for batches, which wait while too many calls are in flight
     * @param scheduler scheduler for retries
     * @param requestsInFlight maximum number of concurrent calls to one model
     * @param meters meters of the role
     */
    record Connection(
            HttpClient client,
            Executor executor,
            ScheduledExecutorService scheduler,
            int requestsInFlight,
            ScoringMeters meters) {}

    /**
     * Requests the inputs of a model from its server.
     *
     * @param server base URL of the server
     * @param name name of the model on the server
     * @param features features of a single vector input; empty if the inputs have the names of features
     * @param output output to read; empty means the first one with floating-point numbers
     * @param deadline maximum time of one call
     * @throws UnusableModelException if the server does not answer, or the inputs cannot be filled
     */
    static OpenInferenceModel connect(
            Connection connection,
            String server,
            String name,
            List<String> features,
            Optional<String> output,
            Duration deadline)
            throws UnusableModelException {
        String model = (server.endsWith("/") ? server : server + "/") + "v2/models/" + name;
        JsonNode metadata = metadata(connection.client(), URI.create(model));
        List<InputLayout.Declared> inputs = new ArrayList<>();
        for (JsonNode input : metadata.path("inputs")) {
            inputs.add(declared(input));
        }
        return new OpenInferenceModel(
                connection, URI.create(model + "/infer"), InputLayout.of(inputs, features), output, deadline);
    }

    private static JsonNode metadata(HttpClient client, URI uri) throws UnusableModelException {
        try {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(uri).timeout(METADATA_TIMEOUT).build(),
                    HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != OK) {
                throw new UnusableModelException(
                        "the inference server answered " + response.statusCode() + " to GET " + uri);
            }
            return JSON.readTree(response.body());
        } catch (JsonProcessingException e) {
            throw new UnusableModelException("the inference server's answer to GET " + uri + " is not JSON", e);
        } catch (IllegalArgumentException e) {
            throw new UnusableModelException("'" + uri + "' cannot be called: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UnusableModelException("the inference server at " + uri + " does not answer: " + describe(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnusableModelException("interrupted while calling " + uri, e);
        }
    }

    private static InputLayout.Declared declared(JsonNode input) throws UnusableModelException {
        String name = input.path("name").asText();
        String datatype = input.path("datatype").asText();
        ElementType type = ElementType.ofOpenInference(datatype)
                .orElseThrow(() -> new UnusableModelException("input '" + name + "' has type " + datatype
                        + "; it must be FP32, FP64, INT32, INT64, BOOL or BYTES"));
        long[] shape = new long[input.path("shape").size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = input.path("shape").get(i).asLong();
        }
        return new InputLayout.Declared(name, type, shape);
    }

    /** Runs on a separate thread, so that the caller does not wait while too many calls are in flight. */
    @Override
    public CompletableFuture<List<Answer>> score(List<Map<String, Object>> rows) {
        return CompletableFuture.supplyAsync(() -> scoreAll(rows), connection.executor());
    }

    private List<Answer> scoreAll(List<Map<String, Object>> rows) {
        List<CompletableFuture<Answer>> answers = new ArrayList<>(rows.size());
        for (Map<String, Object> row : rows) {
            answers.add(score(row));
        }
        return answers.stream().map(CompletableFuture::join).toList();
    }

    /** A row waits for its turn as long as the server answers other calls. */
    private CompletableFuture<Answer> score(Map<String, Object> row) {
        Batch batch = new Batch(layout, 1);
        Optional<String> fault = batch.add(row);
        if (fault.isPresent()) {
            return CompletableFuture.completedFuture(Answer.rejected(fault.get()));
        }
        try {
            while (!inFlight.tryAcquire(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
                if (health.isSilent()) {
                    return CompletableFuture.completedFuture(refused());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return CompletableFuture.completedFuture(Answer.error("interrupted while waiting to call " + inferUri));
        }
        if (!health.admit()) {
            inFlight.release();
            return CompletableFuture.completedFuture(refused());
        }
        long startedAt = System.nanoTime();
        try {
            return infer(body(batch))
                    .whenComplete((response, failure) -> {
                        health.ended(startedAt, failure == null);
                        inFlight.release();
                    })
                    .handle(this::answer);
        } catch (RuntimeException e) {
            health.ended(startedAt, false);
            inFlight.release();
            throw e;
        }
    }

    private Answer refused() {
        connection.meters().inferenceRefused();
        return Answer.timeout(
                "not sent: " + inferUri + " has stopped answering, and gets one request at a time until it answers");
    }

    private byte[] body(Batch batch) {
        ObjectNode root = JSON.createObjectNode();
        ArrayNode inputs = root.putArray("inputs");
        for (Batch.Column column : batch.columns()) {
            InputTensor input = column.input();
            ObjectNode node = inputs.addObject();
            node.put("name", input.name());
            node.put("datatype", input.type().openInferenceName());
            node.set("shape", JSON.valueToTree(input.shape(batch.rows())));
            ArrayNode data = node.putArray("data");
            for (int i = 0; i < input.width(); i++) {
                switch (input.type()) {
                    case FLOAT, DOUBLE -> data.add(column.numbers()[i]);
                    case INT32, INT64 -> data.add(column.integers()[i]);
                    case BOOL -> data.add(column.integers()[i] == 1);
                    case STRING -> data.add(column.strings()[i]);
                }
            }
        }
        output.ifPresent(name -> root.putArray("outputs").addObject().put("name", name));
        try {
            return JSON.writeValueAsBytes(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("numbers, strings and booleans can always be written as JSON", e);
        }
    }

    private CompletableFuture<HttpResponse<byte[]>> infer(byte[] body) {
        long deadlineAt = System.nanoTime() + deadline.toNanos();
        Retry retry = Retry.of(
                "inference",
                RetryConfig.<HttpResponse<byte[]>>custom()
                        .maxAttempts(Integer.MAX_VALUE)
                        .intervalFunction(IntervalFunction.ofExponentialRandomBackoff(
                                Duration.ofMillis(20), 2.0, Duration.ofMillis(500)))
                        .retryOnResult(response -> isOverloaded(response) && System.nanoTime() < deadlineAt)
                        .retryOnException(failure -> wasNotSent(failure) && System.nanoTime() < deadlineAt)
                        .build());
        retry.getEventPublisher().onRetry(event -> connection.meters().inferenceRetry());
        CompletionStage<HttpResponse<byte[]>> response =
                retry.executeCompletionStage(connection.scheduler(), () -> call(body, deadlineAt - System.nanoTime()));
        return response.toCompletableFuture().orTimeout(deadline.toNanos(), TimeUnit.NANOSECONDS);
    }

    private CompletionStage<HttpResponse<byte[]>> call(byte[] body, long timeoutNanos) {
        HttpRequest request = HttpRequest.newBuilder(inferUri)
                .header("Content-Type", "application/json")
                .timeout(Duration.ofNanos(Math.max(1, timeoutNanos)))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        return connection.client().sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    private static boolean isOverloaded(HttpResponse<byte[]> response) {
        return response.statusCode() == TOO_MANY_REQUESTS || response.statusCode() == UNAVAILABLE;
    }

    private static boolean wasNotSent(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException) {
                return true;
            }
        }
        return false;
    }

    private Answer answer(@Nullable HttpResponse<byte[]> response, @Nullable Throwable failure) {
        return failure == null ? read(Objects.requireNonNull(response)) : failed(failure);
    }

    private Answer failed(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof TimeoutException || cause instanceof HttpTimeoutException
                ? Answer.timeout("no answer from " + inferUri + " within " + deadline.toMillis() + " ms")
                : Answer.error("no answer from " + inferUri + ": " + describe(cause));
    }

    private Answer read(HttpResponse<byte[]> response) {
        if (response.statusCode() != OK) {
            return Answer.error("the inference server answered " + response.statusCode() + ": "
                    + new String(response.body(), UTF_8));
        }
        try {
            return OpenInferenceOutputs.read(JSON.readTree(response.body()).path("outputs"), output);
        } catch (IOException e) {
            return Answer.error("the inference server's answer is not JSON: " + e.getMessage());
        }
    }

    private static String describe(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    @Override
    public void close() {
        // the client is shared
    }
}
