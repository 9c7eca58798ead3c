package io.understudy.evidence;

/** A claim that evidence can support. */
public enum Claim {
    /** The candidate is better. */
    SUPERIOR,
    /** The candidate is not worse by the margin. */
    NON_INFERIOR,
    /** The candidate is worse; for a guardrail, worse by more than its margin. */
    HARM
}
