package io.understudy.evidence;

import java.util.Arrays;
import org.apache.commons.codec.digest.MurmurHash3;

/**
 * The distinct keys of one arm: the smallest hashes of its keys. Exact up to {@value #NOMINAL_ENTRIES} keys. With more
 * keys they are a uniform sample of them, and the estimated count is off by 1.6 % (Z. Bar-Yossef et al., "Counting
 * distinct elements in a data stream", 2002; merged as in A. Dasgupta et al., "A framework for estimating stream
 * expression cardinalities", 2016). Mutable, for one thread.
 */
final class KeySketch {

    private static final int NOMINAL_ENTRIES = 4096;

    /** With so many keys in an arm, its estimated count is off by 0.8 %. */
    private static final int PRECISE_ENTRIES = 16_384;

    /** Added hashes are sorted so many at a time. */
    private static final int BATCH = 1024;

    /** Fixed, because sketches that are stored must be comparable with those of every later version. */
    private static final int SEED = 9001;

    private static final long[] NONE = {};

    private final SmallestHashes hashes;

    /** Hashes that were added last, in any order and possibly more than once. */
    private long[] recent = NONE;

    private int recentSize;

    private KeySketch(int capacity) {
        this.hashes = new SmallestHashes(capacity);
    }

    KeySketch() {
        this(NOMINAL_ENTRIES);
    }

    /** No keys; sketches that are merged into it add up to a larger sample, exact up to {@value #PRECISE_ENTRIES} keys. */
    static KeySketch precise() {
        return new KeySketch(PRECISE_ENTRIES);
    }

    void add(byte[] key) {
        long hash = MurmurHash3.hash128x64(key, 0, key.length, SEED)[0] >>> 1;
        if (hash >= hashes.threshold()) {
            return;
        }
        if (recentSize == recent.length) {
            if (recentSize < BATCH) {
                recent = Arrays.copyOf(recent, Math.max(16, 2 * recentSize));
            } else {
                sortRecent();
            }
        }
        recent[recentSize++] = hash;
    }

    private void sortRecent() {
        long[] distinct =
                Arrays.stream(recent, 0, recentSize).sorted().distinct().toArray();
        recentSize = 0;
        hashes.addAll(distinct, Long.MAX_VALUE);
    }

    void addAll(KeySketch other) {
        hashes.addAll(other.hashes());
    }

    /** The number of distinct keys. */
    long count() {
        return Math.round(estimate());
    }

    /** The estimated number of distinct keys. */
    double estimate() {
        return hashes().estimate();
    }

    /** The squared relative standard error of {@link #estimate}; 0 while it is exact. */
    double relativeVariance() {
        return hashes().relativeVariance();
    }

    /** The sketch as bytes: the same bytes for the same keys, and no bytes without keys. */
    byte[] toBytes() {
        return isEmpty() ? new byte[0] : KeySketchCodec.encode(hashes());
    }

    static KeySketch fromBytes(byte[] bytes) {
        KeySketch keys = new KeySketch();
        keys.addBytes(bytes);
        return keys;
    }

    /**
     * Adds the keys that {@link #toBytes} returned.
     *
     * @throws IllegalArgumentException if the bytes are not a sketch
     */
    void addBytes(byte[] bytes) {
        if (bytes.length > 0) {
            KeySketchCodec.decode(bytes, hashes);
        }
    }

    boolean isEmpty() {
        return recentSize == 0 && hashes.isEmpty();
    }

    private SmallestHashes hashes() {
        if (recentSize > 0) {
            sortRecent();
        }
        return hashes;
    }

    /**
     * A sample that includes every key of either arm with the same probability: all keys whose hash is below the
     * thresholds of both sketches.
     */
    static KeySample sample(KeySketch existing, KeySketch candidate) {
        return SmallestHashes.sample(existing.hashes(), candidate.hashes());
    }
}
