package io.understudy.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.schema.RolloutState;
import io.understudy.testing.States;
import io.understudy.topics.Topics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterProperty;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EncoderTest {

    private final Topics topics = new Topics("", 1_000_000);
    private final FakeRegistry server = new FakeRegistry();
    private final Registry registry = Registry.connect(server.url(), Map.of("max.retries", 0), Duration.ZERO);
    private final Encoder<RolloutState> encoder = registry.encoder(topics.rolloutState());

    EncoderTest() throws IOException {}

    @AfterEach
    @AfterProperty
    void close() {
        registry.close();
        server.close();
    }

    private void registered() {
        String forAnyLanguage = RolloutState.SCHEMA$.toString().replace(",\"avro.java.string\":\"String\"", "");
        server.add(topics.rolloutState(), new Schema.Parser().parse(forAnyLanguage));
    }

    @Property(tries = 10)
    void everyRecordIsReadBackAsItWasWritten(
            @ForAll @Size(min = 1, max = 5) List<@IntRange(max = 100_000) Integer> shares) {
        registered();
        Decoder<RolloutState> decoder = registry.decoder(topics.rolloutState(), RolloutState.class);

        List<RolloutState> states = shares.stream().map(States::serving).toList();
        List<byte[]> written = states.stream().map(encoder::encode).toList();

        assertThat(written.stream().map(decoder::decode)).containsExactlyElementsOf(states);
    }

    @Test
    void laterRecordsHaveTheFormOfTheFirst() {
        registered();

        byte[] first = encoder.encode(States.serving(5000));
        byte[] other = encoder.encode(States.withoutRollout());
        byte[] again = encoder.encode(States.serving(5000));

        assertThat(again).isEqualTo(first).isNotEqualTo(other);
        assertThat(ByteBuffer.wrap(other, 0, 5)).isEqualTo(ByteBuffer.wrap(first, 0, 5));
        assertThat(first[0]).isZero();
    }

    @Test
    void asksForTheSchemasIdOnce() {
        registered();
        for (int i = 0; i < 5; i++) {
            encoder.encode(States.serving(i));
        }

        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void needsNoRegistryAfterTheFirstRecord() {
        registered();
        encoder.encode(States.serving(1));

        server.close();

        assertThat(encoder.encode(States.serving(2))).isNotEmpty();
    }

    @Test
    void neverRegistersASchema() {
        assertThatThrownBy(() -> encoder.encode(States.serving(1))).isInstanceOf(RuntimeException.class);

        assertThat(server.requests()).noneMatch(request -> request.endsWith("/versions"));
    }

    @Test
    void writesWhenTheRegistryIsBack() {
        registered();
        server.failing(503);
        assertThatThrownBy(() -> encoder.encode(States.serving(1))).isInstanceOf(RuntimeException.class);

        byte[] bytes = encoder.encode(States.serving(1));

        assertThat(registry.decoder(topics.rolloutState(), RolloutState.class).decode(bytes))
                .isEqualTo(States.serving(1));
    }

    @Test
    void aRecordThatCannotBeWrittenLeavesNothingInTheNext() {
        registered();
        byte[] expected = encoder.encode(States.serving(1));
        RolloutState incomplete = new RolloutState("a deployment", 1L, null, null, List.of(), Instant.EPOCH);

        assertThatThrownBy(() -> encoder.encode(incomplete)).isInstanceOf(RuntimeException.class);

        assertThat(encoder.encode(States.serving(1))).isEqualTo(expected);
    }
}
