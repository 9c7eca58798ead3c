package io.understudy.registry;

import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.understudy.topics.Topic;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
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
    private final Set<Integer> knownSchemaIds = new HashSet<>();

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
            throw new UndecodableException("the value is null", null);
        }
        if (bytes.length < PREFIX_BYTES || bytes[0] != MAGIC) {
            throw new UndecodableException(
                    "not a " + type.getSimpleName()
                            + ": the value does not start with a zero byte and a four-byte schema id",
                    null);
        }
        try {
            int schemaId = ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt();
            if (!knownSchemaIds.contains(schemaId)) {
                // Look up the schema first, with retries: the deserializer would report an unavailable registry as a
                // bad record.
                schemas.schema(topic, schemaId);
                knownSchemaIds.add(schemaId);
            }
            return type.cast(deserializer.deserialize(topic.name(), bytes));
        } catch (RegistryUnavailableException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new UndecodableException("not a " + type.getSimpleName() + ": " + innermost(e), e);
        }
    }

    private static String innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
