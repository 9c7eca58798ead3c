package io.understudy.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import io.understudy.registry.Registry;
import io.understudy.schema.Outcome;
import io.understudy.schema.PredictionRequest;
import io.understudy.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecordBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RequestHeadReaderTest {

    private final Topics topics = new Topics("", 1024 * 1024);
    private final MockSchemaRegistryClient client = new MockSchemaRegistryClient();
    private final Registry registry = new Registry(client, Map.of(), Duration.ZERO);
    private final RequestHeadReader reader = new RequestHeadReader(registry, topics.predictionRequests());

    @BeforeEach
    void register() {
        registry.register(topics);
    }

    @Test
    void readsTheLeadingFieldsOfARequest() throws Exception {
        assertThat(reader.read(request("id-ü", "flight-delay"))).isEqualTo(new RequestHead("id-ü", "flight-delay"));
        assertThat(reader.read(request("x".repeat(300), ""))).isEqualTo(new RequestHead("x".repeat(300), ""));
    }

    @Test
    void findsTheFieldsAtOtherPositionsInAnotherVersionOfTheSchema() throws Exception {
        Schema shuffled = SchemaBuilder.record("PredictionRequest")
                .namespace("io.understudy.schema")
                .fields()
                .requiredLong("priority")
                .requiredLong("event_time")
                .requiredString("deployment")
                .requiredString("request_id")
                .endRecord();
        byte[] value = serialize(
                shuffled,
                new GenericRecordBuilder(shuffled)
                        .set("priority", 5L)
                        .set("event_time", 0L)
                        .set("deployment", "fraud")
                        .set("request_id", "id-1")
                        .build());
        assertThat(reader.read(value)).isEqualTo(new RequestHead("id-1", "fraud"));
    }

    @Test
    void saysWhyARecordIsNotAUsableRequest() throws Exception {
        assertThat(reason(null)).isEqualTo(DeadLetterReason.NULL_VALUE);
        assertThat(reason(new byte[0])).isEqualTo(DeadLetterReason.NOT_AVRO);
        assertThat(reason("{}{}{}".getBytes(UTF_8))).isEqualTo(DeadLetterReason.NOT_AVRO);
        assertThat(reason(new byte[] {0, 0, 0, 99, 99, 1})).isEqualTo(DeadLetterReason.UNKNOWN_SCHEMA);
        assertThat(reason(request("", "d"))).isEqualTo(DeadLetterReason.EMPTY_REQUEST_ID);
        byte[] whole = request("id", "deployment");
        for (int length = 5; length < 5 + 1 + 2 + 1 + 10; length++) {
            assertThat(reason(Arrays.copyOf(whole, length)))
                    .as("%d bytes", length)
                    .isEqualTo(DeadLetterReason.MALFORMED);
        }
        byte[] endlessVarint = Arrays.copyOf(whole, 40);
        Arrays.fill(endlessVarint, 5, 40, (byte) 0xff);
        assertThat(reason(endlessVarint)).isEqualTo(DeadLetterReason.MALFORMED);
        Outcome outcome = Outcome.newBuilder()
                .setRequestId("id")
                .setDeployment("d")
                .setName("late")
                .setValue(true)
                .setObservedAt(Instant.EPOCH)
                .build();
        assertThat(reason(registry.<Outcome>encoder(topics.outcomes()).encode(outcome)))
                .as("an outcome is not a request, although its leading fields look like one")
                .isEqualTo(DeadLetterReason.WRONG_SCHEMA);
    }

    private DeadLetterReason reason(byte[] value) {
        UnusableRecordException why = catchThrowableOfType(UnusableRecordException.class, () -> reader.read(value));
        assertThat(why).as("the record is unusable").isNotNull();
        assertThat(why.getMessage()).isNotBlank();
        return why.reason();
    }

    private byte[] request(String id, String deployment) {
        return registry.<PredictionRequest>encoder(topics.predictionRequests())
                .encode(PredictionRequest.newBuilder()
                        .setRequestId(id)
                        .setDeployment(deployment)
                        .setEventTime(Instant.EPOCH)
                        .setFeatures(Map.of("x", 1.0))
                        .build());
    }

    private byte[] serialize(Schema schema, Object value) throws Exception {
        client.register("other-value", new AvroSchema(schema));
        try (KafkaAvroSerializer serializer = new KafkaAvroSerializer(
                client, Map.of("schema.registry.url", "mock://", "auto.register.schemas", false))) {
            return serializer.serialize("other", value);
        }
    }
}
