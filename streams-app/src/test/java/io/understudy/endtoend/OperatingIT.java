package io.understudy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.understudy.metrics.Metric;
import io.understudy.runtime.Node;
import io.understudy.schema.RolloutEventType;
import io.understudy.testing.Installation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operator's interfaces to a rollout: API, webhooks, health and metrics, on a real broker and registry. */
class OperatingIT {

    private static final String TOKEN = "the-operators-token";
    private static final String SECRET = "the-webhooks-secret";
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern METRIC = Pattern.compile("\\b(?:understudy|kafka|jvm|process)_[a-z0-9_]+");

    @TempDir
    Path directory;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void theApiStartsShowsAndAbortsARolloutAndWebhooksReceiveItsEvents() throws Exception {
        try (Receiver receiver = new Receiver();
                Installation installation = Installation.onSharedStack(
                        directory,
                        "evaluator.startup-ms",
                        "0",
                        "console.token",
                        TOKEN,
                        "monitoring.port",
                        "0",
                        "notifier.slack-urls",
                        receiver.url("/slack"),
                        "notifier.cloudevents-urls",
                        receiver.url("/cloud") + "," + receiver.url("/gone"),
                        "notifier.secret",
                        SECRET)) {
            Node node = installation.startNode();
            String console = node.consoleAddress().orElseThrow();
            String monitoring = node.monitoringAddress().orElseThrow();
            awaitReady(console);
            ServingScenario scenario = new ServingScenario(installation, directory);

            assertThat(post(console, "?verb=deploy&actor=ann", "application/yaml", ShadowScenario.EXISTING)
                            .statusCode())
                    .isEqualTo(200);
            HttpResponse<String> started =
                    post(console, "?verb=start&actor=ann&reason=try", "application/yaml", ServingScenario.ROLLOUT);
            assertThat(started.statusCode()).as(started.body()).isEqualTo(200);
            String rollout = JSON.readTree(started.body()).get("rollout").asText();

            scenario.sendUntil(RolloutEventType.ADVANCED);
            await().atMost(TIMEOUT).untilAsserted(() -> {
                scenario.send();
                assertThat(text(monitoring, "metrics"))
                        .as("the stage that has begun is judged")
                        .contains("understudy_evidence{");
                JsonNode evaluations = get(console, "api/rollouts/" + rollout + "/evaluations");
                assertThat(evaluations.get("evaluations")).anySatisfy(evaluation -> {
                    assertThat(evaluation.get("scoreEdges")).isNotEmpty();
                    assertThat(evaluation.at("/existing/latencyMillis/p50").isNumber())
                            .isTrue();
                });
            });

            HttpResponse<String> aborted = post(
                    console, "", "application/json", "{\"verb\":\"abort\",\"actor\":\"ann\",\"reason\":\"enough\"}");
            assertThat(aborted.statusCode()).as(aborted.body()).isEqualTo(200);
            HttpResponse<String> again = post(console, "", "application/json", "{\"verb\":\"abort\"}");
            assertThat(again.statusCode()).isEqualTo(409);
            assertThat(JSON.readTree(again.body()).get("detail").asText()).contains("already ABORTED");

            assertWebhooks(receiver, rollout);
            assertMetricsMatchCatalogueAlertsAndDashboard(monitoring, console);
            assertAnotherConsoleShowsTheSameEvents(installation, rollout);
        }
    }

    private void awaitReady(String console) {
        await().atMost(TIMEOUT)
                .untilAsserted(() ->
                        assertThat(get(console, "ready").get("status").asText()).isEqualTo("up"));
    }

    private JsonNode get(String base, String path) throws Exception {
        return JSON.readTree(text(base, path));
    }

    private String text(String base, String path) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(base + path)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private HttpResponse<String> post(String console, String query, String type, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(console + "api/deployments/sums/commands" + query))
                        .header("Authorization", "Bearer " + TOKEN)
                        .header("Content-Type", type)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /**
     * Checks that events arrive in order, once and signed, although one attempt fails and one webhook rejects
     * everything.
     */
    private static void assertWebhooks(Receiver receiver, String rollout) throws Exception {
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(receiver.accepted("/cloud"))
                        .anySatisfy(call -> assertThat(call.body()).contains("io.understudy.rollout.rejected")));
        List<Call> calls = receiver.accepted("/cloud");
        assertThat(calls)
                .extracting(call -> JSON.readTree(call.body()).get("type").asText())
                .startsWith("io.understudy.rollout.deployed", "io.understudy.rollout.started")
                .contains("io.understudy.rollout.advanced", "io.understudy.rollout.aborted")
                .endsWith("io.understudy.rollout.rejected");
        assertThat(calls).extracting(Call::id).doesNotHaveDuplicates();
        JsonNode started = JSON.readTree(calls.get(1).body());
        assertThat(started.get("specversion").asText()).isEqualTo("1.0");
        assertThat(started.get("subject").asText()).isEqualTo(rollout);
        assertThat(started.at("/data/actor").asText()).isEqualTo("ann");
        for (Call call : calls) {
            assertThat(call.signature()).isEqualTo(signature(call));
        }
        await().atMost(TIMEOUT).until(() -> receiver.accepted("/slack").size() == calls.size());
        assertThat(JSON.readTree(receiver.accepted("/slack").get(1).body())
                        .at("/blocks/0/text/text")
                        .asText())
                .isEqualTo("sums: STARTED rollout " + rollout + " in stage 0 by ann (OPERATOR_COMMAND)\ntry");
        assertThat(receiver.attempts("/slack"))
                .as("the first attempt was rejected temporarily")
                .isGreaterThan(calls.size());
        assertThat(receiver.attempts("/gone"))
                .as("no second attempt after a permanent rejection")
                .isEqualTo(calls.size());
    }

    /** Computes the signature as a receiver does, from the specification alone. */
    private static String signature(Call call) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        byte[] signed = (call.id() + "." + call.timestamp() + "." + call.body()).getBytes(StandardCharsets.UTF_8);
        return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed));
    }

    private void assertMetricsMatchCatalogueAlertsAndDashboard(String monitoring, String console) throws Exception {
        await().atMost(TIMEOUT)
                .untilAsserted(() ->
                        assertThat(text(monitoring, "metrics")).contains("understudy_lag{", "status=\"ABORTED\""));
        Set<String> live = names(text(monitoring, "metrics"));
        assertThat(names(text(console, "metrics"))).contains("understudy_lag");
        Map<String, Metric> catalogue =
                Arrays.stream(Metric.values()).collect(Collectors.toMap(Metric::prometheusName, metric -> metric));
        assertThat(live.stream().filter(name -> name.startsWith("understudy_")))
                .as("every meter is in the catalogue")
                .allMatch(name -> catalogue.keySet().stream().anyMatch(metric -> isSeriesOf(name, metric)));
        assertThat(live)
                .contains(
                        "understudy_requests_routed_total",
                        "understudy_predictions_total",
                        "understudy_scorer_batch_duration_seconds_bucket",
                        "understudy_scorer_batch_size_bucket",
                        "understudy_evaluator_windows_closed_total",
                        "understudy_evaluator_window_delay_seconds_bucket",
                        "understudy_evaluator_joins_matched_total",
                        "understudy_evaluator_joins_pending",
                        "understudy_commands_accepted_total",
                        "understudy_commands_rejected_total",
                        "understudy_rollout_share",
                        "understudy_rollout_stage",
                        "understudy_rollout_status",
                        "understudy_rollout_evaluated_timestamp_seconds",
                        "understudy_evidence",
                        "understudy_evidence_threshold",
                        "understudy_notifications_delivered_total",
                        "understudy_notifications_given_up_total",
                        "understudy_role_running",
                        "understudy_console_refused_total",
                        "kafka_stream_alive_stream_threads",
                        "kafka_consumer_fetch_manager_records_lag_max",
                        "jvm_memory_used_bytes");
        for (String file : List.of("../docs/alerts.yml", "../deploy/grafana/understudy.json")) {
            Set<String> used = new TreeSet<>();
            Matcher matcher = METRIC.matcher(Files.readString(Path.of(file)));
            while (matcher.find()) {
                used.add(matcher.group());
            }
            assertThat(used).as(file).hasSizeGreaterThan(5);
            // A counter of faults does not exist before the first fault.
            assertThat(used)
                    .as(file)
                    .allMatch(name -> live.contains(name)
                            || catalogue.containsKey(name)
                                    && catalogue.get(name).kind() == Metric.Kind.COUNTER);
        }
    }

    private static boolean isSeriesOf(String name, String metric) {
        return name.equals(metric)
                || Stream.of("_bucket", "_count", "_sum", "_max").anyMatch(suffix -> name.equals(metric + suffix));
    }

    private static Set<String> names(String exposition) {
        return exposition
                .lines()
                .filter(line -> !line.startsWith("#") && !line.isBlank())
                .map(line -> line.split("[{ ]", 2)[0])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void assertAnotherConsoleShowsTheSameEvents(Installation installation, String rollout) {
        Node other = installation.startNode("console");
        String console = other.consoleAddress().orElseThrow();
        await().atMost(TIMEOUT).untilAsserted(() -> {
            JsonNode events =
                    get(console, "api/rollouts/" + rollout + "/events").path("events");
            assertThat(events)
                    .extracting(event -> event.get("type").asText())
                    .contains("STARTED", "ADVANCED", "ABORTED");
        });
        assertThat(other.health()).allMatch(check -> check.passes());
    }

    /**
     * A call of a webhook.
     *
     * @param id header webhook-id
     * @param timestamp header webhook-timestamp
     * @param signature header webhook-signature
     */
    private record Call(String path, String id, String timestamp, String signature, String body) {}

    /** Receives webhook calls. Rejects the first call to /slack, and all calls to /gone. */
    private static final class Receiver implements AutoCloseable {

        private final HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        private final List<Call> accepted = new CopyOnWriteArrayList<>();
        private final Map<String, AtomicInteger> attempts =
                Map.of("/slack", new AtomicInteger(), "/cloud", new AtomicInteger(), "/gone", new AtomicInteger());

        Receiver() throws IOException {
            server.createContext("/", this::receive);
            server.start();
        }

        private void receive(HttpExchange exchange) throws IOException {
            String path = exchange.getRequestURI().getPath();
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            int attempt = attempts.get(path).incrementAndGet();
            int status = path.equals("/gone") ? 410 : path.equals("/slack") && attempt == 1 ? 503 : 204;
            if (status == 204) {
                accepted.add(new Call(
                        path,
                        exchange.getRequestHeaders().getFirst("webhook-id"),
                        exchange.getRequestHeaders().getFirst("webhook-timestamp"),
                        exchange.getRequestHeaders().getFirst("webhook-signature"),
                        body));
            }
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        }

        String url(String path) {
            return "http://127.0.0.1:" + server.getAddress().getPort() + path;
        }

        List<Call> accepted(String path) {
            return accepted.stream().filter(call -> call.path().equals(path)).toList();
        }

        int attempts(String path) {
            return attempts.get(path).get();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
