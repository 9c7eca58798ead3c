package io.understudy.collecting;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.evidence.WindowCounts;
import io.understudy.schema.Arm;
import io.understudy.schema.OpenEvidence;
import io.understudy.schema.Outcome;
import io.understudy.schema.PartialEvidence;
import io.understudy.schema.PendingRequest;
import io.understudy.schema.Prediction;
import io.understudy.schema.WindowClockState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Counts one partition's answers and outcomes into windows, and closes each window when it is complete. Knows nothing of topics and
 * stores; whoever calls it keeps its state. Mutable, for one thread.
 *
 * <p>For each record: {@link #arrive}, then {@link #answer} or {@link #outcome} where it is of a live rollout, then {@link #close}.
 */
public final class WindowCollector {

    private final CollectorSettings settings;
    private final PendingRequests pending;
    private final WindowClock clock;
    private final Map<String, OpenWindows> open = new TreeMap<>();
    private boolean clockChanged;
    private long nextEnd = Long.MIN_VALUE;

    /** A collector that has counted nothing. */
    public WindowCollector(CollectorSettings settings, PendingRequests pending) {
        this.settings = settings;
        this.pending = pending;
        this.clock = new WindowClock(settings.silenceMillis(), settings.waitFrom());
    }

    /** Takes up the clock that {@link #changedClock} gave. */
    public void restore(WindowClockState kept) {
        clock.restore(kept.getLatest());
    }

    /** Takes up the windows of {@code live} that {@link #changedWindows} gave. */
    public void restore(LiveRollout live, OpenEvidence kept) {
        OpenWindows windows = new OpenWindows(live, settings, clock, settings.waitFrom());
        windows.restore(kept);
        open.put(live.deployment(), windows);
    }

    /**
     * Notes a record, whatever is in it: time goes by.
     *
     * @param time the record's time
     * @param now the wall clock's time
     */
    public Arrival arrive(Source source, long time, long now) {
        clockChanged = true;
        return clock.arrive(source, time, now);
    }

    /**
     * Counts an answer.
     *
     * @param key the record's key
     */
    public Collected answer(Arrival arrival, LiveRollout live, Prediction prediction, byte[] key) {
        OpenWindows windows = of(live, arrival.now());
        boolean shadow = live.stage().isShadow();
        if (shadow ? !isMirrored(live, key, prediction.getRequestId()) : isBeforeTheGuard(arrival)) {
            return Collected.NOT_EVIDENCE;
        }
        // A request that was meant for the candidate counts for its arm, also when the existing model stood in.
        Arm arm = prediction.getFallback() ? Arm.CANDIDATE : prediction.getArm();
        long time = windows.timeOfAnswer(arrival, arm);
        Collected joined = Collected.COUNTED;
        if (windows.join().isNeeded()) {
            Optional<PendingRequest> known = pending.get(live.deployment(), prediction.getRequestId())
                    .filter(request -> !live.isOutside(time - request.getSince()));
            joined = count(
                    windows,
                    windows.join().withAnswer(known, prediction, arm, time),
                    prediction.getRequestId(),
                    bucket(live, key));
        }
        if (joined != Collected.DUPLICATE) {
            windows.at(time).answer(arm, key, bucket(live, key), prediction);
        }
        return joined;
    }

    private static boolean isMirrored(LiveRollout live, byte[] key, String requestId) {
        return live.split().mirrors(new String(key, UTF_8), requestId);
    }

    /** An answer that is served passes the guard and comes again among the predictions. */
    private static boolean isBeforeTheGuard(Arrival arrival) {
        return arrival.source() == Source.CANDIDATE_PREDICTIONS;
    }

    private static int bucket(LiveRollout live, byte[] key) {
        return live.plan().isByKey() ? WindowCounts.bucket(key) : 0;
    }

    /**
     * Counts an outcome.
     *
     * @param key the record's key
     */
    public Collected outcome(Arrival arrival, LiveRollout live, Outcome outcome, byte[] key) {
        OpenWindows windows = of(live, arrival.now());
        if (!windows.join().reads(outcome.getName())
                || live.stage().isShadow() && !isMirrored(live, key, outcome.getRequestId())) {
            return Collected.NOT_EVIDENCE;
        }
        long time = windows.timeOf(arrival);
        Optional<PendingRequest> known = pending.get(live.deployment(), outcome.getRequestId());
        if (known.filter(request -> isOfAnotherEpoch(request, live)).isPresent()) {
            return Collected.STALE;
        }
        if (known.filter(request -> live.isOutside(time - request.getSince())).isPresent()) {
            return Collected.LATE;
        }
        return count(
                windows, windows.join().withOutcome(known, outcome, time), outcome.getRequestId(), bucket(live, key));
    }

    private static boolean isOfAnotherEpoch(PendingRequest request, LiveRollout live) {
        return request.getRollout() != null && !live.is(request.getRollout(), request.getEpoch());
    }

    private Collected count(OpenWindows windows, Optional<PendingRequest> joined, String requestId, int bucket) {
        if (joined.isEmpty()) {
            return Collected.DUPLICATE;
        }
        PendingRequest counted = windows.join()
                .count(joined.get(), requestId, bucket, windows.at(joined.get().getLatest()));
        pending.put(windows.live().deployment(), requestId, counted);
        return windows.join().isDone(counted) ? Collected.COMPLETED : Collected.COUNTED;
    }

    /** The open windows of a rollout; a new epoch begins with none. */
    private OpenWindows of(LiveRollout live, long now) {
        OpenWindows windows = open.get(live.deployment());
        if (windows == null
                || !windows.live().is(live.rollout().getId(), live.rollout().getEpoch())) {
            windows = new OpenWindows(live, settings, clock, Math.max(settings.waitFrom(), now));
            open.put(live.deployment(), windows);
            nextEnd = Long.MIN_VALUE;
        }
        return windows;
    }

    /** Opens windows for rollouts that have begun, and drops those of rollouts that have ended. */
    public void refresh(Collection<LiveRollout> live, long now) {
        Set<String> deployments = new TreeSet<>();
        for (LiveRollout rollout : live) {
            of(rollout, now);
            deployments.add(rollout.deployment());
        }
        open.keySet().retainAll(deployments);
    }

    /**
     * Closes the windows that a record has completed.
     *
     * @param live the record's rollout; a record of no rollout moves time as well
     * @param now the wall clock's time
     * @return what this partition sends for the closed windows
     */
    public List<PartialEvidence> close(Optional<LiveRollout> live, long now) {
        if (live.isEmpty()) {
            return clock.highest() >= nextEnd ? closeAll(now) : List.of();
        }
        // Asked for every record of a rollout, so it looks at no other.
        OpenWindows windows = of(live.get(), now);
        return clock.highest() >= windows.nextEnd() ? windows.closeComplete(now) : List.of();
    }

    /** Closes every window that is complete, and returns what this partition sends for them. */
    public List<PartialEvidence> closeAll(long now) {
        List<PartialEvidence> partials = new ArrayList<>();
        open.values().forEach(windows -> partials.addAll(windows.closeComplete(now)));
        nextEnd = open.values().stream().mapToLong(OpenWindows::nextEnd).min().orElse(Long.MAX_VALUE);
        return partials;
    }

    /** The highest record time so far, milliseconds since 1970. */
    public long highestTime() {
        return clock.highest();
    }

    /** Deployments that have open windows. */
    public Set<String> deployments() {
        return open.keySet();
    }

    /** The clock, if it has changed since this was last asked. */
    public Optional<WindowClockState> changedClock() {
        boolean changed = clockChanged;
        clockChanged = false;
        return changed ? Optional.of(new WindowClockState(clock.latest())) : Optional.empty();
    }

    /** The windows of each deployment that have changed since this was last asked. */
    public List<OpenEvidence> changedWindows() {
        return open.values().stream()
                .filter(OpenWindows::isChanged)
                .map(OpenWindows::keep)
                .toList();
    }
}
