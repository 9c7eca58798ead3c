package io.understudy.judging;

import io.understudy.reason.ReasonCode;
import io.understudy.schema.Verdict;

/**
 * What the judge finds at one look: a verdict, and the facts that lead to it.
 *
 * @param verdict the verdict
 * @param reason why
 */
record Finding(Verdict verdict, VerdictReason reason) {

    ReasonCode code() {
        return reason.code();
    }
}
