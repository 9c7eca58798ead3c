package io.understudy.evidence;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Sketches as bytes, in the form that Apache DataSketches calls a compact ordered theta sketch (serial version 3):
 * little-endian; 8 bytes of flags, then unless it is one hash alone 8 bytes with the number of hashes and 8 bytes with
 * the threshold if there is one, then the hashes in ascending order.
 */
final class KeySketchCodec {

    private static final int SERIAL_VERSION = 3;
    private static final int FAMILY_COMPACT = 3;
    private static final int FLAGS = 0b01_1010;
    private static final int FLAG_SINGLE = 0b10_0000;

    /** A checksum of the hash function's seed, so that sketches with other hashes are refused. */
    private static final short SEED_HASH = (short) 0x93CC;

    private static final int HEADER_BYTES = Long.BYTES;

    private KeySketchCodec() {}

    /** Encodes hashes, of which there is at least one. */
    static byte[] encode(SmallestHashes hashes) {
        long[] all = hashes.toArray();
        boolean sampled = hashes.threshold() < Long.MAX_VALUE;
        boolean single = all.length == 1 && !sampled;
        int preamble = single ? 1 : sampled ? 3 : 2;
        ByteBuffer buffer =
                ByteBuffer.allocate((preamble + all.length) * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put((byte) preamble);
        buffer.put((byte) SERIAL_VERSION);
        buffer.put((byte) FAMILY_COMPACT);
        buffer.putShort((short) 0);
        buffer.put((byte) (single ? FLAGS | FLAG_SINGLE : FLAGS));
        buffer.putShort(SEED_HASH);
        if (!single) {
            buffer.putInt(all.length);
            buffer.putFloat(1);
        }
        if (sampled) {
            buffer.putLong(hashes.threshold());
        }
        buffer.asLongBuffer().put(all);
        return buffer.array();
    }

    /**
     * Decodes a sketch and adds its hashes to {@code target}.
     *
     * @throws IllegalArgumentException if the bytes are not such a sketch
     */
    static void decode(byte[] bytes, SmallestHashes target) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int preamble = bytes.length < HEADER_BYTES ? 0 : bytes[0];
        if (preamble < 1
                || preamble > 3
                || bytes.length < preamble * Long.BYTES
                || bytes[1] != SERIAL_VERSION
                || bytes[2] != FAMILY_COMPACT
                || (bytes[5] & FLAGS) != FLAGS
                || buffer.getShort(6) != SEED_HASH) {
            throw new IllegalArgumentException(bytes.length + " bytes are not a sketch of keys");
        }
        int count = preamble == 1 ? 1 : buffer.getInt(HEADER_BYTES);
        if (count < 0 || bytes.length != ((long) preamble + count) * Long.BYTES) {
            throw new IllegalArgumentException(
                    "a sketch of " + count + " keys does not have " + bytes.length + " bytes");
        }
        long[] hashes = new long[count];
        buffer.position(preamble * Long.BYTES).asLongBuffer().get(hashes);
        target.addAll(hashes, preamble == 3 ? buffer.getLong(2 * Long.BYTES) : Long.MAX_VALUE);
    }
}
