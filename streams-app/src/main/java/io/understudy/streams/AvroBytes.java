package io.understudy.streams;

import io.understudy.schema.SchemaClasses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecord;

/**
 * Encodes the records that only the application itself reads, in Avro's single-object encoding. Each value starts with
 * the fingerprint of its schema, so a later version of the application can still read it. These schemas are not in the
 * registry, because no other program is meant to read these records.
 */
public final class AvroBytes {

    static {
        // Gives the decoders the schemas of earlier versions.
        SchemaClasses.trust();
    }

    private AvroBytes() {}

    /** Encodes {@code value}. */
    public static <T extends SpecificRecord> byte[] encode(BinaryMessageEncoder<T> encoder, T value) {
        try {
            ByteBuffer buffer = encoder.encode(value);
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Decodes the value in {@code bytes}. */
    public static <T extends SpecificRecord> T decode(BinaryMessageDecoder<T> decoder, byte[] bytes) {
        try {
            return decoder.decode(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
