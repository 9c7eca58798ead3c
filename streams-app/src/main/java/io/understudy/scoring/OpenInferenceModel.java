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
import io.understudy.outbound.HttpCaller;
import io.understudy.rollout.UnusableModelException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A model on a server that supports the Open Inference Protocol v2 over HTTP (KServe, Triton, MLServer, Seldon). Each
 * row is a separate call with its own deadline, and many calls run at the same time. A call is retried only if the
 * server cannot have scored it: there was no connection, or the server answered 429 or 503.
 */
final class OpenInferenceModel implements LoadedModel {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration METADATA_TIMEOUT = Duration.ofSeconds(5);

    /** How much of a server's own text an answer repeats, bytes. */
    private static final int MAX_SHOWN = 500;

    private static final int MAX_PORT = 65_535;
    private static final int OK = 200;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;

    private final Connection connection;
    private final URI inferUri;
    private final InputLayout layout;
    private final Optional<String> output;
    private final Duration deadline;
    private final Semaphore inFlight;
    private final ServerHealth health;

    private OpenInferenceModel(
            Connection connection, URI inferUri, InputLayout layout, Optional<String> output, Duration deadline) {
        this.connection = connection;
        this.inFlight = new Semaphore(connection.requestsInFlight());
        this.inferUri = inferUri;
        this.layout = layout;
        this.output = output;
        this.deadline = deadline;
        this.health = new ServerHealth(deadline, System::nanoTime);
    }

    /**
     * The shared resources for calls to servers.
     *
     * @param caller HTTP client
     * @param executor executor for batches, which wait while too many calls are in flight
     * @param scheduler scheduler for retries
     * @param requestsInFlight maximum number of concurrent calls to one model
     * @param maxAnswerBytes maximum length of an answer of a server
     * @param meters meters of the role
     */
    record Connection(
            HttpCaller caller,
            Executor executor,
            ScheduledExecutorService scheduler,
            int requestsInFlight,
            int maxAnswerBytes,
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
        JsonNode metadata = metadata(connection, server, model);
        List<InputLayout.Declared> inputs = new ArrayList<>();
        for (JsonNode input : metadata.path("inputs")) {
            inputs.add(declared(input));
        }
        return new OpenInferenceModel(
                connection, URI.create(model + "/infer"), InputLayout.of(inputs, features), output, deadline);
    }

    private static JsonNode metadata(Connection connection, String server, String model) throws UnusableModelException {
        CompletableFuture<HttpCaller.Answer> call;
        try {
            call = connection.caller().get(url(model), METADATA_TIMEOUT, connection.maxAnswerBytes());
        } catch (IllegalArgumentException e) {
            throw new UnusableModelException("'" + server + "' cannot be called: " + e.getMessage(), e);
        }
        try {
            HttpCaller.Answer answer = call.get();
            if (answer.status() != OK) {
                throw new UnusableModelException(
                        "the inference server answered " + answer.status() + " to GET " + model);
            }
            return JSON.readTree(answer.body());
        } catch (ExecutionException e) {
            connection.meters().inferenceFailure(InferenceFailure.of(e));
            throw new UnusableModelException(
                    "the inference server at " + model + " does not answer: " + InferenceFailure.describe(e), e);
        } catch (IOException e) {
            throw new UnusableModelException("the inference server's answer to GET " + model + " is not JSON", e);
        } catch (InterruptedException e) {
            call.cancel(true);
            Thread.currentThread().interrupt();
            throw new UnusableModelException("interrupted while calling " + model, e);
        }
    }

    /** A URL that can be called; Jetty takes texts without a host or with any port. */
    private static URI url(String text) {
        URI url = URI.create(text);
        if (url.getHost() == null || url.getPort() > MAX_PORT) {
            throw new IllegalArgumentException("it has no host, or no port from 1 to " + MAX_PORT);
        }
        return url;
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
        try {
            return CompletableFuture.supplyAsync(() -> scoreAll(rows), connection.executor());
        } catch (RejectedExecutionException e) {
            connection.meters().inferenceFailure(InferenceFailure.OVERLOAD);
            return CompletableFuture.completedFuture(Collections.nCopies(
                    rows.size(), Answer.error("not sent to " + inferUri + ": too many batches wait for servers")));
        }
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
        return Answer.timeout("not sent: " + inferUri
                + " has stopped answering, and gets only one request at a time until it answers");
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

    private CompletableFuture<HttpCaller.Answer> infer(byte[] body) {
        long deadlineAt = System.nanoTime() + deadline.toNanos();
        Retry retry = Retry.of(
                "inference",
                RetryConfig.<HttpCaller.Answer>custom()
                        .maxAttempts(Integer.MAX_VALUE)
                        .intervalFunction(IntervalFunction.ofExponentialRandomBackoff(
                                Duration.ofMillis(20), 2.0, Duration.ofMillis(500)))
                        .retryOnResult(response -> isOverloaded(response) && System.nanoTime() < deadlineAt)
                        .retryOnException(failure -> wasNotSent(failure) && System.nanoTime() < deadlineAt)
                        .build());
        retry.getEventPublisher().onRetry(event -> connection.meters().inferenceRetry());
        CompletionStage<HttpCaller.Answer> response =
                retry.executeCompletionStage(connection.scheduler(), () -> call(body, deadlineAt - System.nanoTime()));
        return response.toCompletableFuture().orTimeout(deadline.toNanos(), TimeUnit.NANOSECONDS);
    }

    private CompletionStage<HttpCaller.Answer> call(byte[] body, long timeoutNanos) {
        return connection
                .caller()
                .post(inferUri, "application/json", body, Duration.ofNanos(timeoutNanos), connection.maxAnswerBytes());
    }

    private static boolean isOverloaded(HttpCaller.Answer answer) {
        return answer.status() == TOO_MANY_REQUESTS || answer.status() == UNAVAILABLE;
    }

    private static boolean wasNotSent(Throwable failure) {
        return InferenceFailure.of(failure) == InferenceFailure.NOT_CONNECTED;
    }

    private Answer answer(HttpCaller.@Nullable Answer response, @Nullable Throwable failure) {
        return failure == null ? read(Objects.requireNonNull(response)) : failed(failure);
    }

    private Answer failed(Throwable failure) {
        InferenceFailure kind = InferenceFailure.of(failure);
        connection.meters().inferenceFailure(kind);
        return kind == InferenceFailure.TIMEOUT
                ? Answer.timeout("no answer from " + inferUri + " within " + deadline.toMillis() + " ms")
                : Answer.error("no answer from " + inferUri + ": " + InferenceFailure.describe(failure));
    }

    private Answer read(HttpCaller.Answer response) {
        if (response.status() != OK) {
            return Answer.error(
                    "the inference server answered " + response.status() + ": " + beginning(response.body()));
        }
        try {
            return OpenInferenceOutputs.read(JSON.readTree(response.body()).path("outputs"), output);
        } catch (IOException e) {
            return Answer.error("the inference server's answer is not JSON: " + e.getMessage());
        }
    }

    private static String beginning(byte[] body) {
        return new String(body, 0, Math.min(body.length, MAX_SHOWN), UTF_8) + (body.length > MAX_SHOWN ? "..." : "");
    }

    @Override
    public void close() {
        // the client is shared
    }
}
