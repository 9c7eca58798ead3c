package io.understudy.evaluation;

import io.understudy.evaluation.LiveRollouts.Live;
import io.understudy.evidence.WindowCounts;
import io.understudy.evidence.WindowCountsCodec;
import io.understudy.plan.StagePlan;
import io.understudy.schema.EvidenceBlock;
import io.understudy.schema.OpenEvidence;
import io.understudy.schema.PartialEvidence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The windows of one epoch of a rollout that are still open in one partition. For one thread. */
final class OpenWindows {

    private final Live live;
    private final StagePlan stage;
    private final long width;
    private final TreeMap<Long, WindowCounts> blocks = new TreeMap<>();
    private final ArmClock arms;
    private long closedTo;
    private boolean changed = true;

    /**
     * No window yet; the first is the one the stage began in.
     *
     * @param silenceMillis how long a topic may bring nothing and still be waited for
     * @param waitFrom the wall clock's time from which silence is counted
     */
    OpenWindows(Live live, long silenceMillis, long waitFrom) {
        this(live, ArmClock.never(), silenceMillis, waitFrom);
    }

    private OpenWindows(Live live, long[] latest, long silenceMillis, long waitFrom) {
        this.live = live;
        this.arms = new ArmClock(latest, silenceMillis, live.rollout().getDeadlineMs(), waitFrom);
        this.stage = live.plan().stages().get(live.rollout().getStage());
        this.width = live.plan().window().toMillis();
        this.closedTo = WindowClock.start(live.rollout().getStageStartedAt().toEpochMilli(), width);
    }

    /** The windows as they were kept. */
    static OpenWindows restore(Live live, OpenEvidence kept, long silenceMillis, long waitFrom) {
        OpenWindows windows = new OpenWindows(
                live, new long[] {kept.getExistingLatest(), kept.getCandidateLatest()}, silenceMillis, waitFrom);
        windows.closedTo = kept.getClosedTo();
        kept.getBlocks()
                .forEach(block -> windows.blocks.put(
                        block.getWindowStart().toEpochMilli(),
                        WindowCountsCodec.decode(
                                block, windows.stage, live.plan().isByKey())));
        windows.changed = false;
        return windows;
    }

    Live live() {
        return live;
    }

    /** How far both arms have come, where the candidate is served. */
    ArmClock arms() {
        return arms;
    }

    StagePlan stage() {
        return stage;
    }

    boolean isByKey() {
        return live.plan().isByKey();
    }

    /** Width of the windows, milliseconds. */
    long width() {
        return width;
    }

    /** Up to which time windows are closed. */
    long closedTo() {
        return closedTo;
    }

    /** The block that counts at {@code time}: of the window it is in, or of the first that is open. */
    WindowCounts at(long time) {
        changed = true;
        return blocks.computeIfAbsent(
                Math.max(WindowClock.start(time, width), closedTo),
                absent -> WindowCounts.empty(stage, live.plan().isByKey()));
    }

    /** Whether a window ends by {@code time} that is not closed yet. */
    boolean isDue(long time) {
        return time != WindowClock.NEVER && WindowClock.start(time, width) > closedTo;
    }

    /**
     * Closes the windows that end by {@code time}.
     *
     * @param byRecords up to which time the records alone have closed them
     * @return what this partition has to tell, a window at a time: each is sizeable, and many may close at once
     */
    List<PartialEvidence> close(long time, long byRecords, int partition, int partitions) {
        closedTo = WindowClock.start(time, width);
        Map<Long, WindowCounts> closing = blocks.headMap(closedTo);
        List<PartialEvidence> partials = new ArrayList<>();
        closing.values().removeIf(WindowCounts::isEmpty);
        closing.forEach((start, block) -> {
            if (byRecords == WindowClock.NEVER || start + width > byRecords) {
                block.closedByWallClock();
            }
            partials.add(partial(
                    Math.min(closedTo, start + width),
                    List.of(WindowCountsCodec.encode(block, Instant.ofEpochMilli(start))),
                    partition,
                    partitions));
        });
        if (partials.isEmpty() || lastEnd(partials) < closedTo) {
            partials.add(partial(closedTo, List.of(), partition, partitions));
        }
        closing.clear();
        changed = true;
        return partials;
    }

    private static long lastEnd(List<PartialEvidence> partials) {
        return partials.get(partials.size() - 1).getCompleteTo().toEpochMilli();
    }

    private PartialEvidence partial(long completeTo, List<EvidenceBlock> closed, int partition, int partitions) {
        return PartialEvidence.newBuilder()
                .setDeployment(live.deployment())
                .setRollout(live.rollout().getId())
                .setStage(live.rollout().getStage())
                .setEpoch(live.rollout().getEpoch())
                .setStateVersion(live.state().getVersion())
                .setPartition(partition)
                .setPartitions(partitions)
                .setCompleteTo(Instant.ofEpochMilli(completeTo))
                .setBlocks(closed)
                .build();
    }

    boolean isChanged() {
        return changed;
    }

    /** What is to be kept. */
    OpenEvidence keep() {
        changed = false;
        List<EvidenceBlock> kept = new ArrayList<>();
        blocks.forEach((start, block) -> kept.add(WindowCountsCodec.encode(block, Instant.ofEpochMilli(start))));
        return new OpenEvidence(
                live.deployment(),
                live.rollout().getId(),
                live.rollout().getStage(),
                live.rollout().getEpoch(),
                closedTo,
                arms.latest()[0],
                arms.latest()[1],
                kept);
    }
}
