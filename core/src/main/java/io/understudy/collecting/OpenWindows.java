package io.understudy.collecting;

import io.understudy.collecting.PendingRequests.Due;
import io.understudy.evidence.WindowCounts;
import io.understudy.evidence.WindowCountsCodec;
import io.understudy.schema.Arm;
import io.understudy.schema.EvidenceBlock;
import io.understudy.schema.OpenEvidence;
import io.understudy.schema.PartialEvidence;
import io.understudy.schema.PendingRequest;
import io.understudy.schema.Prediction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The open windows of one epoch of a rollout, in one partition. Mutable, for one thread. */
final class OpenWindows {

    private final LiveRollout live;
    private final CollectorSettings settings;
    private final WindowClock clock;
    private final PendingRequests pending;
    private final ArmClock arms;
    private final RequestJoin join;
    private final RouteProgress routes;
    private final OutcomeMaturity maturity;
    private final long width;
    private final TreeMap<Long, WindowCounts> windows = new TreeMap<>();
    private long closedTo;
    private boolean changed = true;

    /**
     * Creates windows without counts. The first window is the one that the stage began in.
     *
     * @param clock clock of the partition
     * @param pending requests that some metrics count at their maturity
     * @param silenceStart wall-clock time from which silence is measured at the earliest
     */
    OpenWindows(
            LiveRollout live,
            CollectorSettings settings,
            WindowClock clock,
            PendingRequests pending,
            long silenceStart) {
        this.live = live;
        this.settings = settings;
        this.clock = clock;
        this.pending = pending;
        this.arms = new ArmClock(settings.silenceMillis(), live.rollout().getDeadlineMs(), silenceStart);
        this.join = new RequestJoin(live.stage());
        this.routes = new RouteProgress(live.rollout().getDeadlineMs());
        this.maturity = new OutcomeMaturity(live.plan(), live.stage(), () -> clock.completeTo(Set.of(Source.OUTCOMES)));
        this.width = live.plan().window().toMillis();
        this.closedTo = WindowClock.start(live.rollout().getStageStartedAt().toEpochMilli(), width);
    }

    /** Restores the windows that {@link #save} returned. */
    void restore(OpenEvidence saved) {
        arms.restore(saved.getExistingLatest(), saved.getCandidateLatest());
        closedTo = saved.getClosedTo();
        routes.restore(saved);
        maturity.restore(saved);
        saved.getBlocks()
                .forEach(window -> windows.put(
                        window.getWindowStart().toEpochMilli(),
                        WindowCountsCodec.decode(
                                window, live.stage(), live.plan().isByKey())));
        changed = false;
    }

    LiveRollout live() {
        return live;
    }

    /** Joins the requests of these windows. */
    RequestJoin join() {
        return join;
    }

    /**
     * Records the arrival of an answer and returns the time that it counts at. The source determines this time in a
     * shadow stage, and the arm in any other stage.
     */
    long recordAnswer(Arrival arrival, Arm arm) {
        return live.stage().isShadow()
                ? countingTime(arrival)
                : arms.recordArrival(arm, arrival.time(), arrival.now(), width);
    }

    /** The time that a record counts at, determined by its source. */
    long countingTime(Arrival arrival) {
        return WindowClock.countingTime(arrival.time(), arrival.previousHighest(), width);
    }

    /**
     * The window to count in at {@code time}: the window that contains it, or the first open window if that is later.
     */
    WindowCounts windowAt(long time) {
        changed = true;
        return windows.computeIfAbsent(
                startAt(time),
                absent -> WindowCounts.underWay(live.stage(), live.plan().isByKey()));
    }

    private long startAt(long time) {
        return Math.max(WindowClock.start(time, width), closedTo);
    }

    /** Counts an answer, at {@code time}. */
    void countAnswer(Prediction prediction, Arm arm, byte[] key, int bucket, long time) {
        WindowCounts window = windowAt(time);
        window.answer(arm, key, bucket, prediction);
        if (!live.stage().isShadow() && !live.stage().isFull()) {
            routes.recordAnswer(prediction, arm, bucket, live.plan().isByKey() ? key : null, window);
        }
    }

    /** Counts a request for coverage, in the window of its last record. */
    void countRequest(PendingRequest request, Arm arm, int bucket) {
        long time = request.getLatest();
        maturity.request(request, arm, bucket, windowAt(time), startAt(time));
    }

    /**
     * Counts what is known about a request, in the window of its last record.
     *
     * @param outcomeTime time of its outcome
     * @return the request to store
     */
    PendingRequest countKnown(PendingRequest request, String requestId, int bucket, long outcomeTime) {
        long time = request.getLatest();
        WindowCounts window = windowAt(time);
        return join.count(
                request,
                requestId,
                bucket,
                window,
                (metric, arm) ->
                        maturity.observation(request, outcomeTime, metric, arm, bucket, window, startAt(time)));
    }

    /** The end of the first open window. */
    long nextEnd() {
        return closedTo + width;
    }

    /**
     * Closes every complete window.
     *
     * @return the evidence to send for the closed windows, one record per window because each may be large
     */
    List<PartialEvidence> closeComplete(long now) {
        long completeTo = completeTo(now);
        return completeTo != WindowClock.NEVER && WindowClock.start(completeTo, width) > closedTo
                ? close(completeTo)
                : List.of();
    }

    private long completeTo(long now) {
        Set<Source> awaited = live.awaitedSources();
        if (live.stage().isShadow()) {
            return clock.completeTo(awaited, now);
        }
        long byArms = arms.completeTo(now);
        return awaited.isEmpty() ? byArms : Math.min(byArms, clock.completeTo(awaited, now));
    }

    private long completeByRecords() {
        long bySources = clock.completeTo(live.awaitedSources());
        return live.stage().isShadow() ? bySources : Math.min(arms.completeTo(), bySources);
    }

    private List<PartialEvidence> close(long time) {
        long byRecords = completeByRecords();
        long closingTo = WindowClock.start(time, width);
        if (live.stage().needsMaturity()) {
            countMatured(closingTo);
        }
        maturity.mature(closingTo, this::windowAt);
        closedTo = closingTo;
        changed = true;
        Map<Long, WindowCounts> closing = windows.headMap(closedTo);
        closing.values().removeIf(WindowCounts::isEmpty);
        List<PartialEvidence> partials = new ArrayList<>();
        closing.forEach((start, window) -> {
            long end = start + width;
            if (byRecords == WindowClock.NEVER || end > byRecords) {
                window.closedByWallClock();
            }
            partials.add(partial(
                    Math.min(closedTo, end), List.of(WindowCountsCodec.encode(window, Instant.ofEpochMilli(start)))));
        });
        if (partials.isEmpty() || lastEnd(partials) < closedTo) {
            partials.add(partial(closedTo, List.of()));
        }
        closing.clear();
        return partials;
    }

    /**
     * Counts the requests that mature in the windows before {@code closingTo}. By now, everything that could arrive in
     * these windows has arrived.
     */
    private void countMatured(long closingTo) {
        for (Due due : pending.takeDue(live.deployment(), closingTo)) {
            pending.get(live.deployment(), due.requestId())
                    .filter(request ->
                            request.getRollout() != null && live.matches(request.getRollout(), request.getEpoch()))
                    .ifPresent(request -> pending.put(live.deployment(), due.requestId(), countMatured(request, due)));
        }
    }

    private PendingRequest countMatured(PendingRequest request, Due due) {
        WindowCounts window = windowAt(due.time());
        // Outcomes after the request's maturity are left out here, so what is known came in time.
        return join.countMatured(
                request,
                due,
                window,
                (metric, arm) -> maturity.observation(
                        request, request.getSince(), metric, arm, due.bucket(), window, startAt(due.time())));
    }

    private static long lastEnd(List<PartialEvidence> partials) {
        return partials.get(partials.size() - 1).getCompleteTo().toEpochMilli();
    }

    private PartialEvidence partial(long completeTo, List<EvidenceBlock> closed) {
        return PartialEvidence.newBuilder()
                .setDeployment(live.deployment())
                .setRollout(live.rollout().getId())
                .setStage(live.rollout().getStage())
                .setEpoch(live.rollout().getEpoch())
                .setStateVersion(live.state().getVersion())
                .setPartition(settings.partition())
                .setPartitions(settings.partitions())
                .setCompleteTo(Instant.ofEpochMilli(completeTo))
                .setBlocks(closed)
                .build();
    }

    /** Whether the windows have changed since they were last saved or restored. */
    boolean isChanged() {
        return changed;
    }

    /** Returns everything that {@link #restore} needs, and marks the windows as unchanged. */
    OpenEvidence save() {
        changed = false;
        List<EvidenceBlock> blocks = new ArrayList<>();
        windows.forEach((start, window) -> blocks.add(WindowCountsCodec.encode(window, Instant.ofEpochMilli(start))));
        OpenEvidence.Builder record = OpenEvidence.newBuilder()
                .setDeployment(live.deployment())
                .setRollout(live.rollout().getId())
                .setStage(live.rollout().getStage())
                .setEpoch(live.rollout().getEpoch())
                .setClosedTo(closedTo)
                .setExistingLatest(arms.existingLatest())
                .setCandidateLatest(arms.candidateLatest())
                .setBlocks(blocks);
        routes.save(record);
        maturity.save(record);
        return record.build();
    }
}
