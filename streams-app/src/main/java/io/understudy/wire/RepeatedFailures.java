package io.understudy.wire;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Tells a thread that fails the same way again and again from one that recovers. Failures are counted by the place at
 * which they occur. A place that has not failed for some minutes has recovered, and its failures are forgotten. A role
 * whose threads keep failing is not ready, and after a limit it should end: a supervisor that starts it again, or
 * elsewhere, may help, and one more thread does not. Safe for many threads.
 */
public final class RepeatedFailures {

    /** The number of failures after which the role should end. */
    public static final int LIMIT = 10;

    /** The number of failures after which the role is not ready. */
    public static final int NOT_READY = 3;

    /** A place that has not failed for this long has recovered. */
    public static final Duration RECOVERY = Duration.ofMinutes(5);

    /** A role is ready again when its last failure is this long ago. */
    public static final Duration READY_AFTER = Duration.ofMinutes(1);

    private final LongSupplier nanoTime;
    private final Map<String, Place> places = new HashMap<>();
    private Optional<String> exhausted = Optional.empty();

    /** The failures of one place since it last recovered. */
    private record Place(int failures, long lastAt) {}

    /** Creates a counter; {@code nanoTime} is a clock such as {@link System#nanoTime()}. */
    public RepeatedFailures(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Counts a failure.
     *
     * @param place where it occurred, such as a task
     */
    public synchronized void failed(String place, Throwable failure) {
        long now = nanoTime.getAsLong();
        places.values().removeIf(other -> now - other.lastAt() > RECOVERY.toNanos());
        Place before = places.get(place);
        int failures = before == null ? 1 : before.failures() + 1;
        places.put(place, new Place(failures, now));
        if (failures >= LIMIT && exhausted.isEmpty()) {
            exhausted = Optional.of(
                    "failed " + failures + " times in a row without progress, the last time with " + describe(failure));
        }
    }

    /** The failure and its first cause, which often says more. */
    private static String describe(Throwable failure) {
        Throwable first = failure;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        return first.equals(failure) ? failure.toString() : failure + ", caused by " + first;
    }

    /** Forgets the failures of a place that has made progress. */
    public synchronized void progressed(String place) {
        places.remove(place);
    }

    /** Whether the failures make the role not ready. */
    public synchronized boolean areTooMany() {
        long now = nanoTime.getAsLong();
        return places.values().stream()
                .anyMatch(place -> place.failures() >= NOT_READY && now - place.lastAt() <= READY_AFTER.toNanos());
    }

    /** Why the role should end; empty while it should not. */
    public synchronized Optional<String> exhausted() {
        return exhausted;
    }
}
