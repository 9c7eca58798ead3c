package io.understudy.evidence;

/**
 * The evidence for one claim about one metric at one look.
 *
 * @param logEvidence ln E now; 0 is no evidence, and a negative value is evidence against the claim
 * @param highest the highest ln E at any look of the stage, at least 0; this value decides the claim
 * @param p the p-value of the classical test for a single look; NaN when undefined or when the stage is judged
 *     sequentially
 * @param isPointedTo whether the point estimate agrees with the claim
 */
public record ClaimLook(double logEvidence, double highest, double p, boolean isPointedTo) {}
