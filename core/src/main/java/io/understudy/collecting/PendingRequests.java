package io.understudy.collecting;

import io.understudy.schema.PendingRequest;
import java.util.Optional;

/** What is known of requests whose evidence is not complete, and markers of those that have been counted. */
public interface PendingRequests {

    /** What is known of a request; empty when nothing is. */
    Optional<PendingRequest> get(String deployment, String requestId);

    /** Remembers what is known of a request. */
    void put(String deployment, String requestId, PendingRequest request);
}
