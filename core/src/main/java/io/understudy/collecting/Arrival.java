package io.understudy.collecting;

/**
 * The arrival of a record.
 *
 * @param source where the record comes from
 * @param time the record's time, milliseconds since 1970
 * @param before how far time had come in the source before the record; {@link WindowClock#NEVER} for the first record
 * @param now the wall clock's time, milliseconds since 1970
 */
public record Arrival(Source source, long time, long before, long now) {}
