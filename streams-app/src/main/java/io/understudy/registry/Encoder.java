package io.understudy.registry;

import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the records of one topic in the wire format of the registry. Confluent's serializer encodes the first record
 * and finds the id of its schema. All later records have the same schema, so they get the same five-byte prefix. The
 * serializer would look up the schema for every record and hash the whole schema to do so: a sixth of a scorer's time.
 * Safe for one thread at a time.
 */
public final class Encoder<T extends SpecificRecord> {

    private static final int PREFIX_BYTES = 5;
    private static final int TYPICAL_BYTES = 512;

    private final String topic;
    private final KafkaAvroSerializer serializer;
    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(TYPICAL_BYTES);
    private @Nullable Format<T> format;
    private @Nullable BinaryEncoder reusedEncoder;

    /** What all records after the first have in common. */
    private record Format<T>(byte[] prefix, SpecificDatumWriter<T> writer) {}

    Encoder(String topic, SchemaRegistryClient client, Map<String, ?> configs) {
        this.topic = topic;
        Map<String, Object> settings = new HashMap<>(configs);
        settings.putIfAbsent("schema.registry.url", "unused");
        settings.put("auto.register.schemas", false);
        settings.put("avro.remove.java.properties", true);
        this.serializer = new KafkaAvroSerializer(client, settings);
    }

    /** Encodes a record: a zero byte, the id of the schema in four bytes, then Avro binary. */
    public byte[] encode(T value) {
        Format<T> known = format;
        if (known == null) {
            byte[] first = serializer.serialize(topic, value);
            format = new Format<>(Arrays.copyOf(first, PREFIX_BYTES), new SpecificDatumWriter<>(value.getSchema()));
            return first;
        }
        try {
            buffer.reset();
            buffer.write(known.prefix());
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(buffer, reusedEncoder);
            reusedEncoder = encoder;
            known.writer().write(value, encoder);
            return buffer.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Encodes a record like {@link #encode}, or, while the registry does not answer, in Avro's single-object encoding,
     * which has the fingerprint of the schema in place of its id. A {@link Decoder} reads both.
     */
    public byte[] encodeEvenWithoutRegistry(T value) {
        try {
            return encode(value);
        } catch (RuntimeException e) {
            if (!RegistryUnavailableException.isOutage(e)) {
                throw e;
            }
            try {
                ByteBuffer bytes = new BinaryMessageEncoder<T>(
                                SpecificData.getForSchema(value.getSchema()), value.getSchema())
                        .encode(value);
                byte[] copy = new byte[bytes.remaining()];
                bytes.get(copy);
                return copy;
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
        }
    }
}
