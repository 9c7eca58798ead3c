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

/** A small server that speaks the Open Inference Protocol v2: its model {@code sum} adds {@code x} and {@code y}. */
public final class InferenceServer implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

    private final HttpServer server;
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final CountDownLatch hung = new CountDownLatch(1);
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger mostUnderWay = new AtomicInteger();
    private volatile Behaviour behaviour = (exchange, body) -> respond(exchange, 200, sum(body));

    /** What the server does with a request to infer. */
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
        mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
        try {
            behaviour.handle(exchange, JSON.readTree(exchange.getRequestBody()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            underWay.decrementAndGet();
            exchange.close();
        }
    }

    /** What an honest server answers. */
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

    public void behave(Behaviour behaviour) {
        this.behaviour = behaviour;
    }

    /** Never answers again. */
    public void hang() {
        behave((exchange, body) -> hung.await());
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public int calls() {
        return calls.get();
    }

    public int mostUnderWay() {
        return mostUnderWay.get();
    }

    @Override
    public void close() {
        hung.countDown();
        server.stop(0);
        executor.shutdownNow();
    }
}
