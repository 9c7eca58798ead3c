package io.understudy.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server for the Open Inference Protocol v2, whose only model gives every flight the same score, at times slowly. */
final class SlowServer implements AutoCloseable {

    private static final String MODEL = "/v2/models/" + Plans.SERVED_MODEL;
    private static final String METADATA = """
            {"name": "%s", "inputs": [{"name": "flight", "datatype": "FP32", "shape": [-1, 6]}],
             "outputs": [{"name": "score", "datatype": "FP32", "shape": [-1, 1]}]}
            """.formatted(Plans.SERVED_MODEL);
    private static final String ANSWER =
            "{\"outputs\": [{\"name\": \"score\", \"datatype\": \"FP32\", \"shape\": [1, 1], \"data\": [0.2]}]}";
    private static final int OK = 200;

    private final HttpServer server;
    private final ExecutorService executor = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "inference-server");
        thread.setDaemon(true);
        return thread;
    });
    private volatile Duration delay = Duration.ZERO;

    SlowServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(MODEL, exchange -> respond(exchange, METADATA));
        server.createContext(MODEL + "/infer", this::infer);
        server.setExecutor(executor);
        server.start();
    }

    /** The base URL of the server. */
    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Sets how long each call takes from now on. */
    void delay(Duration time) {
        delay = time;
    }

    private void infer(HttpExchange exchange) throws IOException {
        try {
            Thread.sleep(delay.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        respond(exchange, ANSWER);
    }

    private static void respond(HttpExchange exchange, String body) throws IOException {
        exchange.getRequestBody().readAllBytes();
        byte[] bytes = body.getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(OK, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
