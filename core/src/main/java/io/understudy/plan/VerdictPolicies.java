package io.understudy.plan;

import io.understudy.schema.Verdict;
import java.time.Duration;
import java.util.List;

/**
 * What happens to a rollout that cannot be decided.
 *
 * @param inconclusive CONTINUE, HOLD or ABORT, when nothing worth having can come of a stage. At its maximum, CONTINUE
 *     is HOLD
 * @param invalid HOLD or ABORT, when the comparison itself is broken
 * @param noData HOLD, FAIL or IGNORE, when an arm has no data
 * @param grace how long after the start of a stage data may be missing
 */
public record VerdictPolicies(Policy inconclusive, Policy invalid, Policy noData, Duration grace) {

    /** What can happen; not every choice exists in every case. */
    public enum Policy {
        /** Wait for an operator. */
        HOLD,
        /** Go on until the maximum of the stage. */
        CONTINUE,
        /** End the rollout. */
        ABORT,
        /** End the rollout because data are missing. */
        FAIL,
        /** Judge without them. */
        IGNORE
    }

    static final List<Policy> INCONCLUSIVE = List.of(Policy.CONTINUE, Policy.HOLD, Policy.ABORT);
    static final List<Policy> INVALID = List.of(Policy.HOLD, Policy.ABORT);
    static final List<Policy> NO_DATA = List.of(Policy.HOLD, Policy.FAIL, Policy.IGNORE);

    /**
     * Checks the policies.
     *
     * @throws IllegalArgumentException if a case has no such policy, or if the grace is negative
     */
    public VerdictPolicies {
        require("inconclusive", inconclusive, INCONCLUSIVE);
        require("invalid", invalid, INVALID);
        require("no-data", noData, NO_DATA);
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace must not be negative, not " + grace);
        }
    }

    private static void require(String name, Policy policy, List<Policy> allowed) {
        if (!allowed.contains(policy)) {
            throw new IllegalArgumentException(name + " must be one of " + allowed + ", not " + policy);
        }
    }

    /** Whether the verdict ends the rollout; if not, a rollout with such a verdict waits for an operator. */
    public boolean isAbortedBy(Verdict verdict) {
        return switch (verdict) {
            case ABORT -> true;
            case INCONCLUSIVE -> inconclusive == Policy.ABORT;
            case INVALID -> invalid == Policy.ABORT;
            // Missing data under FAIL are an ABORT already, because only the judge knows which data are missing.
            case NO_DATA, PASS, CONTINUE, HOLD, ERROR, UNKNOWN -> false;
        };
    }
}
