package io.understudy.evidence;

import java.util.Arrays;
import org.apache.datasketches.theta.HashIterator;
import org.apache.datasketches.theta.Sketch;

/**
 * The hashes that a theta sketch holds, in ascending order. When more hashes come, merging them costs their number and
 * not that of the hashes already held, which a look after every window depends on: the result of a union of sketches
 * is computed from all of them. Mutable, for one thread.
 */
final class SmallestHashes {

    private final int capacity;
    private long[] hashes;
    private int size;
    private long theta;

    private SmallestHashes(int capacity, long[] hashes, long theta) {
        this.capacity = capacity;
        this.hashes = hashes;
        this.size = hashes.length;
        this.theta = theta;
    }

    /** The hashes of {@code sketch}; once more are added, at most {@code capacity} of them remain. */
    static SmallestHashes of(Sketch sketch, int capacity) {
        return new SmallestHashes(capacity, sorted(sketch, Long.MAX_VALUE), sketch.getThetaLong());
    }

    /** Adds the hashes of {@code sketch}; what remains is what the union of both sketches holds. */
    void addAll(Sketch sketch) {
        theta = Math.min(theta, sketch.getThetaLong());
        size = countBelow(theta);
        insert(Arrays.stream(sorted(sketch, theta))
                .filter(hash -> !contains(hash))
                .toArray());
        if (size > capacity) {
            theta = hashes[capacity];
            size = capacity;
        }
    }

    private boolean contains(long hash) {
        return Arrays.binarySearch(hashes, 0, size, hash) >= 0;
    }

    /** Inserts hashes, in ascending order, from the last to the first: each hash already held moves once. */
    private void insert(long[] added) {
        if (size + added.length > hashes.length) {
            hashes = Arrays.copyOf(hashes, size + 2 * added.length);
        }
        int from = size;
        int to = size + added.length;
        size = to;
        for (int i = added.length - 1; i >= 0; i--) {
            int position = -Arrays.binarySearch(hashes, 0, from, added[i]) - 1;
            int greater = from - position;
            to -= greater;
            System.arraycopy(hashes, position, hashes, to, greater);
            hashes[--to] = added[i];
            from = position;
        }
    }

    /** The estimated number of distinct keys, as the sketch estimates it. */
    double estimate() {
        return size / fraction();
    }

    /** The squared relative standard error of the estimate; 0 while it is exact. */
    double relativeVariance() {
        return theta < Long.MAX_VALUE ? (1 - fraction()) / size : 0;
    }

    private double fraction() {
        return theta / (double) Long.MAX_VALUE;
    }

    /** How many hashes of either, and how many of both, are below the thresholds of both. */
    static KeySample sample(SmallestHashes existing, SmallestHashes candidate) {
        long theta = Math.min(existing.theta, candidate.theta);
        int existingBelow = existing.countBelow(theta);
        int candidateBelow = candidate.countBelow(theta);
        int inBoth = 0;
        int i = 0;
        int j = 0;
        while (i < existingBelow && j < candidateBelow) {
            long x = existing.hashes[i];
            long y = candidate.hashes[j];
            inBoth += x == y ? 1 : 0;
            i += x <= y ? 1 : 0;
            j += y <= x ? 1 : 0;
        }
        return new KeySample(existingBelow, candidateBelow, inBoth);
    }

    private int countBelow(long limit) {
        int index = Arrays.binarySearch(hashes, 0, size, limit);
        return index < 0 ? -index - 1 : index;
    }

    private static long[] sorted(Sketch sketch, long limit) {
        long[] hashes = new long[sketch.getRetainedEntries(true)];
        int count = 0;
        for (HashIterator iterator = sketch.iterator(); iterator.next(); ) {
            if (iterator.get() < limit) {
                hashes[count++] = iterator.get();
            }
        }
        long[] below = count == hashes.length ? hashes : Arrays.copyOf(hashes, count);
        Arrays.sort(below);
        return below;
    }
}
