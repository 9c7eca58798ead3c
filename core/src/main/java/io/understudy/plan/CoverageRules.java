package io.understudy.plan;

import java.time.Duration;
import java.util.Optional;

/**
 * How evenly the outcomes of both arms must arrive.
 *
 * @param difference the difference between the arms' coverages that is tolerated, 0 to 1
 * @param after the age at which a request has its outcome, if it ever gets one; empty for the outcome window
 */
public record CoverageRules(double difference, Optional<Duration> after) {}
