package io.understudy.streams;

import io.understudy.schema.SchemaClasses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecord;

/**
 * Records that an application keeps to itself, in Avro's single-object encoding: the fingerprint of the schema stands in front, so that
 * a later version knows what it reads. They are in no registry: nobody else is meant to read them.
 */
public final class AvroBytes {

    static {
        // Teaches the decoders what earlier versions wrote.
        SchemaClasses.trust();
    }

    private AvroBytes() {}

    /** The bytes of {@code value}. */
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

    /** The value in {@code bytes}. */
    public static <T extends SpecificRecord> T decode(BinaryMessageDecoder<T> decoder, byte[] bytes) {
        try {
            return decoder.decode(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
