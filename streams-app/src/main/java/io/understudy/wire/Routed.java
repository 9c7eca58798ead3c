package io.understudy.wire;

import java.util.Optional;

/**
 * The routing decision in the header of a record.
 *
 * @param route decision
 * @param receivedAt time that the sender gave the request, milliseconds since 1970; empty if the header does not have it
 * @param routedAt time of the decision, milliseconds since 1970
 */
public record Routed(Route route, Optional<Long> receivedAt, long routedAt) {}
