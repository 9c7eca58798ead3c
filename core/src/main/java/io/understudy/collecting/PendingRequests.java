package io.understudy.collecting;

import io.understudy.schema.PendingRequest;
import java.util.Optional;

/** Stores requests whose evidence is incomplete, and markers of requests that have been counted. */
public interface PendingRequests {

    /** Returns the stored request or marker; empty if the request is not stored. */
    Optional<PendingRequest> get(String deployment, String requestId);

    /** Stores a request or marker. Replaces an earlier one. */
    void put(String deployment, String requestId, PendingRequest request);
}
