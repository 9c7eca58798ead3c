package io.understudy.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.understudy.topics.Topic;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/** A schema registry in this process, which fails when it is asked to and remembers what it was asked. */
final class FakeRegistry implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int OK = 200;

    static {
        // Otherwise each answer waits for the acknowledgement of its own headers.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final Deque<Integer> failures = new ArrayDeque<>();
    private final List<ObjectNode> schemas = new ArrayList<>();
    private final Map<String, Integer> subjects = new HashMap<>();
    private final Map<String, String> compatibilities = new HashMap<>();

    FakeRegistry() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://" + server.getAddress().getAddress().getHostAddress() + ":"
                + server.getAddress().getPort();
    }

    /** Answers the next requests with these statuses; 200 is a proper answer. */
    synchronized FakeRegistry failing(Integer... statuses) {
        failures.addAll(List.of(statuses));
        return this;
    }

    /** Every request so far: its method and path. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    synchronized int add(Topic topic, Schema schema) {
        return add(topic.subject(), "AVRO", schema.toString());
    }

    synchronized int add(String subject, String type, String schema) {
        schemas.add(JSON.createObjectNode().put("schema", schema).put("schemaType", type));
        subjects.put(subject, schemas.size());
        return schemas.size();
    }

    synchronized String schema(Topic topic) {
        return schemas.get(subjects.get(topic.subject()) - 1).get("schema").textValue();
    }

    synchronized Map<String, String> compatibilities() {
        return compatibilities;
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        requests.add(exchange.getRequestMethod() + " " + path);
        JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
        String[] parts = path.substring(1).split("/", -1);
        int status = failures.isEmpty() ? OK : failures.remove();
        if (status != OK) {
            error(exchange, status);
        } else if (path.startsWith("/schemas/ids/")) {
            int id = Integer.parseInt(parts[2]);
            respond(exchange, id > 0 && id <= schemas.size() ? schemas.get(id - 1) : null);
        } else if (parts[0].equals("config")) {
            config(exchange, parts[1], body);
        } else if (parts.length == 3 && exchange.getRequestMethod().equals("POST")) {
            int id = add(parts[1], "AVRO", body.get("schema").textValue());
            respond(exchange, JSON.createObjectNode().put("id", id));
        } else if (parts.length == 3) {
            respond(
                    exchange,
                    subjects.containsKey(parts[1]) ? JSON.createArrayNode().add(1) : null);
        } else {
            Integer id = subjects.get(parts[1]);
            boolean same = id != null
                    && JSON.readTree(schemas.get(id - 1).get("schema").textValue())
                            .equals(JSON.readTree(body.get("schema").textValue()));
            respond(
                    exchange,
                    same
                            ? JSON.createObjectNode()
                                    .put("subject", parts[1])
                                    .put("version", 1)
                                    .put("id", id)
                                    .set("schema", body.get("schema"))
                            : null);
        }
    }

    private void config(HttpExchange exchange, String subject, JsonNode body) throws IOException {
        if (exchange.getRequestMethod().equals("PUT")) {
            compatibilities.put(subject, body.get("compatibility").textValue());
            respond(exchange, body);
        } else {
            String level = compatibilities.get(subject);
            respond(exchange, level == null ? null : JSON.createObjectNode().put("compatibilityLevel", level));
        }
    }

    private static void respond(HttpExchange exchange, JsonNode body) throws IOException {
        if (body == null) {
            error(exchange, 404);
        } else {
            send(exchange, OK, body);
        }
    }

    private static void error(HttpExchange exchange, int status) throws IOException {
        send(
                exchange,
                status,
                JSON.createObjectNode()
                        .put("error_code", status == 404 ? 40_403 : status)
                        .put("message", "no"));
    }

    private static void send(HttpExchange exchange, int status, JsonNode body) throws IOException {
        byte[] bytes = body.toString().getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/vnd.schemaregistry.v1+json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
