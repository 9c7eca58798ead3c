package io.understudy.judging;

import static io.understudy.testing.Plans.byKey;

import io.understudy.evidence.Claim;
import io.understudy.plan.EvidencePlan;
import io.understudy.reason.ReasonCode;
import io.understudy.testing.Snapshots;
import java.time.Duration;

/** A plan with a bit of everything, and what the judge finds of its stage. */
final class Judging {

    static final String SUCCESS = "kind: accuracy, role: success, mde: 1.3";
    static final String GUARDRAIL = "kind: error-rate, role: guardrail, margin: 2, limit: 0.1";
    static final String DIAGNOSTIC = "kind: timeout-rate, role: diagnostic";

    static final EvidencePlan PLAN = byKey(
            "kind: ab, share: 40%, require: superiority, minimum: {units: 500, duration: 5m, coverage: 80%},"
                    + " maximum: {duration: 1h}",
            SUCCESS, GUARDRAIL, DIAGNOSTIC);

    static final EvidencePlan FIXED = byKey(
            "kind: ab, share: 40%, require: superiority, test: fixed, maximum: {duration: 1h}", SUCCESS, GUARDRAIL);

    static final EvidencePlan FULL = byKey("kind: canary, share: 100%, minimum: {units: 500, duration: 5m}", GUARDRAIL);

    /** Two deciding metrics and a limit share the alpha of aborting. */
    static final double HARM = Math.log(3 / 0.05);

    static final double SHOWN = Math.log(1 / 0.05);
    static final double MISMATCH = Math.log(1000);
    static final Duration OVER = Duration.ofHours(1);

    private Judging() {}

    static Snapshots snapshot() {
        return Snapshots.of(PLAN);
    }

    static Snapshots passing() {
        return snapshot()
                .look(0, look -> look.shows(Claim.SUPERIOR, SHOWN))
                .look(1, look -> look.shows(Claim.NON_INFERIOR, SHOWN));
    }

    static Finding judge(Snapshots snapshot) {
        return Judge.judge(snapshot.build());
    }

    static ReasonCode code(Snapshots snapshot) {
        return judge(snapshot).code();
    }
}
