package io.understudy.plan;

import io.understudy.schema.Breaker;
import java.time.Duration;
import java.util.Optional;

/**
 * How those whom the candidate serves are kept from harm.
 *
 * @param deadline how long a request waits for the candidate before the existing model answers in its place
 * @param breaker when the candidate fails so often that it serves nothing any more; empty: never
 */
public record FallbackPolicy(Duration deadline, Optional<Breaker> breaker) {}
