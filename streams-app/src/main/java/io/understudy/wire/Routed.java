package io.understudy.wire;

/**
 * A routing decision that was stamped on a record.
 *
 * @param route the decision
 * @param at when it was made, milliseconds since 1970
 */
public record Routed(Route route, long at) {}
