package io.understudy.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.plan.VerdictPolicies.Policy;
import io.understudy.schema.Verdict;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class VerdictPoliciesTest {

    private static final Duration GRACE = Duration.ofMinutes(5);

    @Test
    void aCaseHasOnlyThePoliciesThatMakeSenseForIt() {
        assertThatThrownBy(() -> new VerdictPolicies(Policy.FAIL, Policy.HOLD, Policy.HOLD, GRACE))
                .hasMessage("inconclusive must be one of [CONTINUE, HOLD, ABORT], not FAIL");
        assertThatThrownBy(() -> new VerdictPolicies(Policy.HOLD, Policy.IGNORE, Policy.HOLD, GRACE))
                .hasMessage("invalid must be one of [HOLD, ABORT], not IGNORE");
        assertThatThrownBy(() -> new VerdictPolicies(Policy.HOLD, Policy.HOLD, Policy.ABORT, GRACE))
                .hasMessage("no-data must be one of [HOLD, FAIL, IGNORE], not ABORT");
        assertThatThrownBy(() -> new VerdictPolicies(Policy.HOLD, Policy.HOLD, Policy.HOLD, GRACE.negated()))
                .hasMessage("grace must not be negative, not PT-5M");
    }

    @Test
    void eachPolicyDecidesForItsOwnVerdict() {
        VerdictPolicies inconclusive = new VerdictPolicies(Policy.ABORT, Policy.HOLD, Policy.HOLD, GRACE);
        VerdictPolicies invalid = new VerdictPolicies(Policy.HOLD, Policy.ABORT, Policy.HOLD, GRACE);

        assertThat(inconclusive.isAbortedBy(Verdict.INCONCLUSIVE)).isTrue();
        assertThat(inconclusive.isAbortedBy(Verdict.INVALID)).isFalse();
        assertThat(invalid.isAbortedBy(Verdict.INVALID)).isTrue();
        assertThat(invalid.isAbortedBy(Verdict.INCONCLUSIVE)).isFalse();
    }

    @Test
    void missingDataEndARolloutOnlyByTheJudgesAbort() {
        VerdictPolicies fail = new VerdictPolicies(Policy.HOLD, Policy.HOLD, Policy.FAIL, GRACE);

        assertThat(fail.isAbortedBy(Verdict.NO_DATA)).isFalse();
        assertThat(fail.isAbortedBy(Verdict.ABORT)).isTrue();
    }
}
