package io.understudy.plan;

import io.understudy.schema.Breaker;
import java.time.Duration;
import java.util.Optional;

/**
 * How users are protected while the candidate serves them.
 *
 * @param deadline how long a request waits for the candidate before the existing model answers in its place
 * @param breaker when the candidate fails so often that it must stop serving; empty for never
 */
public record FallbackPolicy(Duration deadline, Optional<Breaker> breaker) {}
