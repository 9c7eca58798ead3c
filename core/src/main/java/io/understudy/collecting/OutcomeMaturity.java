package io.understudy.collecting;

import io.understudy.evidence.RequestCounts;
import io.understudy.evidence.RequestCountsCodec;
import io.understudy.evidence.WindowCounts;
import io.understudy.plan.EvidencePlan;
import io.understudy.plan.StagePlan;
import io.understudy.schema.Arm;
import io.understudy.schema.OpenEvidence;
import io.understudy.schema.PendingRequest;
import io.understudy.schema.RequestSlot;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/**
 * Keeps requests until they are old enough to have their outcome, and counts which of them have. Whether a request is
 * an observation is counted in the slot of its answer; when the slot is old enough, it goes to the window that ends
 * then. In one partition.
 *
 * <p>Age is measured by the times of outcomes, not by the wall clock: while outcomes wait to be read, no request grows
 * old for lack of one.
 *
 * <p>Which slot and which window that is depends on the times of the records alone, so a replay gives the same windows.
 */
final class OutcomeMaturity {

    /** Slots are a part of the age, so that memory is bounded, and at least as wide as a window. */
    private static final int SLOTS = 16;

    private final long width;
    private final long ageMillis;
    private final LongSupplier outcomesTo;
    private final RequestSlots<RequestCounts> immature;

    /** @param outcomesTo the highest time of an outcome that was read */
    OutcomeMaturity(EvidencePlan plan, StagePlan stage, LongSupplier outcomesTo) {
        this.outcomesTo = outcomesTo;
        this.width = plan.window().toMillis();
        this.ageMillis = plan.outcomesAfter().toMillis();
        this.immature = new RequestSlots<>(
                Math.max(width, ageMillis / SLOTS), () -> RequestCounts.withObservations(stage), RequestCounts::addAll);
    }

    void restore(OpenEvidence saved) {
        immature.restore(saved.getImmature(), (counts, slot) -> RequestCountsCodec.restore(counts, slot.getCounts()));
    }

    /** The time at which a request is old enough. */
    private long maturesAt(PendingRequest request) {
        long answered = request.getAnsweredAt() == null ? request.getSince() : request.getAnsweredAt();
        return immature.endOf(answered) + ageMillis;
    }

    /**
     * The counts that a request belongs to.
     *
     * @param window the window that the record counts in
     * @param windowStart its start
     */
    private RequestCounts countsOf(PendingRequest request, WindowCounts window, long windowStart) {
        long maturesAt = maturesAt(request);
        return maturesAt <= windowStart && maturesAt <= outcomesTo.getAsLong()
                ? window.matureCoverage()
                : immature.at(maturesAt - ageMillis - 1);
    }

    /** Counts a request whose answers have arrived. */
    void request(PendingRequest request, Arm arm, int bucket, WindowCounts window, long windowStart) {
        window.coverage().request(arm, bucket);
        countsOf(request, window, windowStart).request(arm, bucket);
    }

    /**
     * Counts a request as an observation of a metric, unless its outcome came after it was old enough.
     *
     * @param outcomeTime time of the outcome
     */
    void observation(
            PendingRequest request,
            long outcomeTime,
            int metric,
            Arm arm,
            int bucket,
            WindowCounts window,
            long windowStart) {
        if (request.getAnsweredAt() == null) {
            // Answered before requests were counted for their coverage, by an earlier version.
            return;
        }
        window.coverage().observation(metric, arm, bucket);
        if (WindowClock.start(outcomeTime, width) < maturesAt(request)) {
            countsOf(request, window, windowStart).observation(metric, arm, bucket);
        }
    }

    /**
     * Moves the requests that are old enough at {@code closedTo} to their windows.
     *
     * @param windowAt the open window that contains a time
     */
    void mature(long closedTo, LongFunction<WindowCounts> windowAt) {
        long time = Math.min(closedTo, outcomesTo.getAsLong());
        if (time == WindowClock.NEVER) {
            return;
        }
        immature.takeEndingBy(
                time - ageMillis,
                (counts, end) ->
                        windowAt.apply(end + ageMillis - 1).matureCoverage().addAll(counts));
    }

    /** Sets the field of {@code record} that {@link #restore} needs. */
    void save(OpenEvidence.Builder record) {
        record.setImmature(immature.save((start, counts) -> RequestSlot.newBuilder()
                .setStart(start)
                .setCounts(RequestCountsCodec.encode(counts))
                .build()));
    }
}
