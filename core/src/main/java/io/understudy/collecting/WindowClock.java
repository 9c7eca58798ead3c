package io.understudy.collecting;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * How far time has come in one partition of the sources, by the records' own times.
 *
 * <p>Windows up to a time are complete when every awaited source has come that far. A record that is behind its source counts at the
 * source's time, so nothing is ever added to a complete window. Which window a record counts in depends on the order of its own source
 * alone and not on how the sources interleave, so a replay counts it in the same one. While a source is silent, the wall clock stands
 * in for it.
 */
final class WindowClock {

    /** Before the first record. */
    static final long NEVER = Long.MIN_VALUE;

    private final long[] latest = new long[Source.values().length];
    private final long[] heardAt = new long[Source.values().length];
    private final long silenceMillis;

    /**
     * A clock that has seen no record.
     *
     * @param silenceMillis how long a source may send nothing before it is no longer waited for
     * @param waitFrom the wall clock's time from which silence counts
     */
    WindowClock(long silenceMillis, long waitFrom) {
        this.silenceMillis = silenceMillis;
        Arrays.fill(latest, NEVER);
        Arrays.fill(heardAt, waitFrom);
    }

    /** Takes up the times that {@link #latest} gave. */
    void restore(List<Long> kept) {
        Arrays.setAll(latest, kept::get);
    }

    /** Notes a record and returns its arrival. */
    Arrival arrive(Source source, long time, long now) {
        int index = source.ordinal();
        long before = latest[index];
        latest[index] = Math.max(before, time);
        heardAt[index] = Math.max(heardAt[index], now);
        return new Arrival(source, time, before, now);
    }

    /**
     * The time that a record counts at: its own, unless its source has passed the end of that window.
     *
     * @param time the record's own time
     * @param before its source's time before it
     * @param width width of the windows
     */
    static long countingTime(long time, long before, long width) {
        return before != NEVER && start(time, width) < start(before, width) ? before : time;
    }

    /** Start of the window that {@code time} is in. */
    static long start(long time, long width) {
        return Math.floorDiv(time, width) * width;
    }

    /** Up to which time every record of {@code sources} has come in, by the records' times alone. */
    long completeTo(Set<Source> sources) {
        return sources.stream()
                .mapToLong(source -> latest[source.ordinal()])
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** The same, without waiting for silent sources; when all are silent, the wall clock less the silence. */
    long completeTo(Set<Source> sources, long now) {
        return sources.stream()
                .filter(source -> now - heardAt[source.ordinal()] < silenceMillis)
                .mapToLong(source -> latest[source.ordinal()])
                .min()
                .orElse(now - silenceMillis);
    }

    /** The highest record time of any source: no window that ends later can be complete by records. */
    long highest() {
        return Arrays.stream(latest).max().orElse(NEVER);
    }

    /** The highest record time by source, to be kept. */
    List<Long> latest() {
        return Arrays.stream(latest).boxed().toList();
    }
}
