package io.understudy.evidence;

/**
 * The evidence for one claim about one metric at one look.
 *
 * @param logEvidence ln E now, which decides the claim; 0 is no evidence, and a negative value is evidence against the
 *     claim. For harm, the evidence since later starts is part of it
 * @param p the p-value of the classical test for a single look; NaN when undefined or when the stage is judged
 *     sequentially
 * @param isPointedTo whether the point estimate agrees with the claim; for harm, the estimate since the start that shows
 *     the most harm
 */
public record ClaimLook(double logEvidence, double p, boolean isPointedTo) {}
