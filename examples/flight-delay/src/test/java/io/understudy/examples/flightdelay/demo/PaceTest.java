package io.understudy.examples.flightdelay.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.examples.flightdelay.Flight;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PaceTest {

    private static final Flight FIRST = flight(LocalDateTime.of(2001, 3, 5, 0, 0));
    private static final Flight A_DAY_LATER = flight(LocalDateTime.of(2001, 3, 6, 0, 0));
    private static final Flight AT_NOON = flight(LocalDateTime.of(2001, 3, 5, 12, 0));

    @Test
    void aDayOfFlightsTakesAsLongHoweverManyThereAre() {
        Pace pace = Pace.ofDay(Duration.ofSeconds(8));
        assertThat(pace.dueNanos(FIRST, A_DAY_LATER, 14_913))
                .isEqualTo(pace.dueNanos(FIRST, A_DAY_LATER, 17_281))
                .isEqualTo(8_000_000_000L);
        assertThat(pace.dueNanos(FIRST, AT_NOON, 1)).isEqualTo(4_000_000_000L);
    }

    @Test
    void aRateDoesNotDependOnTheTimeOfTheFlights() {
        Pace pace = Pace.ofRate(2000);
        assertThat(pace.dueNanos(FIRST, AT_NOON, 3000))
                .isEqualTo(pace.dueNanos(FIRST, A_DAY_LATER, 3000))
                .isEqualTo(1_500_000_000L);
    }

    @Test
    void aRateOfZeroIsAsFastAsPossible() {
        assertThat(Pace.ofRate(0).dueNanos(FIRST, A_DAY_LATER, 3000)).isZero();
    }

    @Test
    void aRateComesBeforeTheDay() {
        assertThat(Pace.of(Optional.of(1000L), Pace.DEMO_DAY).dueNanos(FIRST, A_DAY_LATER, 1000))
                .isEqualTo(1_000_000_000L);
        assertThat(Pace.of(Optional.empty(), Pace.DEMO_DAY).dueNanos(FIRST, A_DAY_LATER, 1000))
                .isEqualTo(Pace.DEMO_DAY.toNanos());
    }

    private static Flight flight(LocalDateTime departure) {
        return new Flight(departure, 0, 300, "DFW", "ORD");
    }
}
