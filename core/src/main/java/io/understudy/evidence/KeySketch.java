package io.understudy.evidence;

import java.util.Arrays;
import org.apache.datasketches.memory.Memory;
import org.apache.datasketches.theta.HashIterator;
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
    }

    void addAll(KeySketch other) {
        if (other.updates != null) {
            merged().union(other.updates);
        }
        if (other.merged != null) {
            merged().union(other.merged.getResult(false, null));
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
        return Math.round(sketch().getEstimate());
    }

    /** The estimated number of distinct keys. */
    double estimate() {
        return sketch().getEstimate();
    }

    /** The squared relative standard error of {@link #estimate}; 0 while it is exact. */
    double relativeVariance() {
        Sketch sketch = sketch();
        return sketch.isEstimationMode() ? (1 - sketch.getTheta()) / sketch.getRetainedEntries() : 0;
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
            merged().union(Sketches.heapifySketch(Memory.wrap(bytes)));
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

    /**
     * A sample that includes every key of either arm with the same probability: all keys whose hash is below the
     * thresholds of both sketches.
     */
    static KeySample sample(KeySketch existing, KeySketch candidate) {
        Sketch existingSketch = existing.sketch();
        Sketch candidateSketch = candidate.sketch();
        long theta = Math.min(existingSketch.getThetaLong(), candidateSketch.getThetaLong());
        long[] existingHashes = sortedHashesBelow(existingSketch, theta);
        long[] candidateHashes = sortedHashesBelow(candidateSketch, theta);
        return new KeySample(
                existingHashes.length, candidateHashes.length, countInBoth(existingHashes, candidateHashes));
    }

    private static long[] sortedHashesBelow(Sketch sketch, long theta) {
        long[] hashes = new long[sketch.getRetainedEntries()];
        int count = 0;
        for (HashIterator iterator = sketch.iterator(); iterator.next(); ) {
            if (iterator.get() < theta) {
                hashes[count++] = iterator.get();
            }
        }
        long[] below = Arrays.copyOf(hashes, count);
        Arrays.sort(below);
        return below;
    }

    private static long countInBoth(long[] existing, long[] candidate) {
        long count = 0;
        int i = 0;
        int j = 0;
        while (i < existing.length && j < candidate.length) {
            int order = Long.compare(existing[i], candidate[j]);
            count += order == 0 ? 1 : 0;
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
        return count;
    }
}
