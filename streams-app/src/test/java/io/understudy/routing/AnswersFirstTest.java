package io.understudy.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.routing.AnswersFirst.Call;
import io.understudy.streams.ReadProgress.Reading;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnswersFirstTest {

    private final AnswersFirst answersFirst = new AnswersFirst();

    private Optional<Call> at(long time, Reading reading, long handledTo) {
        return answersFirst.at(time, Optional.of(reading), handledTo);
    }

    @Test
    void callsAtOnceWhereNothingIsKnown() {
        assertThat(answersFirst.at(100, Optional.empty(), 0)).contains(new Call(100, true));
    }

    @Test
    void callsTheDeadlinesOfThePastAfterTwoPollsWithoutAnswers() {
        assertThat(at(100, new Reading(7, 50, 0), 50)).isEmpty();
        assertThat(at(120, new Reading(8, 50, 0), 50)).isEmpty();
        assertThat(at(140, new Reading(9, 50, 0), 50)).contains(new Call(100, true));
        assertThat(at(160, new Reading(10, 50, 0), 50))
                .as("the deadlines since then need two polls of their own")
                .isEmpty();
        assertThat(at(180, new Reading(12, 50, 0), 50)).contains(new Call(160, true));
    }

    @Test
    void handlesWhatIsPolledAndWhatIsKnownToFollow() {
        at(100, new Reading(0, 50, 0), 50);
        assertThat(at(120, new Reading(2, 60, 15), 55)).isEmpty();
        assertThat(at(140, new Reading(3, 70, 9), 60)).as("75 is the end").isEmpty();
        assertThat(at(160, new Reading(4, 80, 4), 70)).isEmpty();
        assertThat(at(180, new Reading(5, 90, 3), 80))
                .as("answers that come later do not delay it further")
                .contains(new Call(100, true));
    }

    @Test
    void doesNotWaitForOffsetsWithoutRecords() {
        at(100, new Reading(0, 50, 0), 50);
        assertThat(at(120, new Reading(2, 50, 1), 50)).isEmpty();
        assertThat(at(140, new Reading(3, 50, 0), 50))
                .as("the offset was a transaction marker")
                .contains(new Call(100, true));
    }

    @Test
    void endsAPassThatTakesTooLong() {
        at(100, new Reading(0, 50, 1000), 0);
        long patience = AnswersFirst.PATIENCE.toMillis();
        assertThat(at(100 + patience - 1, new Reading(9, 60, 990), 0)).isEmpty();
        assertThat(at(100 + patience, new Reading(9, 60, 990), 0)).contains(new Call(100 + patience, false));
    }

    @Test
    void startsANewPassWhenTheDeadlinesOfTheLastOneAreSettled() {
        at(100, new Reading(0, 50, 0), 50);
        answersFirst.reset();
        assertThat(at(5000, new Reading(2, 50, 0), 50)).isEmpty();
        assertThat(at(5020, new Reading(4, 50, 0), 50)).contains(new Call(5000, true));
    }
}
