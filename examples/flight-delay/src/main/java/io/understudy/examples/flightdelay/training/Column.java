package io.understudy.examples.flightdelay.training;

import io.understudy.examples.flightdelay.FlightFeatures;
import java.util.Comparator;
import java.util.List;

/**
 * How one feature enters the regression: {@code (value - shift) * scale}, about -3 to 3, as gradient descent likes it.
 *
 * @param name the feature's name
 * @param shift about its mean
 * @param scale about one over its standard deviation
 */
record Column(String name, double shift, double scale) {

    private static final Column HOUR = new Column("hour", 13, 0.2);
    private static final Column WEEKDAY = new Column("weekday", 4, 0.5);
    private static final Column DISTANCE = new Column("distance", 700, 0.002);
    private static final Column ORIGIN = new Column("origin_late_rate", 0.22, 20);
    private static final Column DESTINATION = new Column("destination_late_rate", 0.22, 20);
    private static final Column RECENT = new Column("origin_recent_late_share", 0.22, 8);
    private static final Column RECENT_IN_PERCENT = new Column("origin_recent_late_share", 22, 0.08);

    /** What the existing model is told. */
    static final List<Column> EXISTING = sorted(HOUR, WEEKDAY, DISTANCE);

    /** What the candidate is told. */
    static final List<Column> CANDIDATE = sorted(HOUR, WEEKDAY, DISTANCE, ORIGIN, DESTINATION, RECENT);

    /** What the broken candidate was told in training: the recent share as a percentage. It is served as a fraction. */
    static final List<Column> BROKEN = sorted(HOUR, WEEKDAY, DISTANCE, ORIGIN, DESTINATION, RECENT_IN_PERCENT);

    /** Tribuo numbers features by the order of their names, and so the exported graph must. */
    private static List<Column> sorted(Column... columns) {
        return List.of(columns).stream()
                .sorted(Comparator.comparing(Column::name))
                .toList();
    }

    /** Where the feature is among a flight's. */
    int index() {
        return FlightFeatures.NAMES.indexOf(name);
    }

    double encode(double value) {
        return (value - shift) * scale;
    }
}
