package io.understudy.scoring;

import static io.understudy.testing.InferenceServer.respond;
import static io.understudy.testing.InferenceServer.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.understudy.metrics.Meters;
import io.understudy.metrics.Metric;
import io.understudy.rollout.UnusableModelException;
import io.understudy.schema.Model;
import io.understudy.schema.PredictionStatus;
import io.understudy.schema.ScorerKind;
import io.understudy.testing.InferenceServer;
import io.understudy.testing.ModelLimits;
import io.understudy.testing.UnfinishedServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OpenInferenceModelTest {

    private static final int IN_FLIGHT = 4;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ModelLoader loader = new ModelLoader(
            ModelLimits.of(Path.of("."), Duration.ofSeconds(30), IN_FLIGHT),
            new ScoringMeters(new Meters(meters, "scorer")));
    private InferenceServer server;

    @BeforeEach
    void start() throws IOException {
        server = new InferenceServer();
    }

    @AfterEach
    void stop() {
        server.close();
        loader.close();
    }

    @Test
    void scoresEachRowInASeparateCallAndKeepsTheOrder() throws Exception {
        List<Map<String, Object>> rows = IntStream.range(0, 50)
                .<Map<String, Object>>mapToObj(i -> Map.of("x", (double) i, "y", 1.0))
                .toList();
        List<Answer> answers = connect(30_000).score(rows).join();
        assertThat(answers).extracting(Answer::status).containsOnly(PredictionStatus.OK);
        assertThat(answers)
                .extracting(Answer::score)
                .isEqualTo(IntStream.range(0, 50).mapToObj(i -> i + 1.0).toList());
        assertThat(server.calls()).isEqualTo(50);
    }

    @Test
    void limitsTheNumberOfConcurrentCalls() throws Exception {
        CountDownLatch full = new CountDownLatch(IN_FLIGHT);
        server.behave((exchange, body) -> {
            full.countDown();
            full.await(10, TimeUnit.SECONDS);
            respond(exchange, 200, sum(body));
        });
        List<Map<String, Object>> rows = IntStream.range(0, 20)
                .<Map<String, Object>>mapToObj(i -> Map.of("x", 1.0, "y", 1.0))
                .toList();
        assertThat(connect(30_000).score(rows).join())
                .extracting(Answer::status)
                .containsOnly(PredictionStatus.OK);
        assertThat(server.maxConcurrentCalls()).isEqualTo(IN_FLIGHT);
    }

    @Test
    void abandonsACallAtItsDeadline() throws Exception {
        LoadedModel model = connect(200);
        server.hang();
        Answer answer = answer(model);
        assertThat(answer.status()).isEqualTo(PredictionStatus.TIMEOUT);
        assertThat(answer.error()).endsWith("within 200 ms");
        assertThat(server.calls())
                .as("a call that may have been scored is not retried")
                .isEqualTo(1);
    }

    /** The timeout of a request often ends with the headers. */
    @Test
    void aBodyThatHangsHoldsItsPermitUntilTheDeadlineAndNoLonger() throws Exception {
        LoadedModel model = connect(300);
        server.behave((exchange, body) -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            server.awaitClosed();
        });
        List<Map<String, Object>> rows = IntStream.range(0, 3 * IN_FLIGHT)
                .<Map<String, Object>>mapToObj(i -> Map.of("x", 1.0, "y", 1.0))
                .toList();
        assertThat(model.score(rows).join()).extracting(Answer::status).containsOnly(PredictionStatus.TIMEOUT);
        assertThat(server.calls()).isEqualTo(3 * IN_FLIGHT);
        assertThat(failures("timeout")).isEqualTo(3 * IN_FLIGHT);
        server.behave((exchange, body) -> respond(exchange, 200, sum(body)));
        assertThat(answer(model).score()).isEqualTo(3.0);
    }

    @Test
    void doesNotReadAnAnswerThatIsTooLong() throws Exception {
        LoadedModel model = connect(30_000);
        server.behave((exchange, body) -> respond(exchange, 200, " ".repeat(ModelLimits.MAX_ANSWER_BYTES + 1)));
        assertThat(answer(model).error()).endsWith("the answer has more than 10000 bytes");
        assertThat(failures("answer-too-long")).isEqualTo(1);
    }

    @Test
    void inspectionEndsWhenTheServerDoesNotEndItsAnswer() throws Exception {
        try (UnfinishedServer endless = new UnfinishedServer(UnfinishedServer.Fault.ENDLESS_BODY)) {
            assertThat(fault(model("sum", endless.url().toString(), 1000)))
                    .endsWith("does not answer: the answer has more than 10000 bytes");
        }
    }

    @Test
    void inspectionRefusesAServerThatMayNotBeCalled() {
        assertThat(fault(model("sum", "http://169.254.169.254/", 1000)))
                .contains("the host '169.254.169.254' is a link-local address");
    }

    private double failures(String cause) {
        return meters.counter(Metric.INFERENCE_FAILURES.id(), "role", "scorer", "cause", cause)
                .count();
    }

    @Test
    void asksAServerThatHasStoppedAnsweringOneRequestAtATimeUntilItAnswers() throws Exception {
        LoadedModel model = connect(1000);
        server.hang();
        List<Map<String, Object>> rows = Collections.nCopies(50, Map.of("x", 1.0, "y", 1.0));
        assertThat(model.score(rows).join()).extracting(Answer::status).containsOnly(PredictionStatus.TIMEOUT);
        assertThat(server.calls())
                .as("those under way when it stopped answering, and at most one after a pause")
                .isBetween(IN_FLIGHT, IN_FLIGHT + 1);
        assertThat(model.score(rows).join())
                .filteredOn(answer -> answer.error().startsWith("not sent: http://127.0.0.1"))
                .as("all but one at most are answered at once")
                .hasSizeGreaterThanOrEqualTo(49);
        assertThat(meters.counter(Metric.INFERENCE_REFUSED.id(), "role", "scorer")
                        .count())
                .isGreaterThanOrEqualTo(49);

        server.behave((exchange, body) -> respond(exchange, 200, sum(body)));
        await().until(() -> model.score(rows.subList(0, 1)).join().get(0).status() == PredictionStatus.OK);
        assertThat(model.score(rows).join()).extracting(Answer::status).containsOnly(PredictionStatus.OK);
    }

    @Test
    void requestsWaitAsLongAsTheServerAnswersOthers() throws Exception {
        LoadedModel model = connect(1000);
        CountDownLatch never = new CountDownLatch(1);
        server.behave((exchange, body) -> {
            never.await(250, TimeUnit.MILLISECONDS);
            respond(exchange, 200, sum(body));
        });
        assertThat(model.score(Collections.nCopies(30, Map.of("x", 1.0, "y", 1.0)))
                        .join())
                .as("the last ones wait for more than a deadline")
                .extracting(Answer::status)
                .containsOnly(PredictionStatus.OK);
    }

    @Test
    void retriesWhenTheServerIsOverloaded() throws Exception {
        LoadedModel model = connect(30_000);
        server.behave((exchange, body) -> {
            if (server.calls() < 3) {
                respond(exchange, 503, "warming up");
            } else {
                respond(exchange, 200, sum(body));
            }
        });
        assertThat(answer(model).score()).isEqualTo(3.0);
        assertThat(server.calls()).isEqualTo(3);
        assertThat(meters.counter(Metric.INFERENCE_RETRIES.id(), "role", "scorer")
                        .count())
                .isEqualTo(2);
    }

    @Test
    void doesNotRetryWhenTheServerFailed() throws Exception {
        LoadedModel model = connect(30_000);
        server.behave((exchange, body) -> respond(exchange, 500, "out of memory"));
        Answer answer = answer(model);
        assertThat(answer.status()).isEqualTo(PredictionStatus.ERROR);
        assertThat(answer.error()).isEqualTo("the inference server answered 500: out of memory");
        assertThat(server.calls()).isEqualTo(1);
    }

    @Test
    void answersWithAnErrorWhenTheServerIsGone() throws Exception {
        LoadedModel model = connect(1000);
        server.close();
        assertThat(answer(model).status()).isIn(PredictionStatus.ERROR, PredictionStatus.TIMEOUT);
    }

    @Test
    void answersWithAnErrorWhenTheServerReturnsAnInvalidResponse() throws Exception {
        LoadedModel model = connect(30_000);
        server.behave((exchange, body) -> respond(exchange, 200, "<html>"));
        assertThat(answer(model).error()).startsWith("the inference server's answer is not JSON");
        server.behave((exchange, body) -> respond(exchange, 200, "{\"outputs\": []}"));
        assertThat(answer(model).error())
                .startsWith("the inference server's answer has no output with floating-point numbers");
        server.behave((exchange, body) -> respond(
                exchange, 200, "{\"outputs\":[{\"name\":\"score\",\"datatype\":\"FP64\",\"data\":[\"high\"]}]}"));
        assertThat(answer(model).status()).isEqualTo(PredictionStatus.ERROR);
    }

    @Test
    void rejectsARowThatDoesNotFitTheModelWithoutACall() throws Exception {
        Answer answer = connect(30_000).score(List.of(Map.of("x", 1.0))).join().get(0);
        assertThat(answer.status()).isEqualTo(PredictionStatus.REJECTED);
        assertThat(server.calls()).isZero();
    }

    @Test
    void inspectionRejectsAServerThatDoesNotAnswerOrDoesNotHaveTheModel() throws Exception {
        assertThat(fault(model("products", server.url(), 1000))).startsWith("the inference server answered 404");
        int unused;
        try (ServerSocket socket = new ServerSocket(0)) {
            unused = socket.getLocalPort();
        }
        assertThat(fault(model("sum", "http://127.0.0.1:" + unused, 1000))).contains("does not answer");
        assertThat(fault(model("sum", "http://127.0.0.1:99999", 1000))).contains("cannot be called");
        assertThat(loader.inspect(model("sum", server.url(), 1000))).isEqualTo(model("sum", server.url(), 1000));
    }

    private String fault(Model model) {
        return catchThrowableOfType(UnusableModelException.class, () -> loader.inspect(model))
                .getMessage();
    }

    private LoadedModel connect(long deadlineMillis) throws UnusableModelException {
        return loader.load(model("sum", server.url(), deadlineMillis));
    }

    private static Model model(String name, String url, long deadlineMillis) {
        return Model.newBuilder()
                .setVersion("v1")
                .setScorer(ScorerKind.OPEN_INFERENCE)
                .setLocation(url)
                .setModelName(name)
                .setDeadlineMs(deadlineMillis)
                .build();
    }

    private static Answer answer(LoadedModel model) {
        return model.score(List.of(Map.of("x", 1.0, "y", 2.0))).join().get(0);
    }
}
