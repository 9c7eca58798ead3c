package io.understudy.evidence;

/**
 * One arm of a metric.
 *
 * @param units observations
 * @param estimate mean or rate in the metric's unit; NaN when undefined
 */
public record ArmLook(long units, double estimate) {}
