package io.understudy.collecting;

import io.understudy.evidence.WindowCounts;
import io.understudy.evidence.WindowCountsCodec;
import io.understudy.schema.Arm;
import io.understudy.schema.EvidenceBlock;
import io.understudy.schema.OpenEvidence;
import io.understudy.schema.PartialEvidence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The windows of one epoch of a rollout that are still open in one partition. Mutable, for one thread. */
final class OpenWindows {

    private final LiveRollout live;
    private final CollectorSettings settings;
    private final WindowClock clock;
    private final ArmClock arms;
    private final RequestJoin join;
    private final long width;
    private final TreeMap<Long, WindowCounts> windows = new TreeMap<>();
    private long closedTo;
    private boolean changed = true;

    /**
     * No window yet; the first is the one that the stage began in.
     *
     * @param clock the partition's
     * @param waitFrom the wall clock's time from which silence counts
     */
    OpenWindows(LiveRollout live, CollectorSettings settings, WindowClock clock, long waitFrom) {
        this.live = live;
        this.settings = settings;
        this.clock = clock;
        this.arms = new ArmClock(settings.silenceMillis(), live.rollout().getDeadlineMs(), waitFrom);
        this.join = new RequestJoin(live.stage());
        this.width = live.plan().window().toMillis();
        this.closedTo = WindowClock.start(live.rollout().getStageStartedAt().toEpochMilli(), width);
    }

    /** Takes up the windows that {@link #keep} gave. */
    void restore(OpenEvidence kept) {
        arms.restore(kept.getExistingLatest(), kept.getCandidateLatest());
        closedTo = kept.getClosedTo();
        kept.getBlocks()
                .forEach(window -> windows.put(
                        window.getWindowStart().toEpochMilli(),
                        WindowCountsCodec.decode(
                                window, live.stage(), live.plan().isByKey())));
        changed = false;
    }

    LiveRollout live() {
        return live;
    }

    /** What joins the requests of these windows. */
    RequestJoin join() {
        return join;
    }

    /** The time that an answer counts at: in a shadow by its source, elsewhere by its arm. */
    long timeOfAnswer(Arrival arrival, Arm arm) {
        return live.stage().isShadow() ? timeOf(arrival) : arms.arrive(arm, arrival.time(), arrival.now(), width);
    }

    /** The time that a record counts at by its source. */
    long timeOf(Arrival arrival) {
        return WindowClock.countingTime(arrival.time(), arrival.before(), width);
    }

    /** The window that counts at {@code time}: the one it is in, or the first that is open. */
    WindowCounts at(long time) {
        changed = true;
        return windows.computeIfAbsent(
                Math.max(WindowClock.start(time, width), closedTo),
                absent -> WindowCounts.empty(live.stage(), live.plan().isByKey()));
    }

    /** When the first open window ends. */
    long nextEnd() {
        return closedTo + width;
    }

    /** Closes every window that is complete, and returns what this partition sends for them: one record a window, for each is sizeable. */
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
        long ofArms = arms.completeTo(now);
        return awaited.isEmpty() ? ofArms : Math.min(ofArms, clock.completeTo(awaited, now));
    }

    private long completeByRecords() {
        long bySources = clock.completeTo(live.awaitedSources());
        return live.stage().isShadow() ? bySources : Math.min(arms.completeTo(), bySources);
    }

    private List<PartialEvidence> close(long time) {
        long byRecords = completeByRecords();
        closedTo = WindowClock.start(time, width);
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

    boolean isChanged() {
        return changed;
    }

    /** Everything that {@link #restore} needs. */
    OpenEvidence keep() {
        changed = false;
        List<EvidenceBlock> kept = new ArrayList<>();
        windows.forEach((start, window) -> kept.add(WindowCountsCodec.encode(window, Instant.ofEpochMilli(start))));
        return new OpenEvidence(
                live.deployment(),
                live.rollout().getId(),
                live.rollout().getStage(),
                live.rollout().getEpoch(),
                closedTo,
                arms.existingLatest(),
                arms.candidateLatest(),
                kept);
    }
}
