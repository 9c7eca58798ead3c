package io.understudy.evidence;

import java.util.Arrays;

/**
 * All hashes below a threshold, in ascending order. When there are more than the capacity, the threshold sinks to the
 * first one that does not fit. Merging a few into many costs little, which a look after every window depends on.
 * Mutable, for one thread.
 */
final class SmallestHashes {

    private final int capacity;
    private long[] hashes = {};
    private int size;
    private long threshold = Long.MAX_VALUE;

    SmallestHashes(int capacity) {
        this.capacity = capacity;
    }

    /** Only hashes below it are held; {@link Long#MAX_VALUE} while every hash is. */
    long threshold() {
        return threshold;
    }

    boolean isEmpty() {
        return size == 0 && threshold == Long.MAX_VALUE;
    }

    /** A copy of the hashes, in ascending order. */
    long[] toArray() {
        return Arrays.copyOf(hashes, size);
    }

    /** Adds all hashes of {@code other}. */
    void addAll(SmallestHashes other) {
        addAll(other.toArray(), other.threshold);
    }

    /**
     * Adds all hashes of a sample.
     *
     * @param sample distinct hashes in ascending order, all below its threshold
     * @param thresholdOfSample its threshold
     */
    void addAll(long[] sample, long thresholdOfSample) {
        threshold = Math.min(threshold, thresholdOfSample);
        size = countBelow(threshold);
        insert(Arrays.stream(sample)
                .filter(hash -> hash < threshold && !contains(hash))
                .toArray());
        if (size > capacity) {
            threshold = hashes[capacity];
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

    /** The estimated number of distinct hashes ever added. */
    double estimate() {
        return size / fraction();
    }

    /** The squared relative standard error of the estimate; 0 while it is exact. */
    double relativeVariance() {
        return threshold < Long.MAX_VALUE ? (1 - fraction()) / size : 0;
    }

    private double fraction() {
        return threshold / (double) Long.MAX_VALUE;
    }

    /** How many hashes of either, and how many of both, are below the thresholds of both. */
    static KeySample sample(SmallestHashes existing, SmallestHashes candidate) {
        long both = Math.min(existing.threshold, candidate.threshold);
        int existingBelow = existing.countBelow(both);
        int candidateBelow = candidate.countBelow(both);
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
}
