package io.understudy.judging;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RulingTest {

    private static final Set<Verdict> ENDING =
            Set.of(Verdict.PASS, Verdict.ABORT, Verdict.INVALID, Verdict.INCONCLUSIVE);

    @ParameterizedTest
    @EnumSource
    void isDecisiveWhenItsVerdictEndsTheStage(Verdict verdict) {
        Ruling ruling = new Ruling(
                verdict, "UNKNOWN", "", List.of(), null, null, List.of(), 0, Optional.empty(), List.of(), List.of());

        assertThat(ruling.isDecisive()).isEqualTo(ENDING.contains(verdict));
    }

    @Test
    void aJudgeThatFailedBlamesNeitherModel() {
        Ruling failed = Ruling.failed("no plan");

        assertThat(failed.verdict()).isEqualTo(Verdict.ERROR);
        assertThat(failed.code()).isEqualTo("JUDGE_FAILED");
        assertThat(failed.reason()).contains("no plan");
        assertThat(failed.isDecisive()).isFalse();
        assertThat(failed.sampleRatioEvidence()).isZero();
    }
}
