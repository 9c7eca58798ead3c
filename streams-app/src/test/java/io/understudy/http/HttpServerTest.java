package io.understudy.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpServerTest {

    private static final int PATIENCE_MS = 10_000;

    private HttpServer server;

    @BeforeEach
    void start() {
        server = HttpServer.start("console.port", "127.0.0.1", 0, 0, Duration.ofMillis(500), config -> {
            config.routes.post("/echo", context -> context.result(context.body()));
            config.routes.get("/fault", context -> {
                throw new IllegalStateException("a secret of the inside");
            });
            MonitoringRoutes.add(config.routes, new Monitored() {
                @Override
                public List<Check> health() {
                    return List.of(new Check("router", false, "router stopped"));
                }

                @Override
                public List<Check> roles() {
                    return List.of(new Check("router", true, "RUNNING"));
                }

                @Override
                public List<Check> dependencies() {
                    return List.of(new Check("broker", true, "answers"));
                }

                @Override
                public String metrics() {
                    return "understudy_lag 1.0\n";
                }
            });
        });
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** All that the server says to a client that says no more than this. */
    private String say(String text) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(PATIENCE_MS);
            socket.getOutputStream().write(text.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GET /health HTTP/1.1\r\nHost: loc",
                "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf of it"
            })
    void endsAConnectionThatFallsSilentInTheMiddle(String beginning) throws IOException {
        assertThat(say(beginning)).doesNotContain(" 200 ");
    }

    @Test
    void tellsAClientThatIsTooSlowThatItIs() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream()
                    .write("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n".getBytes(UTF_8));
            InputStream answer = socket.getInputStream();
            // A byte now and then: never silent for long, and never done.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> {
                        if (answer.available() == 0) {
                            socket.getOutputStream().write('x');
                        }
                        return answer.available() > 0;
                    });
            assertThat(new String(answer.readNBytes(12), UTF_8)).isEqualTo("HTTP/1.1 408");
        }
    }

    @Test
    void tellsAFaultOfItsOwnWithoutTellingItsInside() throws IOException {
        assertThat(say("GET /fault HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 500 ")
                .contains("application/problem+json", "the log of the process says why")
                .doesNotContain("a secret of the inside", "Exception");
    }

    @Test
    void refusesHeadersThatAreTooLarge() throws IOException {
        assertThat(say("GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: " + "x".repeat(20_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431 ")
                .contains("application/problem+json");
    }

    @Test
    void tellsHealthReadinessAndMetrics() throws IOException {
        assertThat(say("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 503 ")
                .contains("\"status\":\"down\"", "router stopped");
        assertThat(say("GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
        assertThat(say("GET /ready?dependencies=false HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .contains("RUNNING")
                .doesNotContain("broker");
        assertThat(say("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .contains("text/plain", "understudy_lag 1.0");
    }

    @Test
    void tellsWhichSettingChoseAPortThatIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() ->
                            HttpServer.start("monitoring.port", "127.0.0.1", taken.getLocalPort(), 0, config -> {}))
                    .isInstanceOf(PortInUseException.class)
                    .hasMessageStartingWith("monitoring.port: cannot listen on port " + taken.getLocalPort());
        }
    }
}
