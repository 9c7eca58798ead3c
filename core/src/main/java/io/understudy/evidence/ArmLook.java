package io.understudy.evidence;

/**
 * One arm of a metric at one look.
 *
 * @param units number of observations
 * @param estimate the mean or rate in the metric's unit; NaN when undefined
 */
public record ArmLook(long units, double estimate) {}
