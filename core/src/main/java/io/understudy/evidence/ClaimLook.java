package io.understudy.evidence;

/**
 * The evidence for one claim about one metric.
 *
 * @param logEvidence ln E now; 0 is no evidence, and less speaks against the claim
 * @param highest the highest ln E at any look of the stage, at least 0; a claim is made by this
 * @param p the p-value of the classical test for one look; NaN when undefined, or when the stage is judged sequentially
 * @param isPointedTo whether the point estimate itself says what the claim says
 */
public record ClaimLook(double logEvidence, double highest, double p, boolean isPointedTo) {}
