package io.understudy.assignment;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.apache.commons.codec.digest.MurmurHash3;

/**
 * Places a unit (a record key or a request id) in one of {@value #COUNT} buckets, uniformly and permanently.
 *
 * <p>{@code bucket = (murmur3_x86_32(utf8(salt) + unit, seed 0) as unsigned * 100000) >> 32}, where the unit is the
 * bytes of the key, or of the request id in UTF-8. For text, this is the placement of version 2 of the OpenFeature
 * flagd operator {@code fractional}: an OpenFeature client with the same salt finds the same bucket. Kafka's own
 * partition hash is not used, because then the arm would follow the partition.
 */
public final class HashBuckets {

    /** The number of buckets; one bucket is a share of 0.001 %. */
    public static final int COUNT = 100_000;

    private HashBuckets() {}

    /** The bucket of {@code unit}, a text, under {@code salt}, 0 to {@code COUNT - 1}. */
    public static int of(String salt, String unit) {
        return of(salt, unit.getBytes(UTF_8));
    }

    /**
     * The bucket of {@code unit} under {@code salt}, 0 to {@code COUNT - 1}. The bytes need not be text: read as text,
     * different binary keys would become the same unit.
     */
    public static int of(String salt, byte[] unit) {
        byte[] salted = salt.getBytes(UTF_8);
        byte[] bytes = Arrays.copyOf(salted, salted.length + unit.length);
        System.arraycopy(unit, 0, bytes, salted.length, unit.length);
        long hash = Integer.toUnsignedLong(MurmurHash3.hash32x86(bytes, 0, bytes.length, 0));
        return (int) ((hash * COUNT) >>> 32);
    }
}
