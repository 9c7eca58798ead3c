package io.understudy.evidence;

import org.apache.datasketches.memory.Memory;
import org.apache.datasketches.theta.SetOperation;
import org.apache.datasketches.theta.Sketch;
import org.apache.datasketches.theta.Sketches;
import org.apache.datasketches.theta.Union;
import org.apache.datasketches.theta.UpdateSketch;
import org.jspecify.annotations.Nullable;

/**
 * The distinct keys of one arm, as a theta sketch: exact up to {@value #NOMINAL_ENTRIES} keys. With more keys it holds
 * a uniform sample of them, and the estimated count is off by 1.6 % (A. Dasgupta et al., "A framework for estimating
 * stream expression cardinalities", 2016). Merged sketches may hold more. Mutable, for one thread.
 */
final class KeySketch {

    private static final int NOMINAL_ENTRIES = 4096;

    /** With so many keys in an arm, its estimated count is off by 0.8 %. */
    private static final int PRECISE_ENTRIES = 16_384;

    private static final Sketch EMPTY = UpdateSketch.builder().build().compact();

    private final int mergedEntries;
    private @Nullable UpdateSketch updates;
    private @Nullable Union merged;

    /** All hashes in order, from the first look on, so that the next look does not compute them again. */
    private @Nullable SmallestHashes looked;

    private KeySketch(int mergedEntries) {
        this.mergedEntries = mergedEntries;
    }

    KeySketch() {
        this(NOMINAL_ENTRIES);
    }

    /** No keys; sketches that are merged into it add up to a larger sample, exact up to {@value #PRECISE_ENTRIES} keys. */
    static KeySketch precise() {
        return new KeySketch(PRECISE_ENTRIES);
    }

    void add(byte[] key) {
        if (updates == null) {
            updates = UpdateSketch.builder().setNominalEntries(NOMINAL_ENTRIES).build();
        }
        updates.update(key);
        looked = null;
    }

    void addAll(KeySketch other) {
        if (other.updates != null) {
            union(other.updates);
        }
        if (other.merged != null) {
            union(other.merged.getResult(false, null));
        }
    }

    private void union(Sketch sketch) {
        merged().union(sketch);
        if (looked != null) {
            looked.addAll(sketch);
        }
    }

    private Union merged() {
        if (merged == null) {
            merged = SetOperation.builder().setNominalEntries(mergedEntries).buildUnion();
        }
        return merged;
    }

    /** The number of distinct keys. */
    long count() {
        return Math.round(hashes().estimate());
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
        return isEmpty() ? new byte[0] : sketch().compact(true, null).toByteArray();
    }

    static KeySketch fromBytes(byte[] bytes) {
        KeySketch keys = new KeySketch();
        keys.addBytes(bytes);
        return keys;
    }

    /** Adds the keys that {@link #toBytes} returned. */
    void addBytes(byte[] bytes) {
        if (bytes.length > 0) {
            union(Sketches.heapifySketch(Memory.wrap(bytes)));
        }
    }

    boolean isEmpty() {
        return updates == null && merged == null;
    }

    private Sketch sketch() {
        if (merged == null) {
            return updates == null ? EMPTY : updates;
        }
        if (updates != null) {
            merged.union(updates);
            updates = null;
        }
        return merged.getResult(false, null);
    }

    private SmallestHashes hashes() {
        if (looked == null) {
            looked = SmallestHashes.of(sketch(), mergedEntries);
        }
        return looked;
    }

    /**
     * A sample that includes every key of either arm with the same probability: all keys whose hash is below the
     * thresholds of both sketches.
     */
    static KeySample sample(KeySketch existing, KeySketch candidate) {
        return SmallestHashes.sample(existing.hashes(), candidate.hashes());
    }
}
