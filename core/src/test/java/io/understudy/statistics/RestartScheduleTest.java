package io.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RestartScheduleTest {

    private static final RestartSchedule SCHEDULE = new RestartSchedule(16);

    private static List<Long> starts(long from, long to) {
        return LongStream.range(from, to).filter(SCHEDULE::isStart).boxed().toList();
    }

    @Test
    void startsBeforeEveryEarlyWindowAndThenSixteenTimesABlock() {
        assertThat(starts(1, 33)).hasSize(32);
        assertThat(starts(1024, 2048)).hasSize(16).startsWith(1024L, 1088L).endsWith(1984L);
    }

    @Test
    void theWeightsOfAllStartsAddUpToOneHowevermanyWindowsCome() {
        double sum = Math.exp(RestartSchedule.LOG_WEIGHT_OF_BEGINNING);
        for (int block = 0; block < 40; block++) {
            long first = 1L << block;
            for (long i = 0; i < Math.min(16, first); i++) {
                long start = first + i * Math.max(1, first / 16);
                assertThat(SCHEDULE.isStart(start)).isTrue();
                sum += Math.exp(SCHEDULE.logWeight(start));
            }
        }

        // What is left is for the blocks after the fortieth: half of a tenth, divided by the 27 blocks since the even
        // ones.
        assertThat(sum).isCloseTo(1 - 0.05 / 27, within(1e-12));
    }

    @Test
    void keepsTwiceAsManyStartsAsABlockHas() {
        assertThat(SCHEDULE.mostStarts()).isEqualTo(32);
    }

    @Test
    void rejectsANumberOfStartsThatDoesNotDivideABlock() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RestartSchedule(12))
                .withMessage("startsPerBlock is 12; it must be a power of 2");
    }
}
