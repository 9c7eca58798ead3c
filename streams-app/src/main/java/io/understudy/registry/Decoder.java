package io.understudy.registry;

import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.understudy.registry.UndecodableException.Problem;
import io.understudy.topics.Topic;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Decodes values in the wire format of the registry as records of one type. Safe for one thread at a time. */
public final class Decoder<T extends SpecificRecord> {

    private static final int MAGIC = 0;
    private static final int PREFIX_BYTES = 5;

    private final Topic topic;
    private final Class<T> type;
    private final KafkaAvroDeserializer deserializer;
    private final SchemaLookup schemas;
    private final Map<Integer, Schema> writers = new HashMap<>();

    Decoder(Topic topic, Class<T> type, SchemaRegistryClient client, Map<String, ?> configs, SchemaLookup schemas) {
        this.topic = topic;
        this.type = type;
        this.schemas = schemas;
        Map<String, Object> settings = new HashMap<>(configs);
        settings.putIfAbsent("schema.registry.url", "unused");
        settings.put("specific.avro.reader", true);
        settings.put("specific.avro.value.type", type.getName());
        this.deserializer = new KafkaAvroDeserializer(client, settings);
    }

    /**
     * Decodes the record in {@code bytes}.
     *
     * @throws UndecodableException when the bytes are not a record of this type
     * @throws RegistryUnavailableException when its schema is not cached and the registry stays unavailable
     */
    public T decode(byte @Nullable [] bytes) {
        if (bytes == null) {
            throw new UndecodableException(Problem.NULL_VALUE, "the value is null", null);
        }
        if (bytes.length < PREFIX_BYTES || bytes[0] != MAGIC) {
            throw new UndecodableException(
                    Problem.NOT_AVRO,
                    "not a " + type.getSimpleName()
                            + ": the value does not start with a zero byte and a four-byte schema id",
                    null);
        }
        Schema writer =
                writers.computeIfAbsent(ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt(), this::writer);
        try {
            return type.cast(deserializer.deserialize(topic.name(), bytes));
        } catch (RuntimeException e) {
            throw undecodable(isReadable(writer) ? Problem.MALFORMED : Problem.WRONG_SCHEMA, e);
        }
    }

    /** Looks the schema up with retries: the deserializer would report an unavailable registry as a bad record. */
    private Schema writer(int schemaId) {
        try {
            return schemas.schema(topic, schemaId);
        } catch (RegistryUnavailableException e) {
            throw e;
        } catch (RuntimeException e) {
            throw undecodable(Problem.UNKNOWN_SCHEMA, e);
        }
    }

    private boolean isReadable(Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(
                                SpecificData.get().getSchema(type), writer)
                        .getType()
                == SchemaCompatibilityType.COMPATIBLE;
    }

    private UndecodableException undecodable(Problem problem, RuntimeException cause) {
        return new UndecodableException(problem, "not a " + type.getSimpleName() + ": " + innermost(cause), cause);
    }

    private static String innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
