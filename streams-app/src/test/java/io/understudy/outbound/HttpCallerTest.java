package io.understudy.outbound;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.understudy.testing.UnfinishedServer;
import io.understudy.testing.UnfinishedServer.Fault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class HttpCallerTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private final HttpCaller caller =
            new HttpCaller("test", new AllowedHosts(List.of("localhost")), Duration.ofSeconds(2));

    @AfterEach
    void close() {
        caller.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"SILENCE", "HALF_A_BODY", "DRIP"})
    void aCallEndsAtItsDeadlineAndItsConnectionIsClosed(Fault fault) throws Exception {
        try (UnfinishedServer server = new UnfinishedServer(fault)) {
            var call = caller.post(server.url(), "application/json", new byte[3], Duration.ofMillis(150), 100_000);
            assertThatThrownBy(call::get).hasCauseInstanceOf(TimeoutException.class);
            assertThat(server.awaitClosedByClient()).isTrue();
            assertThat(server.open()).isZero();
        }
    }

    @Test
    void anAnswerThatIsTooLongEndsTheCall() throws Exception {
        try (UnfinishedServer server = new UnfinishedServer(Fault.ENDLESS_BODY)) {
            assertThatThrownBy(() -> caller.get(server.url(), LONG, 10_000).get())
                    .hasCauseInstanceOf(AnswerTooLongException.class)
                    .hasMessageEndingWith("the answer has more than 10000 bytes");
            assertThat(server.awaitClosedByClient()).isTrue();
        }
    }

    @Test
    void headersThatDoNotEndAreNotCollected() throws Exception {
        try (UnfinishedServer server = new UnfinishedServer(Fault.ENDLESS_HEADERS)) {
            assertThatThrownBy(() -> caller.get(server.url(), LONG, 10_000).get())
                    .isNotNull();
            assertThat(server.awaitClosedByClient()).isTrue();
        }
    }

    @Test
    void cancellingClosesTheConnection() throws Exception {
        try (UnfinishedServer server = new UnfinishedServer(Fault.HALF_A_BODY)) {
            CompletableFuture<HttpCaller.Answer> call = caller.get(server.url(), LONG, 10_000);
            Awaitility.await().until(() -> server.open() == 1);
            call.cancel(true);
            assertThat(server.awaitClosedByClient()).isTrue();
        }
    }

    @Test
    void doesNotFollowRedirectionsAndDoesNotInflateAnswers() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/there", exchange -> respond(exchange, 200, "secret".getBytes(UTF_8)));
        server.createContext("/redirection", exchange -> {
            exchange.getResponseHeaders().add("Location", "/there");
            respond(exchange, 302, new byte[0]);
        });
        server.createContext("/bomb", exchange -> {
            exchange.getResponseHeaders().add("Content-Encoding", "gzip");
            var compressed = new ByteArrayOutputStream();
            try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
                out.write(new byte[1_000_000]);
            }
            respond(exchange, 200, compressed.toByteArray());
        });
        server.start();
        try {
            String base = "http://localhost:" + server.getAddress().getPort();
            assertThat(caller.get(URI.create(base + "/redirection"), LONG, 100)
                            .get()
                            .status())
                    .isEqualTo(302);
            assertThat(caller.get(URI.create(base + "/bomb"), LONG, 10_000)
                            .get()
                            .body())
                    .hasSizeLessThan(2000);
        } finally {
            server.stop(0);
        }
    }

    private static void respond(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Test
    void checksTheAddressesBeforeAConnectionIsMade() throws Exception {
        try (UnfinishedServer server = new UnfinishedServer(Fault.SILENCE);
                HttpCaller careful = new HttpCaller("careful", new AllowedHosts(List.of("*")), Duration.ofSeconds(2))) {
            for (String host : List.of("localhost", "127.0.0.1", "2130706433")) {
                URI url = URI.create("http://" + host + ":" + server.url().getPort() + "/");
                assertThatThrownBy(() -> careful.get(url, LONG, 100).get())
                        .hasCauseInstanceOf(HostRefusedException.class);
            }
            assertThat(server.connections()).isZero();
        }
    }
}
