package io.understudy.registry;

import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.understudy.registry.UndecodableException.Problem;
import io.understudy.topics.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Decodes values in the wire format of the registry as records of one type. Safe for one thread at a time. */
public final class Decoder<T extends SpecificRecord> {

    private static final int MAGIC = 0;
    private static final int PREFIX_BYTES = 5;
    private static final short SINGLE_OBJECT = (short) 0xC301;
    private static final int SINGLE_OBJECT_BYTES = 10;

    private final Topic topic;
    private final Class<T> type;
    private final KafkaAvroDeserializer deserializer;
    private final SchemaLookup schemas;
    private final KnownSchemas known;
    private final Map<Integer, Schema> writers = new HashMap<>();

    Decoder(Topic topic, Class<T> type, SchemaRegistryClient client, Map<String, ?> configs, SchemaLookup schemas) {
        this.topic = topic;
        this.type = type;
        this.schemas = schemas;
        this.known = new KnownSchemas(type);
        Map<String, Object> settings = new HashMap<>(configs);
        settings.putIfAbsent("schema.registry.url", "unused");
        settings.put("specific.avro.reader", true);
        settings.put("specific.avro.value.type", type.getName());
        this.deserializer = new KafkaAvroDeserializer(client, settings);
    }

    /**
     * Decodes the record in {@code bytes}, with what its headers say about its schema ({@link SchemaHeader}). If this
     * program contains that schema, the registry is not asked.
     *
     * @throws UndecodableException when the bytes are not a record of this type
     * @throws RegistryUnavailableException when its schema is neither known nor cached and the registry stays unavailable
     */
    public T decode(byte @Nullable [] bytes, Headers headers) {
        Optional<Schema> writer = SchemaHeader.fingerprint(headers).flatMap(known::find);
        return writer.isPresent() && bytes != null && bytes.length >= PREFIX_BYTES && bytes[0] == MAGIC
                ? read(bytes, PREFIX_BYTES, writer.get())
                : decode(bytes);
    }

    private T read(byte[] bytes, int offset, Schema writer) {
        try {
            BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, offset, bytes.length - offset, null);
            SpecificData data = SpecificData.getForClass(type);
            T record = new SpecificDatumReader<T>(writer, data.getSchema(type), data).read(null, decoder);
            if (!decoder.isEnd()) {
                throw new IOException("the value is longer than its schema says");
            }
            return record;
        } catch (IOException e) {
            throw undecodable(Problem.MALFORMED, new UncheckedIOException(e));
        } catch (RuntimeException e) {
            throw undecodable(Problem.MALFORMED, e);
        }
    }

    private T readSingleObject(byte[] bytes) {
        long fingerprint = ByteBuffer.wrap(bytes, Short.BYTES, Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        Schema writer = known.find(fingerprint)
                .orElseThrow(() -> new UndecodableException(
                        Problem.UNKNOWN_SCHEMA,
                        "not a " + type.getSimpleName()
                                + ": this version does not know the schema with the fingerprint "
                                + Long.toHexString(fingerprint),
                        null));
        return read(bytes, SINGLE_OBJECT_BYTES, writer);
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
        if (bytes.length >= SINGLE_OBJECT_BYTES && ByteBuffer.wrap(bytes).getShort() == SINGLE_OBJECT) {
            return readSingleObject(bytes);
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
