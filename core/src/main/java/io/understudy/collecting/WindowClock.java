package io.understudy.collecting;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The progress of time in each source, in one partition. Time is measured by the records' own timestamps.
 *
 * <p>The windows up to a time are complete when every awaited source has reached that time. A record that is behind its
 * source counts at the source's time, so nothing is ever added to a complete window. The window that a record counts in
 * depends only on the order of its own source, not on how the sources interleave, so a replay counts it in the same
 * window. While a source is silent, the wall clock replaces it.
 */
final class WindowClock {

    /** The time before the first record. */
    static final long NEVER = Long.MIN_VALUE;

    private final long[] latest = new long[Source.values().length];
    private final long[] lastArrival = new long[Source.values().length];
    private final long silenceMillis;

    /**
     * Creates a clock without records.
     *
     * @param silenceMillis how long a source may be silent before windows stop waiting for it
     * @param silenceStart wall-clock time from which silence is measured at the earliest
     */
    WindowClock(long silenceMillis, long silenceStart) {
        this.silenceMillis = silenceMillis;
        Arrays.fill(latest, NEVER);
        Arrays.fill(lastArrival, silenceStart);
    }

    /** Restores the times that {@link #latest} returned. */
    void restore(List<Long> saved) {
        Arrays.setAll(latest, saved::get);
    }

    /** Records the arrival of a record and returns it. */
    Arrival recordArrival(Source source, long time, long now) {
        int index = source.ordinal();
        long before = latest[index];
        latest[index] = Math.max(before, time);
        lastArrival[index] = Math.max(lastArrival[index], now);
        return new Arrival(source, time, before, now);
    }

    /**
     * The time that a record counts at: its own time, unless its source has passed the end of that window.
     *
     * @param time time of the record
     * @param before highest time of its source before the record
     * @param width width of the windows
     */
    static long countingTime(long time, long before, long width) {
        return before != NEVER && start(time, width) < start(before, width) ? before : time;
    }

    /** The start of the window that contains {@code time}. */
    static long start(long time, long width) {
        return Math.floorDiv(time, width) * width;
    }

    /** The time up to which every record of {@code sources} has arrived, by the records' timestamps alone. */
    long completeTo(Set<Source> sources) {
        return sources.stream()
                .mapToLong(source -> latest[source.ordinal()])
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /**
     * The time up to which every record of those {@code sources} that are not silent has arrived. If all are silent:
     * the wall clock minus the silence.
     */
    long completeTo(Set<Source> sources, long now) {
        return sources.stream()
                .filter(source -> now - lastArrival[source.ordinal()] < silenceMillis)
                .mapToLong(source -> latest[source.ordinal()])
                .min()
                .orElse(now - silenceMillis);
    }

    /**
     * The highest record time of any source. A window that ends later cannot be complete by the records' timestamps.
     */
    long highest() {
        return Arrays.stream(latest).max().orElse(NEVER);
    }

    /** The highest record time of each source, to be saved. */
    List<Long> latest() {
        return Arrays.stream(latest).boxed().toList();
    }
}
