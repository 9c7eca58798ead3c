package io.understudy.scoring;

import io.understudy.rollout.UnusableModelException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the outline of an ONNX file without loading it: whether a tensor's data is in another file. Such a file is not
 * under the model's SHA-256, so it could be exchanged after the inspection, and the path to it is the author's choice.
 *
 * <p>An ONNX file is a message of Protocol Buffers. Only the fields that lead to a tensor are followed; their numbers
 * are those of <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>.
 */
final class OnnxFile {

    /** Deeper than any graph within a graph that a person has seen, and far from the end of the stack. */
    private static final int MAX_DEPTH = 100;

    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED_32 = 5;
    private static final int TYPE_BITS = 3;
    private static final int VARINT_BITS = 7;
    private static final int MAX_VARINT_BITS = 64;

    private static final int TENSOR_EXTERNAL_DATA = 13;
    private static final int TENSOR_DATA_LOCATION = 14;

    private OnnxFile() {}

    /** The messages on the way to a tensor. */
    private enum Message {
        MODEL,
        GRAPH,
        NODE,
        ATTRIBUTE,
        FUNCTION,
        TRAINING,
        SPARSE_TENSOR,
        TENSOR
    }

    private static final Map<Message, Map<Integer, Message>> FIELDS = new EnumMap<>(Map.of(
            Message.MODEL,
            Map.of(7, Message.GRAPH, 20, Message.TRAINING, 25, Message.FUNCTION),
            Message.GRAPH,
            Map.of(1, Message.NODE, 5, Message.TENSOR, 15, Message.SPARSE_TENSOR),
            Message.NODE,
            Map.of(5, Message.ATTRIBUTE),
            Message.ATTRIBUTE,
            Map.of(
                    5,
                    Message.TENSOR,
                    6,
                    Message.GRAPH,
                    10,
                    Message.TENSOR,
                    11,
                    Message.GRAPH,
                    22,
                    Message.SPARSE_TENSOR,
                    23,
                    Message.SPARSE_TENSOR),
            Message.FUNCTION,
            Map.of(7, Message.NODE, 11, Message.ATTRIBUTE),
            Message.TRAINING,
            Map.of(1, Message.GRAPH, 2, Message.GRAPH),
            Message.SPARSE_TENSOR,
            Map.of(1, Message.TENSOR, 2, Message.TENSOR)));

    /**
     * Checks that all data of a model is in its file.
     *
     * @throws UnusableModelException if a tensor's data is in another file, or the graphs are too deep. A file that is
     *     no message at all passes: the runtime says what is wrong with it
     */
    static void checkSelfContained(byte[] file) throws UnusableModelException {
        check(ByteBuffer.wrap(file), Message.MODEL, 0);
    }

    private static void check(ByteBuffer in, Message message, int depth) throws UnusableModelException {
        if (depth > MAX_DEPTH) {
            throw new UnusableModelException("its graphs are more than " + MAX_DEPTH + " levels deep");
        }
        while (in.hasRemaining()) {
            long tag = varint(in);
            int field = (int) (tag >>> TYPE_BITS);
            int length;
            switch ((int) tag & (1 << TYPE_BITS) - 1) {
                case VARINT -> {
                    if (varint(in) != 0 && message == Message.TENSOR && field == TENSOR_DATA_LOCATION) {
                        throw external();
                    }
                    length = 0;
                }
                case FIXED_64 -> length = Long.BYTES;
                case FIXED_32 -> length = Integer.BYTES;
                case LENGTH_DELIMITED -> {
                    long announced = varint(in);
                    length = announced < 0 || announced > in.remaining() ? in.remaining() : (int) announced;
                    if (message == Message.TENSOR && field == TENSOR_EXTERNAL_DATA) {
                        throw external();
                    }
                    @Nullable
                    Message inner = FIELDS.getOrDefault(message, Map.of()).get(field);
                    if (inner != null) {
                        check(in.slice(in.position(), length), inner, depth + 1);
                    }
                }
                // Groups are not in the format.
                default -> length = in.remaining();
            }
            in.position(in.position() + Math.min(length, in.remaining()));
        }
    }

    private static UnusableModelException external() {
        return new UnusableModelException(
                "keeps data of its tensors in another file (external data), which is not under"
                        + " the model's SHA-256; save it as one file, with onnx.save(model, path, save_as_external_data=False)");
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < MAX_VARINT_BITS && in.hasRemaining(); shift += VARINT_BITS) {
            byte next = in.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                break;
            }
        }
        return value;
    }
}
