package io.understudy.examples.flightdelay.demo;

import io.understudy.examples.flightdelay.Flight;
import java.time.Duration;
import java.util.Optional;

/** When the flights of a replay are sent. */
interface Pace {

    /** How long a day of flights takes in the demo: the {@code cycle} of its rollouts. */
    Duration DEMO_DAY = Duration.ofSeconds(8);

    /**
     * When a flight is due, in nanoseconds since the first flight was sent.
     *
     * @param first the first flight
     * @param flight the flight to send
     * @param sent number of flights sent before it
     */
    long dueNanos(Flight first, Flight flight, long sent);

    /** As many flights each second, at night as well; 0 for as fast as possible. */
    static Pace ofRate(long flightsPerSecond) {
        long nanosPerSecond = Duration.ofSeconds(1).toNanos();
        return flightsPerSecond == 0
                ? (first, flight, sent) -> 0
                : (first, flight, sent) -> sent * nanosPerSecond / flightsPerSecond;
    }

    /** The flights' own times, so much faster that each day takes {@code day}. */
    static Pace ofDay(Duration day) {
        double nanosPerMilli = (double) day.toNanos() / Duration.ofDays(1).toMillis();
        return (first, flight, sent) -> (long) ((flight.departedAt() - first.departedAt()) * nanosPerMilli);
    }

    /** The rate if there is one, otherwise the day. */
    static Pace of(Optional<Long> flightsPerSecond, Duration day) {
        return flightsPerSecond.map(Pace::ofRate).orElseGet(() -> ofDay(day));
    }
}
