package io.understudy.notification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.understudy.notification.WebhookClient.Answer;
import io.understudy.outbound.AllowedHosts;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebhookClientTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final RolloutEvent EVENT = event("SAMPLE_RATIO_MISMATCH");

    private static RolloutEvent event(String code) {
        return RolloutEvent.newBuilder()
                .setDeployment("sums")
                .setType(RolloutEventType.ABORTED)
                .setActor("@channel <ann>")
                .setReason("*bold* @all")
                .setCode(code)
                .setStateVersion(3)
                .setAt(Instant.EPOCH)
                .build();
    }

    private static Answer offer(URI url, Duration patience) throws InterruptedException {
        return new WebhookClient(
                        new Webhook(Format.SLACK, url),
                        Optional.empty(),
                        new AllowedHosts(List.of("localhost")),
                        InstantSource.system(),
                        patience)
                .offer(EVENT, "id");
    }

    @ParameterizedTest
    @CsvSource({
        "200, TAKEN",
        "204, TAKEN",
        "301, REFUSED",
        "400, REFUSED",
        "408, NOT_NOW",
        "410, REFUSED",
        "425, NOT_NOW",
        "429, NOT_NOW",
        "500, NOT_NOW",
        "503, NOT_NOW"
    })
    void knowsWhatIsWorthAnotherOffer(int status, Answer answer) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.start();
        try {
            assertThat(offer(
                            URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/"), PATIENCE))
                    .isEqualTo(answer);
        } finally {
            server.stop(0);
        }
    }

    /** The timeout of a request of the JDK's client ends with the headers. */
    @Test
    @Timeout(20)
    void waitsForNobodyWhoBeginsToAnswerAndStops() throws Exception {
        try (ServerSocket stalling = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> beginToAnswer(stalling));
            server.setDaemon(true);
            server.start();
            assertThat(offer(URI.create("http://127.0.0.1:" + stalling.getLocalPort() + "/"), Duration.ofMillis(500)))
                    .isEqualTo(Answer.NOT_NOW);
        }
    }

    private static void beginToAnswer(ServerSocket stalling) {
        try {
            Socket socket = stalling.accept();
            socket.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".getBytes(UTF_8));
        } catch (IOException e) {
            // The test is over.
        }
    }

    @Test
    void saysTheCodeInTheNotificationAndInTheMessage() {
        JsonNode slack = Format.SLACK.document(EVENT, "id");

        assertThat(slack.get("text").textValue()).endsWith(" (SAMPLE_RATIO_MISMATCH)");
        assertThat(slack.at("/blocks/0/text/text").textValue()).contains(" (SAMPLE_RATIO_MISMATCH)\n");
        assertThat(Format.SLACK.document(event(null), "id").get("text").textValue())
                .endsWith("&gt;");
    }

    @Test
    void callsNobodyByWhatSomebodyWrote() {
        String slack = Format.SLACK.document(EVENT, "id").toString();
        assertThat(slack).doesNotContain("@channel", "@all").contains("plain_text", "*bold*");
    }
}
