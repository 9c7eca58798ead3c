package io.understudy.evidence;

import java.time.Duration;

/**
 * The progress of a stage in cycles.
 *
 * @param completed the number of whole cycles in which both arms had requests
 * @param isAtEnd whether the last of them has ended since the last look
 * @param rest the time until the open cycle ends, greater than zero
 */
public record CycleProgress(long completed, boolean isAtEnd, Duration rest) {}
