package io.understudy.evaluation;

import java.util.Arrays;

/**
 * How far time has come in one partition of the input topics, by the records' own times.
 *
 * <p>Windows up to a time are complete when every topic has come that far. A record that is behind its topic counts for the topic's
 * time, so nothing is ever added to a window that is complete; which window a record counts in depends on its own topic's order alone
 * and not on how the topics are interleaved, so a replay counts it in the same one. Where a topic is silent for a while, the wall clock
 * stands in for it.
 */
final class WindowClock {

    /** Before the first record. */
    static final long NEVER = Long.MIN_VALUE;

    private final long[] latest;
    private final long[] heardAt;
    private final long silenceMillis;

    /**
     * @param latest highest record time by topic, as it was kept
     * @param silenceMillis how long a topic may bring nothing and still be waited for
     * @param waitFrom the wall clock's time from which silence is counted
     */
    WindowClock(long[] latest, long silenceMillis, long waitFrom) {
        this.latest = latest.clone();
        this.heardAt = new long[latest.length];
        this.silenceMillis = silenceMillis;
        Arrays.fill(heardAt, waitFrom);
    }

    /**
     * Hears a record.
     *
     * @param topic number of its topic
     * @param time its time
     * @param now the wall clock's time
     * @return the topic's time before it, for {@link #timeIn}
     */
    long hear(int topic, long time, long now) {
        long before = latest[topic];
        latest[topic] = Math.max(before, time);
        heardAt[topic] = Math.max(heardAt[topic], now);
        return before;
    }

    /**
     * The time that a record counts for.
     *
     * @param time its own time
     * @param before its topic's time before it
     * @param width width of the windows
     */
    static long timeIn(long time, long before, long width) {
        return before != NEVER && start(time, width) < start(before, width) ? before : time;
    }

    /** Start of the window that {@code time} is in. */
    static long start(long time, long width) {
        return Math.floorDiv(time, width) * width;
    }

    /** Up to which time everything of {@code topics} has come in, by the records' times alone. */
    long completeTo(int... topics) {
        long least = Long.MAX_VALUE;
        for (int topic : topics) {
            least = Math.min(least, latest[topic]);
        }
        return least;
    }

    /** The same, without waiting for topics that are silent; where all are, the wall clock less the silence. */
    long completeTo(long now, int... topics) {
        long least = Long.MAX_VALUE;
        for (int topic : topics) {
            if (now - heardAt[topic] < silenceMillis) {
                least = Math.min(least, latest[topic]);
            }
        }
        return least == Long.MAX_VALUE ? now - silenceMillis : least;
    }

    /** The highest record time of any topic: no window that ends later can be complete by records. */
    long highest() {
        return Arrays.stream(latest).max().orElse(NEVER);
    }

    /** What is to be kept. */
    long[] latest() {
        return latest.clone();
    }
}
