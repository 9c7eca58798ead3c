package io.understudy.examples.flightdelay;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Locale;

/**
 * One flight.
 *
 * @param departure when it left, local time of the origin
 * @param delay how much later than planned it arrived, minutes; negative when early
 * @param distance miles flown
 * @param origin the origin's airport code
 * @param destination the destination's airport code
 */
public record Flight(LocalDateTime departure, int delay, int distance, String origin, String destination) {

    private static final int LATE_AFTER_MINUTES = 15;
    private static final double TAXI_AND_CLIMB_MINUTES = 30;
    private static final double MILES_A_MINUTE = 7.5;
    private static final int MILLIS_A_MINUTE = 60_000;

    /** Whether it arrived more than 15 minutes late. */
    public boolean isLate() {
        return delay > LATE_AFTER_MINUTES;
    }

    /** Departure as if the origin's clock showed UTC, milliseconds since 1970. */
    public long departedAt() {
        return departure.toInstant(ZoneOffset.UTC).toEpochMilli();
    }

    /**
     * About when it landed, on the origin's clock. The data have the actual departure (their minutes do not favour multiples of
     * five), so the delay is in it already: half an hour on the ground and in climb and approach, then 7.5 miles a minute.
     */
    public long landedAt() {
        long minutes = Math.round(TAXI_AND_CLIMB_MINUTES + distance / MILES_A_MINUTE);
        return departedAt() + minutes * MILLIS_A_MINUTE;
    }

    /** What requests and outcomes are keyed by: a route at an hour of the day, which is a daily service as far as the data tell. */
    public String service() {
        return String.format(Locale.ROOT, "%s-%s/%02d", origin, destination, departure.getHour());
    }
}
