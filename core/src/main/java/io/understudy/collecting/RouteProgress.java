package io.understudy.collecting;

import io.understudy.evidence.CompleteRequests;
import io.understudy.evidence.RequestCountsCodec;
import io.understudy.evidence.WindowCounts;
import io.understudy.schema.Arm;
import io.understudy.schema.OpenEvidence;
import io.understudy.schema.Prediction;
import java.time.Instant;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells which requests of a stage that serves the candidate are complete: every request that was routed up to a time
 * has been answered in either arm. Only the requests of complete spans are counted for the sample ratio. In one
 * partition.
 *
 * <p>The arms answer at different speeds, and how different depends on the load, so no fixed wait tells a slow arm from
 * one that loses requests. But every request of the candidate's arm is answered by the deadline after it was routed, or
 * is then sent to the existing model's lane. A lane keeps its order. So an answer of the existing model to a request
 * that was routed later than that, by the router's own clock, comes after all of them, however slow any role is. While
 * a router stands still, no deadline passes, so a pause between two requests counts only in part.
 */
final class RouteProgress {

    /** Routers check deadlines between records, so a fallback may be sent a little after its deadline. */
    private static final long SLACK_MILLIS = 1000;

    /** Requests of one span are counted together, so a narrow one costs memory and a wide one time. */
    private static final long WIDTH_MILLIS = 1000;

    private final long waitMillis;

    /** With one pause, a request that is routed a deadline after another one is not yet {@link #waitMillis} after it. */
    private final long longestStepMillis;

    /** The progress of routing at the start of each span since {@link #completeTo}: time without what pauses exceed. */
    private final TreeMap<Long, Long> progressAt = new TreeMap<>();

    private final RequestSlots<CompleteRequests> incomplete =
            new RequestSlots<>(WIDTH_MILLIS, CompleteRequests::new, CompleteRequests::addAll);
    private long progress;
    private long routedTo = WindowClock.NEVER;
    private long completeTo = WindowClock.NEVER;

    /** @param deadlineMillis how long the candidate has to answer */
    RouteProgress(long deadlineMillis) {
        // A restarted router waits for the full deadline again, so twice as long covers most restarts.
        this.waitMillis = 2 * deadlineMillis + SLACK_MILLIS;
        this.longestStepMillis = deadlineMillis + SLACK_MILLIS / 2;
    }

    void restore(OpenEvidence saved) {
        incomplete.restore(saved.getIncomplete(), RequestCountsCodec::restore);
        routedTo = saved.getRoutedTo();
        if (routedTo != WindowClock.NEVER) {
            // Where the pauses were is not saved.
            completeTo = WindowClock.start(routedTo - waitMillis, WIDTH_MILLIS);
            for (long start = completeTo + WIDTH_MILLIS; start <= routedTo; start += WIDTH_MILLIS) {
                progressAt.put(start, start - routedTo);
            }
        }
    }

    /** Records that a request was routed later than all before it. */
    private void advanceTo(long routed) {
        long before = progress;
        if (routedTo != WindowClock.NEVER) {
            progress += Math.min(routed - routedTo, longestStepMillis);
        }
        long first = routedTo == WindowClock.NEVER ? routed : Math.max(routedTo, routed - longestStepMillis);
        for (long start = WindowClock.start(first, WIDTH_MILLIS); start <= routed; start += WIDTH_MILLIS) {
            // If there was a pause, it was at the beginning, as far as anyone knows.
            progressAt.putIfAbsent(start, Math.max(before, progress - (routed - start)));
        }
        routedTo = routed;
        while (progress - progressAt.firstEntry().getValue() >= waitMillis) {
            completeTo = progressAt.pollFirstEntry().getKey();
        }
    }

    /**
     * Counts an answer.
     *
     * @param arm arm that it counts for
     * @param bucket bucket of its key
     * @param key its key; null where keys are not the units
     * @param window window of the answer, to which all requests are added that it shows to be complete
     */
    void recordAnswer(Prediction answer, Arm arm, int bucket, byte @Nullable [] key, WindowCounts window) {
        Instant routedAt = answer.getRoutedAt();
        if (routedAt == null) {
            // Not in the order of the others. Scorers that leave it out leave it out for all of an arm.
            return;
        }
        long routed = routedAt.toEpochMilli();
        if (routed < completeTo) {
            window.complete().add(arm, bucket, key);
            return;
        }
        incomplete.at(routed).add(arm, bucket, key);
        if (arm == Arm.EXISTING && routed > routedTo) {
            long before = completeTo;
            advanceTo(routed);
            if (completeTo > before) {
                incomplete.takeEndingBy(
                        completeTo, (counts, end) -> window.complete().addAll(counts));
            }
        }
    }

    /** Sets the fields of {@code record} that {@link #restore} needs. */
    void save(OpenEvidence.Builder record) {
        record.setRoutedTo(routedTo).setIncomplete(incomplete.save(RequestCountsCodec::encode));
    }
}
