package io.understudy.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class GuardClockTest {

    private final GuardClock clock = new GuardClock(1000, Duration.ofMillis(20));

    @Test
    void passesLikeTheWallClockInUsualSteps() {
        assertThat(clock.moveTo(1100)).isZero();
        assertThat(clock.moveTo(1300)).isZero();
        assertThat(clock.time()).isEqualTo(1300);
    }

    @Test
    void standsStillDuringAStall() {
        assertThat(clock.moveTo(31_000)).isEqualTo(29_980);
        assertThat(clock.time()).isEqualTo(1020);
        clock.moveTo(31_100);
        assertThat(clock.time()).isEqualTo(1120);
    }

    @Test
    void neverGoesBack() {
        assertThat(clock.moveTo(500)).isZero();
        assertThat(clock.time()).isEqualTo(1000);
        clock.moveTo(600);
        assertThat(clock.time()).as("goes on after the wall clock was set back").isEqualTo(1100);
    }
}
