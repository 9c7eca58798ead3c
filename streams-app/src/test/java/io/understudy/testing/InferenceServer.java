package io.understudy.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A small server for the Open Inference Protocol v2. Its model {@code sum} adds {@code x} and {@code y}. */
public final class InferenceServer implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

    private final HttpServer server;
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger concurrentCalls = new AtomicInteger();
    private final AtomicInteger maxConcurrentCalls = new AtomicInteger();
    private volatile Behaviour behaviour = (exchange, body) -> respond(exchange, 200, sum(body));

    /** Handles an inference request. */
    @FunctionalInterface
    public interface Behaviour {
        void handle(HttpExchange exchange, JsonNode body) throws IOException, InterruptedException;
    }

    public InferenceServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v2/models/sum", exchange -> respond(exchange, 200, METADATA));
        server.createContext("/v2/models/sum/infer", this::infer);
        server.setExecutor(executor);
        server.start();
    }

    private static final String METADATA = """
            {"name": "sum", "inputs": [
              {"name": "x", "datatype": "FP64", "shape": [-1, 1]},
              {"name": "y", "datatype": "FP64", "shape": [-1, 1]}],
             "outputs": [{"name": "score", "datatype": "FP64", "shape": [-1, 1]}]}
            """;

    private void infer(HttpExchange exchange) throws IOException {
        calls.incrementAndGet();
        maxConcurrentCalls.accumulateAndGet(concurrentCalls.incrementAndGet(), Math::max);
        try {
            behaviour.handle(exchange, JSON.readTree(exchange.getRequestBody()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            concurrentCalls.decrementAndGet();
            exchange.close();
        }
    }

    /** The correct response to a request. */
    public static String sum(JsonNode body) {
        double sum = 0;
        for (JsonNode input : body.get("inputs")) {
            sum += input.get("data").get(0).doubleValue();
        }
        return "{\"outputs\": [{\"name\": \"score\", \"datatype\": \"FP64\", \"shape\": [1, 1], \"data\": [[" + sum
                + "]]}]}";
    }

    public static void respond(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    /** Replaces the handling of inference requests. */
    public void behave(Behaviour behaviour) {
        this.behaviour = behaviour;
    }

    /** Stops answering until the server is closed. */
    public void hang() {
        behave((exchange, body) -> awaitClosed());
    }

    /** Waits until the server is closed. */
    public void awaitClosed() throws InterruptedException {
        closed.await();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public int calls() {
        return calls.get();
    }

    public int maxConcurrentCalls() {
        return maxConcurrentCalls.get();
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        executor.shutdownNow();
    }
}
