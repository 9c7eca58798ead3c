package io.understudy.wire;

/**
 * The routing decision in the header of a record.
 *
 * @param route decision
 * @param routedAt time of the decision, milliseconds since 1970
 */
public record Routed(Route route, long routedAt) {}
