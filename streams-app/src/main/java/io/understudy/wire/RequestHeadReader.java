package io.understudy.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.registry.Registry;
import io.understudy.registry.UnknownSchemaException;
import io.understudy.schema.PredictionRequest;
import io.understudy.topics.Topic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.jspecify.annotations.Nullable;

/**
 * Reads the identifier and the deployment of a request without decoding its features. Reading two strings costs a
 * fraction of decoding a whole record. If the writer's schema does not start with these fields, Avro's schema
 * resolution finds them. For one thread.
 */
public final class RequestHeadReader {

    private static final int MAGIC = 0;
    private static final int PREFIX_BYTES = 5;
    private static final List<String> LEADING = List.of("request_id", "deployment");

    private static final Schema HEAD = SchemaBuilder.record("PredictionRequest")
            .namespace("io.understudy.schema")
            .fields()
            .requiredString("request_id")
            .requiredString("deployment")
            .endRecord();

    private final Registry registry;
    private final Topic requests;
    private final Map<Integer, SchemaReader> readers = new HashMap<>();
    private @Nullable BinaryDecoder decoder;

    /** Creates a reader for the topic {@code requests}. It gets unknown schemas from {@code registry}. */
    public RequestHeadReader(Registry registry, Topic requests) {
        this.registry = registry;
        this.requests = requests;
    }

    /**
     * Reads the leading fields of the request in {@code value}.
     *
     * @throws UnusableRecordException if the value is not a usable request
     */
    public RequestHead read(byte @Nullable [] value) throws UnusableRecordException {
        if (value == null) {
            throw new UnusableRecordException(
                    DeadLetterReason.NULL_VALUE, "the value is null; it must be a PredictionRequest");
        }
        if (value.length < PREFIX_BYTES || value[0] != MAGIC) {
            throw new UnusableRecordException(
                    DeadLetterReason.NOT_AVRO,
                    "the value does not start with a zero byte and a four-byte schema id, as the registry's serializers"
                            + " write them");
        }
        int schemaId = ByteBuffer.wrap(value, 1, Integer.BYTES).getInt();
        RequestHead head = reader(schemaId).read(value);
        RequestHead.checkRequestId(head.requestId());
        if (head.requestId().isEmpty()) {
            throw new UnusableRecordException(
                    DeadLetterReason.EMPTY_REQUEST_ID,
                    "request_id is empty; a request without an identifier cannot be answered");
        }
        return head;
    }

    private SchemaReader reader(int schemaId) throws UnusableRecordException {
        SchemaReader known = readers.get(schemaId);
        if (known != null) {
            return known;
        }
        Schema schema;
        try {
            schema = registry.schema(requests, schemaId);
        } catch (UnknownSchemaException e) {
            throw new UnusableRecordException(DeadLetterReason.UNKNOWN_SCHEMA, e.getMessage());
        }
        SchemaReader reader = readerOf(schema);
        readers.put(schemaId, reader);
        return reader;
    }

    private SchemaReader readerOf(Schema writer) {
        if (SchemaCompatibility.checkReaderWriterCompatibility(PredictionRequest.getClassSchema(), writer)
                        .getType()
                != SchemaCompatibilityType.COMPATIBLE) {
            return value -> {
                throw new UnusableRecordException(
                        DeadLetterReason.WRONG_SCHEMA,
                        "the value's schema, " + writer.getFullName() + ", cannot be read as a PredictionRequest");
            };
        }
        return startsWithHead(writer) ? RequestHeadReader::readLeadingStrings : resolvingReader(writer);
    }

    private static boolean startsWithHead(Schema schema) {
        return schema.getType() == Schema.Type.RECORD
                && schema.getFields().size() >= LEADING.size()
                && schema.getFields().stream()
                        .limit(LEADING.size())
                        .map(Schema.Field::name)
                        .toList()
                        .equals(LEADING)
                && schema.getFields().stream()
                        .limit(LEADING.size())
                        .allMatch(field -> field.schema().getType() == Schema.Type.STRING);
    }

    private SchemaReader resolvingReader(Schema writer) {
        GenericDatumReader<GenericRecord> reader = new GenericDatumReader<>(writer, HEAD);
        return value -> {
            try {
                decoder = DecoderFactory.get().binaryDecoder(value, PREFIX_BYTES, value.length - PREFIX_BYTES, decoder);
                GenericRecord head = reader.read(null, decoder);
                return new RequestHead(
                        head.get("request_id").toString(),
                        head.get("deployment").toString());
            } catch (AvroRuntimeException | IOException e) {
                throw new UnusableRecordException(
                        DeadLetterReason.WRONG_SCHEMA,
                        "the value's schema is " + writer.getFullName() + ", not a PredictionRequest: "
                                + e.getMessage());
            }
        };
    }

    private static RequestHead readLeadingStrings(byte[] value) throws UnusableRecordException {
        Strings strings = new Strings(value);
        return new RequestHead(strings.next("request_id"), strings.next("deployment"));
    }

    /** Reads the heads of one writer schema. */
    @FunctionalInterface
    private interface SchemaReader {
        RequestHead read(byte[] value) throws UnusableRecordException;
    }

    /** Consecutive Avro strings. Each has a zigzag varint length, followed by that many bytes of UTF-8. */
    private static final class Strings {

        private static final int MAX_VARINT_SHIFT = 28;

        private final byte[] bytes;
        private int position = PREFIX_BYTES;

        Strings(byte[] bytes) {
            this.bytes = bytes;
        }

        String next(String field) throws UnusableRecordException {
            int zigzag = 0;
            int shift = 0;
            int current;
            do {
                if (position == bytes.length || shift > MAX_VARINT_SHIFT) {
                    throw malformed(field);
                }
                current = bytes[position++];
                zigzag |= (current & 0x7f) << shift;
                shift += 7;
            } while (current < 0);
            int length = (zigzag >>> 1) ^ -(zigzag & 1);
            if (length < 0 || length > bytes.length - position) {
                throw malformed(field);
            }
            String text = new String(bytes, position, length, UTF_8);
            position += length;
            return text;
        }

        private UnusableRecordException malformed(String field) {
            return new UnusableRecordException(
                    DeadLetterReason.MALFORMED,
                    "the value of " + bytes.length + " bytes ends within " + field + ", or the length of " + field
                            + " is malformed");
        }
    }
}
