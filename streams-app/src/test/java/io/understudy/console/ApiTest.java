package io.understudy.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.oas.OpenApi31;
import io.understudy.http.HttpServer;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutCommand;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutVerb;
import io.understudy.schema.Verdict;
import io.understudy.testing.States;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiTest {

    private static final String TOKEN = ConsoleFixture.TOKEN;
    private static final JsonMapper JSON = new JsonMapper();
    private static final Instant NOW = ConsoleFixture.NOW;
    private static final int STREAM_CLIENTS = 2;
    private static final String COMMANDS = "/api/deployments/sums/commands";

    private final HttpClient http = HttpClient.newHttpClient();
    private ConsoleFixture console;

    @BeforeEach
    void start() {
        start(true);
    }

    private void start(boolean loopback) {
        console = new ConsoleFixture(0, loopback, STREAM_CLIENTS, InstantSource.system());
        console.view.caughtUp();
        console.view.contact();
        console.view.state(States.serving(50_000));
        console.view.event(started());
        console.view.evaluation(evaluation(NOW, Verdict.CONTINUE));
    }

    @AfterEach
    void stop() {
        console.close();
    }

    private static RolloutEvent started() {
        RolloutState state = States.serving(50_000);
        return RolloutEvent.newBuilder()
                .setDeployment("sums")
                .setType(RolloutEventType.STARTED)
                .setActor("<script>alert(1)</script>")
                .setReason("a \"reason\" & more")
                .setCommandId("c-1")
                .setVerb(RolloutVerb.START)
                .setRollout("sums-v2-2")
                .setStage(0)
                .setStateVersion(2)
                .setState(state)
                .setAt(NOW)
                .build();
    }

    static RolloutEvaluation evaluation(Instant windowEnd, Verdict verdict) {
        return RolloutEvaluation.newBuilder()
                .setDeployment("sums")
                .setRollout("sums-v2-2")
                .setStage(0)
                .setEpoch(1)
                .setStateVersion(2)
                .setWindowStart(windowEnd.minusSeconds(10))
                .setWindowEnd(windowEnd)
                .setVerdict(verdict)
                .setReason("not shown yet")
                .setAt(windowEnd)
                .build();
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + console.port() + path));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(to(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String type, String body, String... headers) throws Exception {
        HttpRequest.Builder request = to(path).header("Content-Type", type)
                .header("Authorization", "Bearer " + TOKEN)
                .POST(HttpRequest.BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode openApi() throws IOException {
        try (InputStream in = Api.class.getResourceAsStream("openapi.json")) {
            return JSON.readTree(in);
        }
    }

    /** The body's faults by what the document says of this path and status. */
    private static Set<String> faults(String path, String method, HttpResponse<String> response) throws IOException {
        JsonNode document = openApi();
        JsonNode content = document.at("/paths/" + path.replace("/", "~1") + "/" + method + "/responses/"
                + response.statusCode() + "/content");
        String type = response.headers().firstValue("Content-Type").orElse("").split(";", 2)[0];
        assertThat(content.has(type))
                .as("%s %s answers %s with %s", method, path, response.statusCode(), type)
                .isTrue();
        ((ObjectNode) document)
                .put("$ref", content.get(type).get("schema").get("$ref").asText());
        JsonSchema schema =
                JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(document);
        Set<String> faults = new TreeSet<>();
        schema.validate(JSON.readTree(response.body())).forEach(fault -> faults.add(fault.getMessage()));
        return faults;
    }

    @Test
    void theDocumentIsOpenApi31() throws IOException {
        JsonSchemaFactory factory = JsonSchemaFactory.getInstance(
                SpecVersion.VersionFlag.V202012,
                builder -> builder.metaSchema(OpenApi31.getInstance())
                        .schemaMappers(mappers -> mappers.mapPrefix(
                                "https://spec.openapis.org/oas/3.1/", "classpath:spec.openapis.org/oas/3.1/")));
        JsonSchema schema =
                factory.getSchema(SchemaLocation.of("https://spec.openapis.org/oas/3.1/schema-base/2022-10-07"));
        assertThat(schema.validate(openApi())).isEmpty();
        List<String> dangling = new ArrayList<>();
        openApi().findValuesAsText("$ref").forEach(reference -> {
            try {
                if (openApi().at(reference.substring(1)).isMissingNode()) {
                    dangling.add(reference);
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(dangling).isEmpty();
    }

    @Test
    void theDocumentDescribesEveryRouteAndNoOther() throws Exception {
        Set<String> described = new TreeSet<>();
        openApi()
                .get("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .fieldNames()
                        .forEachRemaining(
                                method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        assertThat(new TreeSet<>(console.routes)).isEqualTo(described);
        assertThat(JSON.readTree(get("/api/openapi.json").body())).isEqualTo(openApi());
    }

    @ParameterizedTest
    @CsvSource({
        "/api/deployments, /api/deployments, 200",
        "/api/deployments/sums, /api/deployments/{deployment}, 200",
        "/api/deployments/nope, /api/deployments/{deployment}, 404",
        "/api/rollouts/sums-v2-2, /api/rollouts/{rollout}, 200",
        "/api/rollouts/nope, /api/rollouts/{rollout}, 404",
        "/api/rollouts/sums-v2-2/evaluations, /api/rollouts/{rollout}/evaluations, 200",
        "/api/rollouts/sums-v2-2/evaluations?since=yesterday, /api/rollouts/{rollout}/evaluations, 400",
        "/api/rollouts/sums-v2-2/events, /api/rollouts/{rollout}/events, 200",
        "/health, /health, 200",
        "/ready, /ready, 503"
    })
    void answersAsTheDocumentSays(String request, String path, int status) throws Exception {
        HttpResponse<String> response = get(request);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(faults(path, "get", response)).isEmpty();
    }

    @Test
    void tellsEvaluationsSinceATime() throws Exception {
        console.view.evaluation(evaluation(NOW.plusSeconds(10), Verdict.PASS));
        JsonNode since = JSON.readTree(
                get("/api/rollouts/sums-v2-2/evaluations?since=" + NOW).body());
        assertThat(since.get("evaluations")).hasSize(1);
        assertThat(since.at("/evaluations/0/verdict").asText()).isEqualTo("PASS");
        assertThat(since.get("stale").asBoolean()).isFalse();
    }

    @Test
    void sendsACommandAndTellsTheEventThatAnswersIt() throws Exception {
        HttpResponse<String> response = post(
                COMMANDS,
                "application/json",
                "{\"verb\":\"pause\",\"actor\":\"ann\",\"reason\":\"<b>look</b>\",\"expectedVersion\":2,\"id\":\"c-7\"}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(faults("/api/deployments/{deployment}/commands", "post", response))
                .isEmpty();
        assertThat(console.commands).singleElement().satisfies(command -> {
            assertThat(command.getVerb()).isEqualTo(RolloutVerb.PAUSE);
            assertThat(command.getActor()).isEqualTo("ann");
            assertThat(command.getReason()).isEqualTo("<b>look</b>");
            assertThat(command.getExpectedVersion()).isEqualTo(2);
        });

        assertThat(post(COMMANDS, "application/json", "{\"verb\":\"pause\",\"id\":\"c-7\"}")
                        .body())
                .as("repeated, it is answered as before and not sent again")
                .isEqualTo(response.body());
        assertThat(console.commands).hasSize(1);
    }

    @Test
    void takesYamlAndARolloutAsADocumentAsTextOrAlone() throws Exception {
        post(COMMANDS, "application/yaml", "verb: advance\nreason: seen enough\n");
        post(COMMANDS, "application/yaml", "verb: back\nstage: 0\n");
        post(COMMANDS, "application/json", "{\"verb\":\"start\",\"spec\":{\"deployment\":\"sums\",\"salt\":\"s\"}}");
        post(COMMANDS, "application/json", "{\"verb\":\"start\",\"spec\":\"deployment: sums\"}");
        post(COMMANDS + "?verb=start&actor=bob&reason=why", "application/yaml", "deployment: sums # as written\n");
        assertThat(console.commands).hasSize(4);
        assertThat(console.commands.get(0).getVerb()).isEqualTo(RolloutVerb.ADVANCE);
        assertThat(console.commands.get(1).getSpec()).contains("deployment: \"sums\"", "salt: \"s\"");
        assertThat(console.commands.get(2).getSpec()).isEqualTo("deployment: sums");
        assertThat(console.commands.get(3).getSpec()).isEqualTo("deployment: sums # as written\n");
        assertThat(console.commands.get(3).getActor()).isEqualTo("bob");
    }

    @Test
    void tellsWhyACommandWasRejected() throws Exception {
        console.controller =
                command -> RolloutEvent.newBuilder(ConsoleFixture.event(command, RolloutEventType.REJECTED))
                        .setReason("rollout sums-v2-2 is already ABORTED")
                        .build();
        HttpResponse<String> response = post(COMMANDS, "application/json", "{\"verb\":\"promote\"}");
        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(faults("/api/deployments/{deployment}/commands", "post", response))
                .isEmpty();
        assertThat(JSON.readTree(response.body()).get("detail").asText())
                .isEqualTo("rollout sums-v2-2 is already ABORTED");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json | {\"verb\":          | 400 | not valid JSON at line 1",
                "application/json | {\"verb\":\"pause\"} {} | 400 | a second JSON document begins at line 1",
                "application/json | {\"verb\":\"pause\",\"verb\":\"abort\"} | 400 | Duplicate field 'verb'",
                "application/yaml | 'verb: [pause'       | 400 | not valid YAML at line 1",
                "application/json | []                   | 400 | must be a mapping with the fields verb, actor",
                "application/json | {\"verb\":\"pause\",\"resaon\":\"x\"} | 400 | resaon: unknown field; allowed: actor, expectedVersion",
                "application/json | {\"verb\":\"explode\"} | 400 | verb: 'explode' is unknown; allowed: deploy, start",
                "application/json | {}                   | 400 | verb: is missing",
                "application/json | {\"verb\":\"start\"} | 400 | spec: is missing",
                "application/json | {\"verb\":\"pause\",\"stage\":1} | 400 | stage: only advance and back go to a stage",
                "application/json | {\"verb\":\"pause\",\"expectedVersion\":\"two\"} | 400 | expectedVersion: 'two' is not a whole number",
                "application/json | {\"verb\":\"back\",\"stage\":5} | 409 | stage 5 is not before the current stage, 0",
                "text/plain       | {\"verb\":\"pause\"} | 415 | Content-Type is 'text/plain'; it must be application/json",
                "application/x-www-form-urlencoded | verb=pause | 415 | it must be application/json or application/yaml"
            })
    void refusesWhatIsNoCommandAndSaysWhatIsAllowed(String type, String body, int status, String why) throws Exception {
        HttpResponse<String> response = post(COMMANDS, type, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(faults("/api/deployments/{deployment}/commands", "post", response))
                .isEmpty();
        assertThat(JSON.readTree(response.body()).get("detail").asText()).contains(why);
        assertThat(console.commands).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Basic YTpi", "Bearer", "Bearer wrong", "Bearer a-token-for-tests-onlx"})
    void refusesACommandWithoutTheToken(String authorization) throws Exception {
        HttpRequest.Builder request = to(COMMANDS)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"verb\":\"abort\"}"));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.headers().firstValue("WWW-Authenticate")).isPresent();
        assertThat(faults("/api/deployments/{deployment}/commands", "post", response))
                .isEmpty();
        assertThat(console.commands).isEmpty();
    }

    @Test
    void looksAtNoMoreTokensOfAnAddressThatGuesses() throws Exception {
        String body = "{\"verb\": \"pause\"}";
        for (int i = 0; i < GuessLimit.PER_ADDRESS; i++) {
            assertThat(post(COMMANDS, "application/json", body, "Authorization", "Bearer guess-" + i)
                            .statusCode())
                    .isEqualTo(401);
        }

        HttpResponse<String> refused = post(COMMANDS, "application/json", body);

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValueAsLong("Retry-After").orElseThrow())
                .isBetween(1L, 61L);
        assertThat(refused.body()).contains("not even the right one");
        assertThat(faults("/api/deployments/{deployment}/commands", "post", refused))
                .isEmpty();
        assertThat(console.commands).isEmpty();
        assertThat(console.meters
                        .get("understudy.console.wrong.tokens")
                        .counter()
                        .count())
                .isEqualTo(GuessLimit.PER_ADDRESS);
        assertThat(get("/api/deployments").statusCode()).isEqualTo(200);
    }

    @Test
    void takesTheWordOfATrustedProxyForWhereARequestComesFrom() throws Exception {
        console.close();
        console = new ConsoleFixture(0, true, STREAM_CLIENTS, InstantSource.system(), List.of("127.0.0.0/8"));
        console.view.caughtUp();
        console.view.contact();
        console.view.state(States.serving(50_000));
        String body = "{\"verb\": \"pause\"}";
        for (int i = 0; i < GuessLimit.PER_ADDRESS; i++) {
            post(COMMANDS, "application/json", body, "Authorization", "Bearer x", "X-Forwarded-For", "203.0.113.9");
        }

        assertThat(post(COMMANDS, "application/json", body, "X-Forwarded-For", "203.0.113.9")
                        .statusCode())
                .isEqualTo(429);
        assertThat(post(COMMANDS, "application/json", body, "X-Forwarded-For", "203.0.113.9, 203.0.113.10")
                        .statusCode())
                .as("only the proxy's own entry counts, not what the client wrote before it")
                .isEqualTo(200);
        assertThat(postThroughProxy("https://understudy.example")).isEqualTo(200);
        assertThat(postThroughProxy("http://understudy.example")).isEqualTo(403);
        assertThat(postThroughProxy("https://evil.example")).isEqualTo(403);
    }

    private int postThroughProxy(String origin) throws Exception {
        return post(
                        COMMANDS,
                        "application/json",
                        "{\"verb\": \"pause\"}",
                        "Origin",
                        origin,
                        "X-Forwarded-For",
                        "203.0.113.10",
                        "X-Forwarded-Proto",
                        "https",
                        "X-Forwarded-Host",
                        "understudy.example")
                .statusCode();
    }

    @Test
    void believesNoForwardedHeaderOfAnybodyElse() throws Exception {
        assertThat(postThroughProxy("https://understudy.example")).isEqualTo(403);
    }

    @Test
    void refusesAPageOfAForeignOrigin() throws Exception {
        String body = "{\"verb\":\"abort\"}";
        assertThat(post(COMMANDS, "application/json", body, "Origin", "https://evil.example")
                        .statusCode())
                .isEqualTo(403);
        assertThat(post(COMMANDS, "application/json", body, "Origin", "null").statusCode())
                .isEqualTo(403);
        assertThat(post(COMMANDS, "application/json", body, "Sec-Fetch-Site", "cross-site")
                        .statusCode())
                .isEqualTo(403);
        assertThat(console.commands).isEmpty();
        assertThat(post(COMMANDS, "application/json", body, "Origin", "http://127.0.0.1:" + console.port())
                        .statusCode())
                .as("its own page may")
                .isEqualTo(200);
        HttpResponse<String> look = http.send(
                to("/api/deployments").header("Origin", "https://evil.example").build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(look.statusCode()).isEqualTo(403);
        assertThat(look.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    }

    @Test
    void isNoHostOfAForeignName() throws Exception {
        assertThat(raw("GET /api/deployments HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 403 ")
                .contains("use localhost or 127.0.0.1 as the host name");
    }

    @Test
    void whereOthersCanReachItLookingNeedsTheTokenToo() throws Exception {
        stop();
        start(false);
        assertThat(get("/api/deployments").statusCode()).isEqualTo(401);
        assertThat(get("/metrics").statusCode()).isEqualTo(401);
        assertThat(get("/api/stream").statusCode()).isEqualTo(401);
        assertThat(get("/health").statusCode()).isEqualTo(200);
        assertThat(http.send(
                                to("/api/deployments")
                                        .header("Authorization", "Bearer " + TOKEN)
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void refusesABodyThatIsTooLarge() throws Exception {
        HttpResponse<String> response = post(COMMANDS, "application/json", " ".repeat(HttpServer.MAX_BODY_BYTES + 1));
        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(faults("/api/deployments/{deployment}/commands", "post", response))
                .isEmpty();
        String chunked = "POST " + COMMANDS + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + TOKEN
                + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                + "80000\r\n" + " ".repeat(0x80000) + "\r\n0\r\n\r\n";
        assertThat(raw(chunked)).startsWith("HTTP/1.1 413 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../../../../etc/passwd",
                "/..%2f..%2f..%2fetc/passwd",
                "/%2e%2e/%2e%2e/logback.xml",
                "/webjars/../logback.xml",
                "/..;/logback.xml",
                "/index.html%00.txt",
                "/api/deployments/%2e%2e%2fsums",
                "//logback.xml",
                "/webjars/../../io/understudy/console/openapi.json"
            })
    void findsNothingByPathTricks(String path) throws Exception {
        String response = raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(response).matches("(?s)HTTP/1.1 40[04] .*").contains("application/problem+json");
        assertThat(response).doesNotContain("root:", "<configuration", "Jetty", "operationId", "\tat ");
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", console.port())) {
            socket.setSoTimeout(10_000);
            try {
                socket.getOutputStream().write(request.getBytes(UTF_8));
            } catch (IOException e) {
                // Refused before all of it was sent; the answer is there to be read all the same.
            }
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    @Test
    void tellsAClientWhatComesAndAnotherPastTheLimitThatThereIsNoPlace() throws Exception {
        List<Stream> clients = new ArrayList<>();
        for (int i = 0; i < STREAM_CLIENTS; i++) {
            clients.add(new Stream());
        }
        Awaitility.await().until(() -> console.stream.clients() == STREAM_CLIENTS);
        for (int i = 0; i < 50; i++) {
            HttpResponse<String> refused = get("/api/stream");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(faults("/api/stream", "get", refused)).isEmpty();
        }
        console.view.evaluation(evaluation(NOW.plusSeconds(20), Verdict.HOLD));
        console.view.event(started());
        for (Stream client : clients) {
            assertThat(client.until("event: event")).contains("event: heartbeat", "event: evaluation", "\"HOLD\"");
            client.close();
        }
        Awaitility.await("places that are free again").until(() -> console.stream.clients() == 0);
        try (Stream again = new Stream()) {
            assertThat(again.until("heartbeat")).contains("\"stale\":false");
        }
    }

    @Test
    void letsAClientGoThatDoesNotKeepUp() throws Exception {
        try (Stream slow = new Stream()) {
            Awaitility.await().until(() -> console.stream.clients() == 1);
            RolloutEvent large = RolloutEvent.newBuilder(started())
                    .setReason("x".repeat(4000))
                    .build();
            for (int i = 0; i < 20_000; i++) {
                console.view.event(large);
            }
            Awaitility.await("that reads nothing and is still connected")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> console.stream.clients() == 0);
        }
    }

    @Test
    void tellsNothingFromHalfAMemory() throws Exception {
        stop();
        console = new ConsoleFixture(0, true, STREAM_CLIENTS, InstantSource.system());
        HttpResponse<String> early = get("/api/deployments");
        assertThat(early.statusCode()).isEqualTo(503);
        assertThat(early.headers().firstValue("Retry-After")).isPresent();
        assertThat(faults("/api/deployments", "get", early)).isEmpty();
        assertThat(get("/api/rollouts/sums-v2-2").statusCode()).isEqualTo(503);
        assertThat(post(COMMANDS, "application/json", "{\"verb\":\"back\"}").statusCode())
                .isEqualTo(503);
        assertThat(get("/health").statusCode()).isEqualTo(200);
    }

    @Test
    void keepsCommandsOfManyClientsApart() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(8);
        List<Callable<String>> calls = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            String id = "many-" + i;
            String body = "{\"verb\":\"pause\",\"id\":\"" + id + "\",\"reason\":\"" + "r".repeat(i + 1) + "\"}";
            calls.add(
                    () -> JSON.readTree(post(COMMANDS, "application/json", body).body())
                            .path("commandId")
                            .asText());
        }
        List<String> answered = new ArrayList<>();
        for (Future<String> answer : clients.invokeAll(calls)) {
            answered.add(answer.get());
        }
        clients.shutdown();
        List<String> ids = IntStream.range(0, 400).mapToObj(i -> "many-" + i).toList();
        assertThat(answered).isEqualTo(ids);
        assertThat(console.commands).extracting(RolloutCommand::getId).containsExactlyInAnyOrderElementsOf(ids);
        assertThat(console.commands)
                .allMatch(command ->
                        command.getId().equals("many-" + (command.getReason().length() - 1)));
    }

    /** A client of the stream. */
    private final class Stream implements AutoCloseable {
        private final Socket socket = new Socket("127.0.0.1", console.port());
        private final StringBuilder heard = new StringBuilder();

        Stream() throws IOException {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
        }

        String until(String text) throws IOException {
            byte[] buffer = new byte[4096];
            while (heard.indexOf(text) < 0) {
                int count = socket.getInputStream().read(buffer);
                assertThat(count)
                        .as("the stream ended before '%s': %s", text, heard)
                        .isPositive();
                heard.append(new String(buffer, 0, count, UTF_8));
            }
            return heard.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void aRolloutThatIsOverCanStillBeLookedAt() throws Exception {
        console.view.state(RolloutState.newBuilder(States.serving(50_000))
                .setVersion(9)
                .setRollout(Rollout.newBuilder(States.serving(50_000).getRollout())
                        .setId("sums-v3-9")
                        .build())
                .build());
        assertThat(JSON.readTree(get("/api/deployments/sums").body()).get("rollouts"))
                .hasToString("[\"sums-v3-9\",\"sums-v2-2\"]");
        assertThat(get("/api/rollouts/sums-v2-2").statusCode()).isEqualTo(200);
    }
}
