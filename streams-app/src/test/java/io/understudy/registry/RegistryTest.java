package io.understudy.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.understudy.schema.Outcome;
import io.understudy.schema.PredictionRequest;
import io.understudy.schema.RolloutState;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryTest {

    private static final Duration FOR_EVER = Duration.ofHours(1);

    private final Topics topics = new Topics("", 1_000_000);
    private final Topic outcomes = topics.outcomes();
    private final FakeRegistry server;

    RegistryTest() throws IOException {
        server = new FakeRegistry();
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** A client that does not try again by itself. */
    private Registry registry(Duration patience) {
        return Registry.connect(server.url(), Map.of("max.retries", 0), patience);
    }

    @Test
    void findsASchemaAndAsksForItOnce() {
        int id = server.add(outcomes, Outcome.SCHEMA$);

        try (Registry registry = registry(Duration.ZERO)) {
            Schema first = registry.schema(outcomes, id);
            Schema again = registry.schema(outcomes, id);

            assertThat(first).isEqualTo(Outcome.SCHEMA$);
            assertThat(again).isSameAs(first);
        }
        assertThat(server.requests()).containsExactly("GET /schemas/ids/" + id);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503})
    void waitsForARegistryThatCannotAnswerJustNow(int status) {
        int id = server.add(outcomes, Outcome.SCHEMA$);
        server.failing(status);

        try (Registry registry = registry(FOR_EVER)) {
            assertThat(registry.schema(outcomes, id)).isEqualTo(Outcome.SCHEMA$);
        }
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void givesUpWhenItsPatienceIsOver() {
        server.failing(503, 503);

        try (Registry registry = registry(Duration.ZERO)) {
            assertThatThrownBy(() -> registry.schema(outcomes, 1))
                    .isInstanceOf(RegistryUnavailableException.class)
                    .hasMessageContaining("schema 1");
        }
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void aRegistryThatIsNotThereIsUnavailable() {
        Registry registry = registry(Duration.ZERO);
        server.close();

        assertThatThrownBy(() -> registry.schema(outcomes, 1)).isInstanceOf(RegistryUnavailableException.class);
        registry.close();
    }

    @Test
    void asksTheNextOfSeveralAddresses() throws IOException {
        FakeRegistry gone = new FakeRegistry();
        String goneUrl = gone.url();
        gone.close();
        int id = server.add(outcomes, Outcome.SCHEMA$);

        try (Registry registry =
                Registry.connect(goneUrl + "," + server.url(), Map.of("max.retries", 0), Duration.ZERO)) {
            assertThat(registry.schema(outcomes, id)).isEqualTo(Outcome.SCHEMA$);
        }
    }

    @Test
    void doesNotWaitForWhatIsNotThereOrNotAllowed() {
        try (Registry registry = registry(FOR_EVER)) {
            assertThatThrownBy(() -> registry.schema(outcomes, 7))
                    .isInstanceOf(UnknownSchemaException.class)
                    .hasMessageContaining("7");
            server.failing(401);
            assertThatThrownBy(() -> registry.schema(outcomes, 8)).isInstanceOf(RegistryUnavailableException.class);
        }
        assertThat(server.requests()).containsExactly("GET /schemas/ids/7", "GET /schemas/ids/8");
    }

    @Test
    void remembersThatASchemaIsUnknown() {
        try (Registry registry = registry(FOR_EVER)) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> registry.schema(outcomes, 7)).isInstanceOf(UnknownSchemaException.class);
            }
        }
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void closingEndsTheWaiting() {
        AtomicInteger attempts = new AtomicInteger();
        Registry registry = registry(FOR_EVER);

        assertThatThrownBy(() -> registry.retryWhileUnavailable("something", () -> {
                    attempts.incrementAndGet();
                    registry.close();
                    throw new IOException("gone");
                }))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("something");
        assertThat(attempts).hasValue(1);
    }

    @Test
    void aMistakeOfOursIsNotAnOutage() {
        IllegalStateException mistake = new IllegalStateException("ours");

        try (Registry registry = registry(FOR_EVER)) {
            assertThatThrownBy(() -> registry.retryWhileUnavailable("something", () -> {
                        throw mistake;
                    }))
                    .isSameAs(mistake);
        }
    }

    @Test
    void anOutageIsRecognisedWhateverItIsWrappedIn() {
        assertThat(RegistryUnavailableException.isOutage(new IOException("refused")))
                .isTrue();
        assertThat(RegistryUnavailableException.isOutage(new IllegalStateException(new IOException("refused"))))
                .isTrue();
        assertThat(RegistryUnavailableException.isOutage(new RestClientException("later", 429, 429)))
                .isTrue();
        assertThat(RegistryUnavailableException.isOutage(
                        new RuntimeException(new RestClientException("broken", 500, 50_001))))
                .isTrue();
        assertThat(RegistryUnavailableException.isOutage(new RestClientException("forbidden", 403, 403)))
                .isFalse();
        assertThat(RegistryUnavailableException.isOutage(new RestClientException("client error", 499, 499)))
                .isFalse();
        assertThat(RegistryUnavailableException.isOutage(new IllegalStateException("ours")))
                .isFalse();
    }

    @Test
    void aSchemaThatAnotherProcessHasJustRegisteredIsRegistered() {
        String schema = PredictionRequest.SCHEMA$.toString().replace(",\"avro.java.string\":\"String\"", "");
        server.add(topics.predictionRequests().subject(), "AVRO", new AvroSchema(schema).canonicalString());
        server.failing(409);

        try (Registry registry = registry(Duration.ZERO)) {
            registry.register(topics);

            assertThat(registry.faults(topics.all())).isEmpty();
        }
    }

    @Test
    void aSchemaThatTheRegistryRefusesIsAFailure() {
        server.failing(409);

        try (Registry registry = registry(Duration.ZERO)) {
            assertThatThrownBy(() -> registry.register(topics))
                    .isInstanceOf(RegistryUnavailableException.class)
                    .hasMessageContaining("prediction-requests-value");
        }
    }

    @Test
    void registersEverySchemaWithoutWhatOnlyConcernsJava() {
        try (Registry registry = registry(Duration.ZERO)) {
            registry.register(topics);

            assertThat(registry.faults(topics.all())).isEmpty();
        }
        assertThat(RolloutState.SCHEMA$.toString()).contains("avro.java.string");
        assertThat(server.schema(topics.rolloutState()))
                .contains("\"RolloutState\"")
                .doesNotContain("avro.java.string");
        assertThat(server.compatibilities()).hasSize(11).containsValue("FULL_TRANSITIVE");
        assertThat(server.compatibilities().values()).containsOnly("FULL_TRANSITIVE");
        assertThat(server.compatibilities())
                .doesNotContainKey(topics.deadLetters().subject());
    }

    @Test
    void namesEverySubjectThatIsNotAsItMustBe() {
        try (Registry registry = registry(Duration.ZERO)) {
            registry.register(topics);
        }
        server.add(topics.outcomes(), RolloutState.SCHEMA$);
        server.compatibilities().put(topics.predictions().subject(), "NONE");
        server.compatibilities().remove(topics.rolloutState().subject());

        try (Registry registry = registry(Duration.ZERO)) {
            assertThat(registry.faults(topics.all()))
                    .hasSize(3)
                    .satisfiesExactly(
                            fault -> assertThat(fault).contains("predictions-value", "NONE", "FULL_TRANSITIVE"),
                            fault -> assertThat(fault).contains("outcomes-value", "schema"),
                            fault -> assertThat(fault).contains("rollout-state-value", "default", "FULL_TRANSITIVE"));
        }
    }

    @Test
    void aRegistryThatIsOutOfReachIsNotAFaultOfItsSubjects() {
        try (Registry registry = registry(Duration.ZERO)) {
            registry.register(topics);
        }

        try (Registry registry = registry(Duration.ZERO)) {
            server.failing(503);
            assertThatThrownBy(() -> registry.faults(topics.all())).isInstanceOf(RegistryUnavailableException.class);
            server.failing(200, 503);
            assertThatThrownBy(() -> registry.faults(topics.all())).isInstanceOf(RegistryUnavailableException.class);
            assertThat(registry.faults(topics.all())).isEmpty();
        }
    }

    @Test
    void anOutageThatTheClientHasWrappedIsAnOutage() {
        try (Registry registry = registry(Duration.ZERO)) {
            assertThatThrownBy(() -> registry.retryWhileUnavailable("something", () -> {
                        throw new IllegalStateException(new IOException("refused"));
                    }))
                    .isInstanceOf(RegistryUnavailableException.class);
        }
    }

    @Test
    void thereIsNoTroubleWithARegistryThatAnswersThoughTheSubjectIsMissing() {
        try (Registry registry = registry(FOR_EVER)) {
            assertThat(registry.trouble(outcomes)).isEmpty();
            server.add(outcomes, Outcome.SCHEMA$);
            assertThat(registry.trouble(outcomes)).isEmpty();
        }
    }

    @Test
    void troubleIsReportedAtOnceHoweverLongThePatience() {
        Registry registry = registry(FOR_EVER);
        server.failing(503);

        assertThat(registry.trouble(outcomes)).isPresent();
        server.close();
        assertThat(registry.trouble(outcomes)).isPresent();
        assertThat(server.requests()).hasSize(1);
        registry.close();
    }
}
