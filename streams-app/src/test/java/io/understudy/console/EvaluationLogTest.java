package io.understudy.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.SchemaClasses;
import io.understudy.schema.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EvaluationLogTest {

    private static final int WINDOWS = 5000;
    private static final int NEWEST = 200;

    static {
        SchemaClasses.trust();
    }

    @Test
    void keepsWhatIsNewerMoreCloselyAndNeverTooMuch() {
        EvaluationLog log = new EvaluationLog();
        IntStream.range(0, WINDOWS).forEach(i -> log.add(evaluation(i)));

        List<Instant> kept = log.since(Instant.MIN).stream()
                .map(RolloutEvaluation::getWindowEnd)
                .toList();
        assertThat(kept)
                .hasSizeBetween(EvaluationLog.MAX_EVALUATIONS / 2, EvaluationLog.MAX_EVALUATIONS)
                .isSorted();
        assertThat(kept.get(0)).as("the beginning is still there").isEqualTo(end(0));
        assertThat(kept.subList(kept.size() - NEWEST, kept.size()))
                .as("nothing is missing of what came last")
                .isEqualTo(IntStream.range(WINDOWS - NEWEST, WINDOWS)
                        .mapToObj(EvaluationLogTest::end)
                        .toList());
        assertThat(log.last().orElseThrow().getWindowEnd()).isEqualTo(end(WINDOWS - 1));
    }

    private static RolloutEvaluation evaluation(int window) {
        return ApiTest.evaluation(end(window), Verdict.CONTINUE);
    }

    private static Instant end(int window) {
        return ConsoleFixture.NOW.plusSeconds(10L * window);
    }
}
