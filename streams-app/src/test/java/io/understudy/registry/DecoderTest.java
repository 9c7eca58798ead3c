package io.understudy.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.understudy.registry.UndecodableException.Problem;
import io.understudy.schema.Outcome;
import io.understudy.schema.RolloutState;
import io.understudy.schema.SchemaClasses;
import io.understudy.testing.States;
import io.understudy.topics.Topic;
import io.understudy.topics.Topics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderTest {

    private static final RolloutState STATE = States.withoutRollout();

    private final Topics topics = new Topics("", 1_000_000);
    private final Topic topic = topics.rolloutState();
    private final FakeRegistry server = new FakeRegistry();
    private final Registry registry = Registry.connect(server.url(), Map.of("max.retries", 0), Duration.ZERO);
    private final Decoder<RolloutState> decoder = registry.decoder(topic, RolloutState.class);

    DecoderTest() throws IOException {}

    @AfterEach
    void close() {
        registry.close();
        server.close();
    }

    private static byte[] wire(int id, byte... avro) {
        return ByteBuffer.allocate(5 + avro.length)
                .put((byte) 0)
                .putInt(id)
                .put(avro)
                .array();
    }

    private static byte[] avro(IndexedRecord record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new SpecificDatumWriter<>(record.getSchema()).write(record, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }

    private byte[] written() throws IOException {
        return wire(server.add(topic, RolloutState.SCHEMA$), avro(STATE));
    }

    @Test
    void readsARecordAndAsksForItsSchemaOnce() throws IOException {
        byte[] bytes = written();

        RolloutState first = decoder.decode(bytes);
        RolloutState again = decoder.decode(bytes);

        assertThat(first).isEqualTo(STATE);
        assertThat(again).isEqualTo(STATE);
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void needsNoRegistryForASchemaItKnows() throws IOException {
        byte[] bytes = written();
        decoder.decode(bytes);

        server.close();

        assertThat(decoder.decode(bytes)).isEqualTo(STATE);
    }

    @Test
    void aRegistryThatIsOutOfReachIsNotTheRecordsFault() throws IOException {
        byte[] bytes = written();
        server.failing(503);

        assertThatThrownBy(() -> decoder.decode(bytes)).isInstanceOf(RegistryUnavailableException.class);
        assertThat(decoder.decode(bytes)).as("when it is back").isEqualTo(STATE);
    }

    private Problem problem(byte @Nullable [] bytes) {
        return catchThrowableOfType(UndecodableException.class, () -> decoder.decode(bytes))
                .problem();
    }

    @Test
    void thereIsNoRecordInNull() {
        assertThat(problem(null)).isEqualTo(Problem.NULL_VALUE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\0", "\0\0\0\0", "{\"deployment\": \"d\"}", "\1\0\0\0\1\0"})
    void bytesThatDoNotBeginLikeARecordAreRefusedWithoutAskingTheRegistry(String bytes) {
        assertThatThrownBy(() -> decoder.decode(bytes.getBytes(UTF_8)))
                .isInstanceOf(UndecodableException.class)
                .hasMessageContaining("RolloutState");
        assertThat(problem(bytes.getBytes(UTF_8))).isEqualTo(Problem.NOT_AVRO);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void theSchemaIdIsTheFourBytesAfterTheFirst() {
        byte[] bytes = wire(0x01020304);

        assertThatThrownBy(() -> decoder.decode(bytes)).isInstanceOf(UndecodableException.class);
        assertThat(server.requests()).containsExactly("GET /schemas/ids/" + 0x01020304);
    }

    @Test
    void aRecordWithAnUnknownSchemaIsUndecodable() throws IOException {
        byte[] known = written();
        byte[] unknown = wire(99, avro(STATE));

        assertThat(problem(unknown)).isEqualTo(Problem.UNKNOWN_SCHEMA);
        assertThat(decoder.decode(known)).isEqualTo(STATE);
    }

    @Test
    void aRecordOfAnotherTypeIsUndecodable() throws IOException {
        Outcome outcome = Outcome.newBuilder()
                .setRequestId("r")
                .setDeployment("d")
                .setName("late")
                .setValue(1.0)
                .setObservedAt(Instant.EPOCH)
                .build();
        byte[] bytes = wire(server.add(topic, Outcome.SCHEMA$), avro(outcome));

        assertThatThrownBy(() -> decoder.decode(bytes))
                .isInstanceOf(UndecodableException.class)
                .hasMessageContaining("RolloutState");
        assertThat(problem(bytes)).isEqualTo(Problem.WRONG_SCHEMA);
    }

    @Test
    void aSchemaThatIsNotAvroIsUndecodable() throws IOException {
        int id = server.add(topic.subject(), "JSON", "{\"type\": \"object\"}");

        assertThat(problem(wire(id, (byte) '{', (byte) '}'))).isEqualTo(Problem.UNKNOWN_SCHEMA);
    }

    @Test
    void aRecordThatWasCutOffIsUndecodable() throws IOException {
        byte[] bytes = written();

        assertThat(problem(Arrays.copyOf(bytes, bytes.length - 3))).isEqualTo(Problem.MALFORMED);
        assertThat(decoder.decode(bytes)).as("the next one").isEqualTo(STATE);
    }

    @Test
    void readsWhatAnEarlierVersionWrote() throws IOException {
        Schema earlier = Schema.createRecord(
                "RolloutState",
                null,
                "io.understudy.schema",
                false,
                RolloutState.SCHEMA$.getFields().stream()
                        .filter(field -> !field.hasDefaultValue())
                        .map(field -> new Schema.Field(field.name(), field.schema()))
                        .toList());
        GenericRecord written = new GenericRecordBuilder(earlier)
                .set("deployment", STATE.getDeployment())
                .set("version", STATE.getVersion())
                .set("existing", STATE.getExisting())
                .set("updated_at", STATE.getUpdatedAt().toEpochMilli())
                .build();

        RolloutState state = decoder.decode(wire(server.add(topic, earlier), avro(written)));

        assertThat(state).isEqualTo(STATE);
    }

    @Test
    void needsNoRegistryForARecordThatNamesASchemaOfThisProgram() throws IOException {
        byte[] value = wire(4711, avro(STATE));

        assertThat(decoder.decode(value, SchemaHeader.of(topic))).isEqualTo(STATE);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void needsNoRegistryForARecordOfAnEarlierVersionThatNamesItsSchema() throws Exception {
        Schema first = SchemaClasses.versions("RolloutState").get(0);
        Object old = new GenericDatumReader<>(RolloutState.SCHEMA$, first)
                .read(null, DecoderFactory.get().binaryDecoder(avro(STATE), null));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<>(first).write(old, encoder);
        encoder.flush();
        Headers headers = new RecordHeaders()
                .add("understudy-schema", SchemaNormalization.parsingFingerprint("CRC-64-AVRO", first));

        assertThat(decoder.decode(wire(4711, bytes.toByteArray()), headers).getDeployment())
                .isEqualTo("sums");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void asksTheRegistryForARecordThatNamesASchemaOfALaterVersion() throws IOException {
        Headers headers = new RecordHeaders().add("understudy-schema", new byte[8]);

        assertThat(decoder.decode(written(), headers)).isEqualTo(STATE);
        assertThat(server.requests()).isNotEmpty();
    }

    @Test
    void readsWhatWasWrittenWhileTheRegistryWasAway() {
        Encoder<RolloutState> encoder = registry.encoder(topic);
        server.failing(503, 503, 503, 503);

        byte[] value = encoder.encodeEvenWithoutRegistry(STATE);
        int requests = server.requests().size();

        assertThat(value).startsWith(0xC3, 0x01);
        assertThat(decoder.decode(value)).isEqualTo(STATE);
        assertThat(server.requests()).hasSize(requests);
    }

    @Test
    void saysSoWhenItDoesNotKnowTheSchemaOfASingleObject() {
        byte[] value = ByteBuffer.allocate(12).putShort((short) 0xC301).array();

        UndecodableException failure = catchThrowableOfType(UndecodableException.class, () -> decoder.decode(value));

        assertThat(failure.problem()).isEqualTo(Problem.UNKNOWN_SCHEMA);
        assertThat(failure).hasMessageContaining("does not know the schema with the fingerprint 0");
    }

    @Test
    void aRecordThatIsLongerThanItsSchemaIsMalformed() throws IOException {
        byte[] longer = Arrays.copyOf(wire(4711, avro(STATE)), wire(4711, avro(STATE)).length + 1);

        UndecodableException failure =
                catchThrowableOfType(UndecodableException.class, () -> decoder.decode(longer, SchemaHeader.of(topic)));

        assertThat(failure.problem()).isEqualTo(Problem.MALFORMED);
    }
}
