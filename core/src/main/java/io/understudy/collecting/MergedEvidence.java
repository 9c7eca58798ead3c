package io.understudy.collecting;

import io.understudy.evidence.WindowCounts;
import io.understudy.evidence.WindowCountsCodec;
import io.understudy.judging.JudgedStage;
import io.understudy.judging.Ruling;
import io.understudy.schema.EvidenceBlock;
import io.understudy.schema.PartialEvidence;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.StageEvidenceState;
import io.understudy.schema.Verdict;
import io.understudy.schema.WaitingBlock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The evidence of one epoch of a rollout from all partitions. A window is judged when every partition has closed it.
 * Its parts are merged in the order of the partitions, so the same parts give the same numbers to the last bit.
 * Mutable, for one thread.
 */
public final class MergedEvidence {

    private static final Logger LOG = LoggerFactory.getLogger(MergedEvidence.class);

    private final LiveRollout live;
    private final long width;
    private JudgedStage judged;
    private final TreeMap<Long, TreeMap<Integer, EvidenceBlock>> waiting = new TreeMap<>();
    private long[] completeTo;
    private long judgedTo;
    private long stateVersion;
    private long failedWindows;
    private @Nullable Verdict lastVerdict;

    private MergedEvidence(LiveRollout live, JudgedStage judged) {
        this.live = live;
        this.width = live.plan().window().toMillis();
        this.judged = judged;
        this.completeTo = new long[0];
        this.judgedTo = start();
    }

    /** Creates evidence without windows. */
    public static MergedEvidence empty(LiveRollout live) {
        return new MergedEvidence(
                live, JudgedStage.empty(live.plan(), live.rollout().getStage()));
    }

    /** Restores the evidence that {@link #save} returned. */
    public static MergedEvidence restore(LiveRollout live, StageEvidenceState saved) {
        MergedEvidence merged = new MergedEvidence(
                live, JudgedStage.restore(saved, live.plan(), live.rollout().getStage()));
        merged.completeTo =
                saved.getCompleteTo().stream().mapToLong(Long::longValue).toArray();
        merged.judgedTo = saved.getJudgedTo();
        merged.stateVersion = saved.getStateVersion();
        merged.lastVerdict = saved.getLastVerdict();
        merged.failedWindows = saved.getFailedWindows();
        saved.getWaiting().forEach(part -> merged.addWaiting(part.getPartition(), part.getBlock()));
        return merged;
    }

    /** The start of the first window. */
    private long start() {
        return WindowClock.start(live.rollout().getStageStartedAt().toEpochMilli(), width);
    }

    /** The rollout that the evidence belongs to. */
    public LiveRollout live() {
        return live;
    }

    private void addWaiting(int partition, EvidenceBlock block) {
        waiting.computeIfAbsent(block.getWindowStart().toEpochMilli(), start -> new TreeMap<>())
                .put(partition, block);
    }

    /**
     * Adds closed windows of one partition.
     *
     * @param now wall-clock time
     * @return the evaluations of the windows that every partition has now closed
     */
    public List<RolloutEvaluation> add(PartialEvidence partial, Instant now) {
        if (completeTo.length != partial.getPartitions()) {
            int before = completeTo.length;
            completeTo = Arrays.copyOf(completeTo, partial.getPartitions());
            Arrays.fill(completeTo, Math.min(before, completeTo.length), completeTo.length, WindowClock.NEVER);
        }
        if (partial.getStateVersion() > stateVersion) {
            stateVersion = partial.getStateVersion();
            // After a pause or resume the verdict must be sent again, even if it is the same.
            lastVerdict = Verdict.UNKNOWN;
        }
        completeTo[partial.getPartition()] = Math.max(
                completeTo[partial.getPartition()], partial.getCompleteTo().toEpochMilli());
        partial.getBlocks().forEach(block -> addWaiting(partial.getPartition(), block));
        return judge(Arrays.stream(completeTo).min().orElse(WindowClock.NEVER), now);
    }

    private List<RolloutEvaluation> judge(long complete, Instant now) {
        if (complete == WindowClock.NEVER) {
            return List.of();
        }
        List<RolloutEvaluation> evaluations = new ArrayList<>();
        Map<Long, TreeMap<Integer, EvidenceBlock>> ready = waiting.headMap(complete - width, true);
        ready.forEach((start, parts) -> {
            boolean byWallClock = parts.values().stream().anyMatch(EvidenceBlock::getClosedByWallClock);
            judgedTo = Math.max(judgedTo, start + width);
            long ahead = parts.values().stream()
                    .mapToLong(EvidenceBlock::getRequestsAhead)
                    .sum();
            evaluations.add(evaluation(addAndRule(parts), start, byWallClock, ahead, now));
            lastVerdict = evaluations.get(evaluations.size() - 1).getVerdict();
        });
        ready.clear();
        if (complete > judgedTo) {
            // There are no new counts, but time has passed: the stage may be over, or an arm may lack data.
            judgedTo = complete;
            RolloutEvaluation idle = evaluation(rule(), complete - width, false, 0, now);
            if (idle.getVerdict() != lastVerdict) {
                evaluations.add(idle);
                lastVerdict = idle.getVerdict();
            }
        }
        return evaluations;
    }

    private Ruling addAndRule(TreeMap<Integer, EvidenceBlock> parts) {
        StageEvidenceState before = save();
        try {
            WindowCounts window =
                    WindowCounts.underWay(live.stage(), live.plan().isByKey());
            parts.values()
                    .forEach(part -> window.addAll(WindowCountsCodec.decode(
                            part, live.stage(), live.plan().isByKey())));
            judged.absorb(window, Duration.ofMillis(judgedTo - start()));
        } catch (RuntimeException e) {
            // A window counts as a whole or not at all: half of one would look like evidence.
            judged = JudgedStage.restore(before, live.plan(), live.rollout().getStage());
            failedWindows++;
            return failed(e);
        }
        return rule();
    }

    private Ruling rule() {
        try {
            return judged.rule(Duration.ofMillis(judgedTo - start()));
        } catch (RuntimeException e) {
            return failed(e);
        }
    }

    /** A failure of the judge is never the candidate's fault. */
    private Ruling failed(RuntimeException failure) {
        LOG.error("Cannot judge the evidence: rollout={}", live.rollout().getId(), failure);
        return Ruling.failed(failure.toString());
    }

    private RolloutEvaluation evaluation(Ruling ruling, long start, boolean byWallClock, long ahead, Instant now) {
        return RolloutEvaluation.newBuilder()
                .setDeployment(live.deployment())
                .setRollout(live.rollout().getId())
                .setStage(live.rollout().getStage())
                .setEpoch(live.rollout().getEpoch())
                .setStateVersion(stateVersion)
                .setWindowStart(Instant.ofEpochMilli(start))
                .setWindowEnd(Instant.ofEpochMilli(start + width))
                .setClosedByWallClock(byWallClock)
                .setVerdict(ruling.verdict())
                .setCode(ruling.code())
                .setReason(ruling.reason())
                .setMetrics(ruling.metrics())
                .setExisting(ruling.existing())
                .setCandidate(ruling.candidate())
                .setScoreEdges(ruling.scoreEdges())
                .setSampleRatioEvidence(ruling.sampleRatioEvidence())
                .setRemainingUnits(ruling.remainingUnits().orElse(null))
                .setWarnings(warnings(ruling, ahead))
                .setDisagreements(ruling.disagreements())
                .setAt(now)
                .build();
    }

    private List<String> warnings(Ruling ruling, long ahead) {
        List<String> warnings = new ArrayList<>();
        if (failedWindows > 0) {
            warnings.add("windows that could not be merged into the evidence and are left out: " + failedWindows);
        }
        if (ahead > 0) {
            warnings.add("the times of " + ahead + " of the window's requests are ahead of the router's clock; they"
                    + " count for the time at which they were routed; check the clocks of their senders");
        }
        warnings.addAll(ruling.warnings());
        return warnings;
    }

    /** Returns everything that {@link #restore} needs. */
    public StageEvidenceState save() {
        List<WaitingBlock> parts = new ArrayList<>();
        waiting.values()
                .forEach(byPartition ->
                        byPartition.forEach((partition, block) -> parts.add(new WaitingBlock(partition, block))));
        return judged.save(StageEvidenceState.newBuilder())
                .setDeployment(live.deployment())
                .setRollout(live.rollout().getId())
                .setStage(live.rollout().getStage())
                .setEpoch(live.rollout().getEpoch())
                .setStateVersion(stateVersion)
                .setJudgedTo(judgedTo)
                .setLastVerdict(lastVerdict)
                .setCompleteTo(Arrays.stream(completeTo).boxed().toList())
                .setWaiting(parts)
                .setFailedWindows(failedWindows)
                .build();
    }
}
