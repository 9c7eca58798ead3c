package io.understudy.chaos;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * How long nothing was answered although requests waited, by series. A series is what answers on its own: a deployment
 * in one partition. Times are milliseconds of any one clock. Not safe for several threads.
 */
final class Silences {

    private final Map<String, Series> all = new HashMap<>();

    private static final class Series {
        private final Map<String, Long> waiting = new LinkedHashMap<>();
        private long lastAnswerAt = Long.MIN_VALUE;
        private long newestAnswered = Long.MIN_VALUE / 2;
        private long longestSilence;
        private long longestWait;

        /** Since when requests have waited without any answer; only while requests wait. */
        private long silentSince() {
            return Math.max(lastAnswerAt, waiting.values().iterator().next());
        }
    }

    /** A request began to wait. */
    void request(String series, String id, long at) {
        all.computeIfAbsent(series, absent -> new Series()).waiting.put(id, at);
    }

    /** A request was answered. One that does not wait changes nothing. */
    void answer(String series, String id, long at) {
        Series one = all.get(series);
        if (one == null || !one.waiting.containsKey(id)) {
            return;
        }
        one.longestSilence = Math.max(one.longestSilence, at - one.silentSince());
        long since = one.waiting.remove(id);
        one.longestWait = Math.max(one.longestWait, at - since);
        one.lastAnswerAt = at;
        one.newestAnswered = Math.max(one.newestAnswered, since);
    }

    /**
     * Removes and returns the requests that are lost and not only late: a series is answered in order, and one of its
     * requests that began to wait {@code margin} later has been answered.
     */
    List<String> overtaken(long margin) {
        List<String> overtaken = new ArrayList<>();
        for (Series one : all.values()) {
            one.waiting.entrySet().removeIf(request -> {
                boolean lost = one.newestAnswered - request.getValue() > margin;
                if (lost) {
                    overtaken.add(request.getKey());
                }
                return lost;
            });
        }
        return overtaken;
    }

    /** The longest silence of any series since {@link #reset}, with those that last until {@code now}. */
    long longestSilence(long now) {
        long longest = 0;
        for (Series one : all.values()) {
            long open = one.waiting.isEmpty() ? 0 : now - one.silentSince();
            longest = Math.max(longest, Math.max(one.longestSilence, open));
        }
        return longest;
    }

    /** The longest that a request has waited since {@link #reset}, with those that wait at {@code now}. */
    long longestWait(long now) {
        return Math.max(
                oldestWait(now),
                all.values().stream().mapToLong(one -> one.longestWait).max().orElse(0));
    }

    /** The series that have answered no request that began to wait at {@code since} or later. */
    Set<String> silentSince(long since) {
        Set<String> silent = new TreeSet<>();
        all.forEach((name, one) -> {
            if (one.newestAnswered < since) {
                silent.add(name);
            }
        });
        return silent;
    }

    /** How long the request that has waited longest has waited; 0 when none waits. */
    long oldestWait(long now) {
        long oldest = 0;
        for (Series one : all.values()) {
            Iterator<Long> waiting = one.waiting.values().iterator();
            oldest = Math.max(oldest, waiting.hasNext() ? now - waiting.next() : 0);
        }
        return oldest;
    }

    /** The number of requests that wait. */
    long waiting() {
        return all.values().stream().mapToLong(one -> one.waiting.size()).sum();
    }

    /** Forgets what has been; requests that wait go on waiting. */
    void reset() {
        for (Series one : all.values()) {
            one.longestSilence = 0;
            one.longestWait = 0;
        }
    }
}
