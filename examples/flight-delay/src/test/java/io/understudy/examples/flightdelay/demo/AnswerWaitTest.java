package io.understudy.examples.flightdelay.demo;

import static io.understudy.examples.flightdelay.demo.AnswerWait.State.DRAINED;
import static io.understudy.examples.flightdelay.demo.AnswerWait.State.STALLED;
import static io.understudy.examples.flightdelay.demo.AnswerWait.State.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class AnswerWaitTest {

    private static final OptionalLong UNKNOWN = OptionalLong.empty();

    private final AnswerWait wait = new AnswerWait(0, Duration.ofSeconds(60));

    private static long seconds(int seconds) {
        return Duration.ofSeconds(seconds).toNanos();
    }

    private static OptionalLong unread(long records) {
        return OptionalLong.of(records);
    }

    @Test
    void waitsAsLongAsAReaderMovesHoweverLongNoAnswerComes() {
        for (int second = 0; second < 600; second += 50) {
            assertThat(wait.observe(seconds(second), 0, unread(1000 - second), true))
                    .isEqualTo(WAIT);
        }
    }

    @Test
    void requestsAreNotAnsweredYetWhenNothingMoves() {
        assertThat(wait.observe(seconds(0), 0, unread(5), true)).isEqualTo(WAIT);
        assertThat(wait.observe(seconds(59), 0, unread(5), true)).isEqualTo(WAIT);
        assertThat(wait.observe(seconds(60), 0, UNKNOWN, true)).isEqualTo(STALLED);
    }

    @Test
    void requestsAreLostWhenEverythingIsReadAndNoAnswerComes() {
        assertThat(wait.observe(seconds(0), 0, unread(0), true)).isEqualTo(WAIT);
        assertThat(wait.observe(seconds(10), 1, unread(0), true)).isEqualTo(WAIT);
        assertThat(wait.observe(seconds(16), 0, unread(0), true)).isEqualTo(WAIT);
        assertThat(wait.observe(seconds(30), 0, UNKNOWN, true)).isEqualTo(WAIT);
        assertThat(wait.observe(seconds(31), 0, UNKNOWN, true)).isEqualTo(DRAINED);
    }

    @Test
    void nothingIsLostBeforeAllIsSent() {
        assertThat(wait.observe(seconds(0), 0, unread(0), false)).isEqualTo(WAIT);
        assertThat(wait.observe(seconds(40), 0, unread(0), false)).isEqualTo(WAIT);
    }
}
