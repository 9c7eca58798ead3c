package io.understudy.evidence;

import java.util.Arrays;
import org.apache.datasketches.memory.Memory;
import org.apache.datasketches.theta.HashIterator;
import org.apache.datasketches.theta.SetOperation;
import org.apache.datasketches.theta.Sketch;
import org.apache.datasketches.theta.Sketches;
import org.apache.datasketches.theta.Union;
import org.apache.datasketches.theta.UpdateSketch;

/**
 * The distinct keys of one arm, as a theta sketch: exact up to {@value #NOMINAL} keys, a uniform sample of them beyond, 1.6 % off in the
 * estimate (A. Dasgupta et al., "A framework for estimating stream expression cardinalities", 2016). Mutable, for one thread.
 */
final class KeySketch {

    private static final int NOMINAL = 4096;

    private static final Sketch NOBODY = UpdateSketch.builder().build().compact();

    private UpdateSketch updates;
    private Union merged;

    void add(byte[] key) {
        if (updates == null) {
            updates = UpdateSketch.builder().setNominalEntries(NOMINAL).build();
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
            merged = SetOperation.builder().setNominalEntries(NOMINAL).buildUnion();
        }
        return merged;
    }

    long count() {
        return Math.round(sketch().getEstimate());
    }

    /** The sketch's bytes, the same for the same keys; none when there are no keys. */
    byte[] toBytes() {
        return isEmpty() ? new byte[0] : sketch().compact(true, null).toByteArray();
    }

    static KeySketch fromBytes(byte[] bytes) {
        KeySketch keys = new KeySketch();
        if (bytes.length > 0) {
            keys.merged().union(Sketches.heapifySketch(Memory.wrap(bytes)));
        }
        return keys;
    }

    boolean isEmpty() {
        return updates == null && merged == null;
    }

    private Sketch sketch() {
        if (merged == null) {
            return updates == null ? NOBODY : updates;
        }
        if (updates != null) {
            merged.union(updates);
            updates = null;
        }
        return merged.getResult(false, null);
    }

    /** A sample in which a key of either arm is with the same chance: every key whose hash is below what both sketches keep. */
    static KeySample sample(KeySketch existing, KeySketch candidate) {
        Sketch a = existing.sketch();
        Sketch b = candidate.sketch();
        long theta = Math.min(a.getThetaLong(), b.getThetaLong());
        long[] ofExisting = below(a, theta);
        long[] ofCandidate = below(b, theta);
        return new KeySample(ofExisting.length, ofCandidate.length, inBoth(ofExisting, ofCandidate));
    }

    private static long[] below(Sketch sketch, long theta) {
        long[] hashes = new long[sketch.getRetainedEntries()];
        int count = 0;
        for (HashIterator iterator = sketch.iterator(); iterator.next(); ) {
            if (iterator.get() < theta) {
                hashes[count++] = iterator.get();
            }
        }
        long[] kept = Arrays.copyOf(hashes, count);
        Arrays.sort(kept);
        return kept;
    }

    private static long inBoth(long[] a, long[] b) {
        long count = 0;
        int i = 0;
        int j = 0;
        while (i < a.length && j < b.length) {
            int order = Long.compare(a[i], b[j]);
            count += order == 0 ? 1 : 0;
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
        return count;
    }
}
