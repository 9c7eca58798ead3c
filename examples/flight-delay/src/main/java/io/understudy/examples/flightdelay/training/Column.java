package io.understudy.examples.flightdelay.training;

import io.understudy.examples.flightdelay.FlightFeatures;
import java.util.Comparator;
import java.util.List;

/**
 * The scaling of one feature in the regression: {@code (value - shift) * scale}, about -3 to 3, which suits gradient
 * descent.
 *
 * @param name name of the feature
 * @param shift approximate mean of the feature
 * @param scale approximate inverse of its standard deviation
 */
record Column(String name, double shift, double scale) {

    private static final Column HOUR = new Column("hour", 13, 0.2);
    private static final Column WEEKDAY = new Column("weekday", 4, 0.5);
    private static final Column DISTANCE = new Column("distance", 700, 0.002);
    private static final Column ORIGIN = new Column("origin_late_rate", 0.22, 20);
    private static final Column DESTINATION = new Column("destination_late_rate", 0.22, 20);
    private static final Column RECENT = new Column("origin_recent_late_share", 0.22, 8);
    private static final Column RECENT_IN_PERCENT = new Column("origin_recent_late_share", 22, 0.08);
    private static final Column RECENT_ON_TIME = new Column("origin_recent_late_share", 0.78, 8);

    /** The features of the existing model. */
    static final List<Column> EXISTING = sorted(HOUR, WEEKDAY, DISTANCE);

    /** The features of the candidate. */
    static final List<Column> CANDIDATE = sorted(HOUR, WEEKDAY, DISTANCE, ORIGIN, DESTINATION, RECENT);

    /**
     * The features of the broken candidate. In training, the recent share was a percentage; in serving, it is a
     * fraction.
     */
    static final List<Column> BROKEN = sorted(HOUR, WEEKDAY, DISTANCE, ORIGIN, DESTINATION, RECENT_IN_PERCENT);

    /**
     * The features of the inverted candidate. In training, the recent share was that of flights on time; in serving, it
     * is that of late flights.
     */
    static final List<Column> INVERTED = sorted(HOUR, WEEKDAY, DISTANCE, ORIGIN, DESTINATION, RECENT_ON_TIME);

    /** Sorts by name: Tribuo numbers features in this order, so the exported graph must use it, too. */
    private static List<Column> sorted(Column... columns) {
        return List.of(columns).stream()
                .sorted(Comparator.comparing(Column::name))
                .toList();
    }

    /** The index of the feature in {@link FlightFeatures#NAMES}. */
    int index() {
        return FlightFeatures.NAMES.indexOf(name);
    }

    double encode(double value) {
        return (value - shift) * scale;
    }
}
