package io.understudy.collecting;

import io.understudy.schema.PendingRequest;
import java.util.List;
import java.util.Optional;

/** Stores requests whose evidence is incomplete, and markers of requests that have been counted. */
public interface PendingRequests {

    /** Returns the stored request or marker; empty if the request is not stored. */
    Optional<PendingRequest> get(String deployment, String requestId);

    /** Stores a request or marker. Replaces an earlier one. */
    void put(String deployment, String requestId, PendingRequest request);

    /** Stores that a request is to be counted at a time, besides what {@link #put} stores. */
    void putDue(String deployment, Due due);

    /**
     * Removes and returns the requests that are to be counted before a time, in the order of their times, and requests
     * of the same time in the order of their identifiers.
     *
     * @param before milliseconds since 1970
     */
    List<Due> takeDue(String deployment, long before);

    /**
     * A request that is to be counted at its maturity.
     *
     * @param time when it is to be counted, milliseconds since 1970
     * @param requestId identifier of the request
     * @param bucket bucket of its key
     */
    record Due(long time, String requestId, int bucket) {}
}
