package io.understudy.evidence;

import io.understudy.schema.Arm;
import io.understudy.statistics.KeyGroupSums;
import java.util.Arrays;

/**
 * The number of requests of each arm, by bucket of their keys. Where requests are the independent units, all are in
 * bucket 0. Mutable, for one thread.
 */
final class BucketedRequests {

    private long[] existing = {};
    private long[] candidate = {};

    void add(Arm arm, int bucket, long requests) {
        if (arm == Arm.CANDIDATE) {
            candidate = withBucket(candidate, bucket);
            candidate[bucket] += requests;
        } else {
            existing = withBucket(existing, bucket);
            existing[bucket] += requests;
        }
    }

    /** Most windows of a stage by request use one bucket, so the others are made when they are needed. */
    private static long[] withBucket(long[] counts, int bucket) {
        return bucket < counts.length ? counts : Arrays.copyOf(counts, bucket == 0 ? 1 : KeyGroupSums.COUNT);
    }

    void addAll(BucketedRequests other) {
        for (Arm arm : new Arm[] {Arm.EXISTING, Arm.CANDIDATE}) {
            long[] counts = other.of(arm);
            for (int i = counts.length - 1; i >= 0; i--) {
                if (counts[i] > 0) {
                    add(arm, i, counts[i]);
                }
            }
        }
    }

    private long[] of(Arm arm) {
        return arm == Arm.CANDIDATE ? candidate : existing;
    }

    /** The requests of an arm in the first {@code buckets} buckets. */
    long[] of(Arm arm, int buckets) {
        return Arrays.copyOf(of(arm), buckets);
    }

    long total(Arm arm) {
        return Arrays.stream(of(arm)).sum();
    }

    boolean isEmpty() {
        return existing.length + candidate.length == 0;
    }
}
