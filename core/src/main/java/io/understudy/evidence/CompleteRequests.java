package io.understudy.evidence;

import io.understudy.schema.Arm;
import org.jspecify.annotations.Nullable;

/**
 * Requests of both arms that were routed so long ago that all of their answers have arrived, and their distinct keys.
 * Mutable, for one thread.
 */
public final class CompleteRequests {

    private final RequestCounts requests = RequestCounts.withoutObservations();
    private final KeySketch existingKeys = KeySketch.precise();
    private final KeySketch candidateKeys = KeySketch.precise();

    /**
     * Counts a request.
     *
     * @param bucket the bucket of its key
     * @param key the key; null where keys are not the units
     */
    public void add(Arm arm, int bucket, byte @Nullable [] key) {
        requests.request(arm, bucket);
        if (key != null) {
            keys(arm).add(key);
        }
    }

    /** Adds all requests of {@code other}. */
    public void addAll(CompleteRequests other) {
        requests.addAll(other.requests);
        existingKeys.addAll(other.existingKeys);
        candidateKeys.addAll(other.candidateKeys);
    }

    /** Whether there are no requests. */
    public boolean isEmpty() {
        return requests.isEmpty();
    }

    RequestCounts requests() {
        return requests;
    }

    KeySketch keys(Arm arm) {
        return arm == Arm.CANDIDATE ? candidateKeys : existingKeys;
    }
}
