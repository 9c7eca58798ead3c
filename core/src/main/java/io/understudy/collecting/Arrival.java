package io.understudy.collecting;

/**
 * The arrival of a record.
 *
 * @param source source of the record
 * @param time time of the record, milliseconds since 1970
 * @param previousHighest highest record time of the source before this record; {@link WindowClock#NEVER} for the first
 *     record
 * @param now wall-clock time, milliseconds since 1970
 */
public record Arrival(Source source, long time, long previousHighest, long now) {}
