package io.understudy.collecting;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.Arm;
import org.junit.jupiter.api.Test;

class ArmClockTest {

    private static final long SILENCE = 1000;
    private static final long DEADLINE = 2000;
    private static final long WIDTH = 500;

    private final ArmClock clock = new ArmClock(SILENCE, DEADLINE, 0);

    @Test
    void waitsForTheArmOfTheCandidateAndForItsDeadline() {
        clock.recordArrival(Arm.EXISTING, 10_000, 100, WIDTH);
        assertThat(clock.completeTo()).isEqualTo(WindowClock.NEVER);
        clock.recordArrival(Arm.CANDIDATE, 9_900, 200, WIDTH);
        assertThat(clock.completeTo()).isEqualTo(7_900);
        assertThat(clock.completeTo(300)).isEqualTo(7_900);
        clock.recordArrival(Arm.CANDIDATE, 12_500, 300, WIDTH);
        assertThat(clock.completeTo())
                .as("now the existing model's arm is behind")
                .isEqualTo(10_000);
    }

    @Test
    void waitsMuchLongerForASilentArmWhileTheOtherIsActive() {
        clock.recordArrival(Arm.CANDIDATE, 9_000, 100, WIDTH);
        clock.recordArrival(Arm.EXISTING, 20_000, 5_000, WIDTH);
        assertThat(clock.completeTo(5_000)).as("silent for 4.9 s").isEqualTo(7_000);
        clock.recordArrival(Arm.EXISTING, 40_000, 17_100, WIDTH);
        assertThat(clock.completeTo(17_100)).as("silent for 17 s").isEqualTo(40_000);
    }

    @Test
    void usesTheWallClockMinusTheTimeForAnswersWhenBothArmsAreSilent() {
        clock.recordArrival(Arm.CANDIDATE, 9_000, 100, WIDTH);
        clock.recordArrival(Arm.EXISTING, 9_000, 100, WIDTH);
        assertThat(clock.completeTo(3_099)).isEqualTo(7_000);
        assertThat(clock.completeTo(13_100)).isEqualTo(10_100);
    }

    @Test
    void anAnswerCountsInItsOwnWindowUnlessItsArmHasClosedIt() {
        clock.recordArrival(Arm.EXISTING, 10_000, 100, WIDTH);
        assertThat(clock.recordArrival(Arm.CANDIDATE, 8_000, 100, WIDTH))
                .as("the other arm's time does not matter")
                .isEqualTo(8_000);
        assertThat(clock.recordArrival(Arm.EXISTING, 9_400, 100, WIDTH)).isEqualTo(10_000);
        clock.recordArrival(Arm.CANDIDATE, 12_000, 100, WIDTH);
        assertThat(clock.recordArrival(Arm.CANDIDATE, 10_100, 100, WIDTH))
                .as("a fallback may arrive as late as the deadline")
                .isEqualTo(10_100);
    }
}
