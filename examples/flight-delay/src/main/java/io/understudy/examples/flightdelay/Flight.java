package io.understudy.examples.flightdelay;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Locale;

/**
 * One flight.
 *
 * @param departure time of departure, local time of the origin
 * @param delay delay of the arrival, minutes; negative when early
 * @param distance distance, miles
 * @param origin airport code of the origin
 * @param destination airport code of the destination
 */
public record Flight(LocalDateTime departure, int delay, int distance, String origin, String destination) {

    private static final int LATE_AFTER_MINUTES = 15;
    private static final double TAXI_AND_CLIMB_MINUTES = 30;
    private static final double MILES_PER_MINUTE = 7.5;
    private static final int MILLIS_PER_MINUTE = 60_000;

    /** Whether the flight arrived more than 15 minutes late. */
    public boolean isLate() {
        return delay > LATE_AFTER_MINUTES;
    }

    /** The departure with the local time of the origin treated as UTC, milliseconds since 1970. */
    public long departedAt() {
        return departure.toInstant(ZoneOffset.UTC).toEpochMilli();
    }

    /**
     * The approximate time of landing, on the clock of the origin, milliseconds since 1970: departure plus half an hour
     * on the ground, in climb and in approach, plus one minute per 7.5 miles. The data contain the actual departure
     * (its minutes do not favour multiples of five), so the departure already includes the delay.
     */
    public long landedAt() {
        long minutes = Math.round(TAXI_AND_CLIMB_MINUTES + distance / MILES_PER_MINUTE);
        return departedAt() + minutes * MILLIS_PER_MINUTE;
    }

    /**
     * The key of requests and outcomes: a route at an hour of the day. In these data, this is the closest to a daily
     * service.
     */
    public String service() {
        return String.format(Locale.ROOT, "%s-%s/%02d", origin, destination, departure.getHour());
    }
}
