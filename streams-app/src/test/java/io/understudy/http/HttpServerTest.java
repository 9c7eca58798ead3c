package io.understudy.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.embedded.SelfSignedCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpServerTest {

    private static final HttpServer.Limits LIMITS = new HttpServer.Limits(0, Duration.ofMillis(500));

    private static final int PATIENCE_MS = 10_000;

    private HttpServer server;

    @BeforeEach
    void start() {
        server = HttpServer.start("console.port", "127.0.0.1", 0, LIMITS, Optional.empty(), config -> {
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
            assertThatThrownBy(() -> HttpServer.start(
                            "monitoring.port",
                            "127.0.0.1",
                            taken.getLocalPort(),
                            LIMITS,
                            Optional.empty(),
                            config -> {}))
                    .isInstanceOf(PortInUseException.class)
                    .hasMessageStartingWith("monitoring.port: cannot listen on port " + taken.getLocalPort());
        }
    }

    @Test
    void servesHttpsWithACertificateFromPemFiles(@TempDir Path directory) throws Exception {
        SelfSignedCertificate files = SelfSignedCertificate.create(directory);
        Optional<TlsFiles> tls = Optional.of(new TlsFiles(files.certificate(), files.key()));
        try (HttpServer secure = HttpServer.start("console.port", "127.0.0.1", 0, LIMITS, tls, config -> {
            config.routes.get("/", context -> context.result(context.scheme()));
        })) {
            HttpClient client = HttpClient.newBuilder()
                    .sslContext(trusting(files.certificate()))
                    .build();
            String address = "127.0.0.1:" + secure.port() + "/";

            assertThat(client.send(
                                    HttpRequest.newBuilder(URI.create("https://" + address))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body())
                    .isEqualTo("https");
            HttpRequest plain =
                    HttpRequest.newBuilder(URI.create("http://" + address)).build();
            assertThatThrownBy(() -> client.send(plain, HttpResponse.BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
        }
    }

    private static SSLContext trusting(Path certificate) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(certificate)) {
            trusted.setCertificateEntry(
                    "test", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    @Test
    void saysWhatIsWrongWithPemFiles(@TempDir Path directory) throws Exception {
        SelfSignedCertificate files = SelfSignedCertificate.create(directory);
        Path old = Files.writeString(
                directory.resolve("old.pem"), "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");

        assertThatThrownBy(() -> new TlsFiles(files.key(), files.key()))
                .hasMessageContaining("key.pem'")
                .hasMessageContaining("certificate in the PEM format");
        assertThatThrownBy(() -> new TlsFiles(files.certificate(), files.certificate()))
                .hasMessageEndingWith("certificate.pem' contains no private key in the PEM format");
        assertThatThrownBy(() -> new TlsFiles(files.certificate(), old))
                .hasMessageContaining("RSA PRIVATE KEY; it must be PKCS #8 without a password")
                .hasMessageContaining("openssl pkcs8");
        assertThatThrownBy(() -> new TlsFiles(directory.resolve("gone"), old)).hasMessageContaining("cannot be read");
    }
}
