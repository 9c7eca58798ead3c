package io.understudy.analysis;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * The times of a file, all of one form: ISO 8601, or whole numbers since 1970. Numbers are milliseconds, unless all of
 * them are between 10^8 and 10^11: as seconds these are the years 1973 to 5138, as milliseconds they are all before
 * March 1973, but none is on the first day. A file in which one number reads as seconds and another as milliseconds is
 * refused.
 */
final class TimeColumn {

    private static final long MILLIS_PER_SECOND = 1000;
    private static final long FIRST_SECONDS = 100_000_000;
    private static final long USUAL_SECONDS = 1_000_000_000;
    private static final long FIRST_MILLIS = 100_000_000_000L;
    private static final long LAST_MILLIS = 100_000_000_000_000L;

    private Optional<Cell> number = Optional.empty();
    private Optional<Cell> date = Optional.empty();
    private Optional<Cell> relative = Optional.empty();
    private Optional<Cell> shortSeconds = Optional.empty();
    private Optional<Cell> seconds = Optional.empty();
    private Optional<Cell> millis = Optional.empty();

    /** The first cell of a kind. */
    private record Cell(long line, String text) {}

    /**
     * Reads a cell.
     *
     * @return milliseconds since 1970 for ISO; for a number, the number itself, of which {@link #millisPerNumber} has
     *     the unit once all cells are read
     * @throws DateTimeException when the cell is neither
     */
    long read(String text, long line) {
        Cell cell = new Cell(line, text);
        if (!text.matches("-?\\d{1,18}")) {
            date = date.or(() -> Optional.of(cell));
            return iso(text);
        }
        long value = Long.parseLong(text);
        if (value >= LAST_MILLIS) {
            throw new DateTimeException("finer than milliseconds");
        }
        number = number.or(() -> Optional.of(cell));
        if (value < FIRST_SECONDS) {
            relative = relative.or(() -> Optional.of(cell));
        } else if (value < USUAL_SECONDS) {
            shortSeconds = shortSeconds.or(() -> Optional.of(cell));
        } else if (value < FIRST_MILLIS) {
            seconds = seconds.or(() -> Optional.of(cell));
        } else {
            millis = millis.or(() -> Optional.of(cell));
        }
        return value;
    }

    /** An ISO 8601 time in milliseconds since 1970. A time without an offset is in UTC. */
    private static long iso(String text) {
        if (text.endsWith("Z")) {
            return Instant.parse(text).toEpochMilli();
        }
        return text.matches(".*T.*[+-]\\d\\d:?\\d\\d$")
                ? OffsetDateTime.parse(text).toInstant().toEpochMilli()
                : LocalDateTime.parse(text.replace(' ', 'T'))
                        .toInstant(ZoneOffset.UTC)
                        .toEpochMilli();
    }

    /**
     * What one of {@link #read}'s results is in milliseconds: 1000 when the file has seconds, otherwise 1.
     *
     * @throws InvalidDataException when the cells are of different forms or units
     */
    long millisPerNumber() {
        if (number.isPresent() && date.isPresent()) {
            throw mixed(number.get(), "a number", date.get(), "a date");
        }
        Optional<Cell> belowMillis = relative.or(() -> shortSeconds).or(() -> seconds);
        if (millis.isPresent() && belowMillis.isPresent()) {
            throw mixed(belowMillis.get(), "before March 1973 or in seconds", millis.get(), "in milliseconds");
        }
        // Milliseconds that begin near 0 and reach ten digits have had nine digits for days.
        if (relative.isPresent() && seconds.isPresent() && shortSeconds.isEmpty()) {
            throw mixed(relative.get(), "in milliseconds", seconds.get(), "in seconds");
        }
        return relative.isEmpty() && (shortSeconds.isPresent() || seconds.isPresent()) ? MILLIS_PER_SECOND : 1;
    }

    private static InvalidDataException mixed(Cell one, String oneIs, Cell other, String otherIs) {
        return new InvalidDataException("column time: '" + one.text() + "' in line " + one.line() + " is " + oneIs
                + ", '" + other.text() + "' in line " + other.line() + " is " + otherIs
                + "; all rows must have times of the same form and unit");
    }
}
