package io.understudy.examples.flightdelay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.LocalDateTime;
import org.junit.jupiter.api.Test;

class RecentLateShareTest {

    private static final LocalDateTime NOON = LocalDateTime.of(2001, 3, 5, 12, 0);
    private static final int ON_TIME = 0;
    private static final int LATE = 60;

    private final RecentLateShare share = new RecentLateShare(0.2);

    @Test
    void isTheUsualRateBeforeAnythingIsKnown() {
        assertThat(share.atDepartureOf(flight(0, LATE))).isEqualTo(0.2);
    }

    @Test
    void countsAFlightOnlyOnceItHasLanded() {
        // 300 miles: in the air for 30 + 40 minutes.
        share.atDepartureOf(flight(0, LATE));
        assertThat(share.atDepartureOf(flight(69, ON_TIME))).isEqualTo(0.2);
        assertThat(share.atDepartureOf(flight(70, ON_TIME))).isCloseTo((1 + 5 * 0.2) / (1 + 5), within(1e-12));
    }

    @Test
    void halvesAFlightsWeightEveryTwoHoursAfterItLanded() {
        share.atDepartureOf(flight(0, LATE));
        assertThat(share.atDepartureOf(flight(70 + 240, ON_TIME)))
                .isCloseTo((0.25 + 5 * 0.2) / (0.25 + 5), within(1e-12));
    }

    @Test
    void knowsEachOriginByItself() {
        share.atDepartureOf(flight(0, LATE));
        Flight elsewhere = new Flight(NOON.plusMinutes(100), ON_TIME, 300, "ORD", "DFW");
        assertThat(share.atDepartureOf(elsewhere)).isEqualTo(0.2);
    }

    private static Flight flight(int minutesAfterNoon, int delay) {
        return new Flight(NOON.plusMinutes(minutesAfterNoon), delay, 300, "DFW", "ORD");
    }
}
