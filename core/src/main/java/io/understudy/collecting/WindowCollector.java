package io.understudy.collecting;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.collecting.PendingRequests.Due;
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
 * Counts the answers and outcomes of one partition in windows, and closes each window when it is complete. It does not
 * know topics and stores; the caller saves its state. Mutable, for one thread.
 *
 * <p>For each record, call {@link #recordArrival}, then {@link #collectAnswer} or {@link #collectOutcome} if the record
 * belongs to a live rollout, then {@link #closeComplete(Optional, long)}.
 */
public final class WindowCollector {

    private final CollectorSettings settings;
    private final PendingRequests pending;
    private final WindowClock clock;
    private final Map<String, OpenWindows> open = new TreeMap<>();
    private boolean clockChanged;
    private long nextEnd = Long.MIN_VALUE;

    /** Creates a collector without counts. */
    public WindowCollector(CollectorSettings settings, PendingRequests pending) {
        this.settings = settings;
        this.pending = pending;
        this.clock = new WindowClock(settings.silenceMillis(), settings.silenceStart());
    }

    /** Restores the clock that {@link #takeChangedClock} returned. */
    public void restore(WindowClockState saved) {
        clock.restore(saved.getLatest());
    }

    /** Restores the windows of {@code live} that {@link #takeChangedWindows} returned. */
    public void restore(LiveRollout live, OpenEvidence saved) {
        OpenWindows windows = new OpenWindows(live, settings, clock, pending, settings.silenceStart());
        windows.restore(saved);
        open.put(live.deployment(), windows);
    }

    /**
     * Records the arrival of a record. Every record moves time forward, whatever it contains.
     *
     * @param time time of the record, milliseconds since 1970. It must not come from a sender whose clock may be ahead:
     *     records behind it count for this time
     * @param now wall-clock time
     */
    public Arrival recordArrival(Source source, long time, long now) {
        clockChanged = true;
        return clock.recordArrival(source, time, now);
    }

    /**
     * Counts an answer.
     *
     * @param key key of the record
     */
    public Collected collectAnswer(Arrival arrival, LiveRollout live, Prediction prediction, byte[] key) {
        OpenWindows windows = windowsOf(live, arrival.now());
        boolean shadow = live.stage().isShadow();
        if (shadow ? !isMirrored(live, key, prediction.getRequestId()) : isBeforeTheGuard(arrival)) {
            return Collected.NOT_EVIDENCE;
        }
        // A request that was assigned to the candidate counts for the candidate's arm, even if the existing model
        // answered.
        Arm arm = prediction.getFallback() ? Arm.CANDIDATE : prediction.getArm();
        long time = windows.recordAnswer(arrival, arm);
        Collected result = Collected.COUNTED;
        if (windows.join().isNeeded()) {
            Optional<PendingRequest> known = pending.get(live.deployment(), prediction.getRequestId())
                    .filter(request -> !live.isOutsideOutcomeWindow(time - request.getSince()));
            Optional<PendingRequest> joined = windows.join().withAnswer(known, prediction, arm, time);
            int bucket = bucket(live, key, prediction.getRequestId());
            joined.ifPresent(request ->
                    windows.join().arms(request).forEach(covered -> windows.countRequest(request, covered, bucket)));
            // What is known of a request before its first answer is an outcome.
            long outcomeTime = known.map(PendingRequest::getSince).orElse(time);
            result = count(windows, joined, prediction.getRequestId(), bucket, outcomeTime);
            joined.map(windows.join()::maturities)
                    .orElse(Set.of())
                    .forEach(due -> pending.putDue(live.deployment(), new Due(due, prediction.getRequestId(), bucket)));
        }
        if (result != Collected.DUPLICATE) {
            windows.countAnswer(prediction, arm, key, bucket(live, key, prediction.getRequestId()), time);
            // Each request has one served answer.
            if (arrival.source() == Source.PREDICTIONS && isAhead(prediction)) {
                windows.windowAt(time).ahead();
            }
        }
        return result;
    }

    /** Whether the sender of the request gave it a time that the router's clock had not nearly reached. */
    private boolean isAhead(Prediction prediction) {
        return prediction.getRoutedAt() != null
                && prediction.getReceivedAt().isAfter(prediction.getRoutedAt().plus(settings.maxAhead()));
    }

    private static boolean isMirrored(LiveRollout live, byte[] key, String requestId) {
        return live.split().mirrors(key, requestId);
    }

    /** An answer that is served passes the guard and arrives again among the predictions. */
    private static boolean isBeforeTheGuard(Arrival arrival) {
        return arrival.source() == Source.CANDIDATE_PREDICTIONS;
    }

    /** The bucket of the unit; 0 if no metric needs it. */
    private static int bucket(LiveRollout live, byte[] key, String requestId) {
        if (live.plan().isByKey()) {
            return WindowCounts.bucket(key);
        }
        return live.stage().needsGroups() ? WindowCounts.bucket(requestId.getBytes(UTF_8)) : 0;
    }

    /**
     * Counts an outcome.
     *
     * @param key key of the record
     */
    public Collected collectOutcome(Arrival arrival, LiveRollout live, Outcome outcome, byte[] key) {
        OpenWindows windows = windowsOf(live, arrival.now());
        if (!windows.join().readsOutcome(outcome.getName())
                || live.stage().isShadow() && !isMirrored(live, key, outcome.getRequestId())) {
            return Collected.NOT_EVIDENCE;
        }
        long time = windows.countingTime(arrival);
        Optional<PendingRequest> known = pending.get(live.deployment(), outcome.getRequestId());
        if (known.filter(request -> isOfAnotherEpoch(request, live)).isPresent()) {
            return Collected.STALE;
        }
        if (known.filter(request -> isTooLate(time, request, live)).isPresent()) {
            return Collected.LATE;
        }
        Optional<PendingRequest> joined = windows.join().withOutcome(known, outcome, time);
        if (joined.filter(OutcomeLimits::areExceeded).isPresent()) {
            return Collected.EXCESSIVE;
        }
        return count(windows, joined, outcome.getRequestId(), bucket(live, key, outcome.getRequestId()), time);
    }

    /**
     * Whether an outcome is too late to count. Which of a request's records is processed first depends on how topics
     * interleave, so where requests are counted at their maturity, only the times of their answers matter.
     */
    private static boolean isTooLate(long time, PendingRequest request, LiveRollout live) {
        if (live.stage().needsMaturity()) {
            return request.getAnsweredAt() != null && live.isOutsideOutcomeWindow(time - request.getAnsweredAt());
        }
        return live.isOutsideOutcomeWindow(time - request.getSince());
    }

    private static boolean isOfAnotherEpoch(PendingRequest request, LiveRollout live) {
        return request.getRollout() != null && !live.matches(request.getRollout(), request.getEpoch());
    }

    private Collected count(
            OpenWindows windows, Optional<PendingRequest> joined, String requestId, int bucket, long outcomeTime) {
        if (joined.isEmpty()) {
            return Collected.DUPLICATE;
        }
        PendingRequest counted = windows.countKnown(joined.get(), requestId, bucket, outcomeTime);
        pending.put(windows.live().deployment(), requestId, counted);
        return windows.join().isDone(counted) ? Collected.COMPLETED : Collected.COUNTED;
    }

    /** Returns the open windows of a rollout. A new epoch starts with empty windows. */
    private OpenWindows windowsOf(LiveRollout live, long now) {
        OpenWindows windows = open.get(live.deployment());
        if (windows == null
                || !windows.live()
                        .matches(live.rollout().getId(), live.rollout().getEpoch())) {
            windows = new OpenWindows(live, settings, clock, pending, Math.max(settings.silenceStart(), now));
            open.put(live.deployment(), windows);
            nextEnd = Long.MIN_VALUE;
        }
        return windows;
    }

    /** Opens windows for rollouts that have started, and drops the windows of rollouts that have ended. */
    public void refresh(Collection<LiveRollout> live, long now) {
        Set<String> deployments = new TreeSet<>();
        for (LiveRollout rollout : live) {
            windowsOf(rollout, now);
            deployments.add(rollout.deployment());
        }
        open.keySet().retainAll(deployments);
    }

    /**
     * Closes the windows that a record has completed.
     *
     * @param live rollout of the record; empty if the record does not belong to a rollout. It still moves time forward.
     * @param now wall-clock time
     * @return the evidence to send for the closed windows
     */
    public List<PartialEvidence> closeComplete(Optional<LiveRollout> live, long now) {
        if (live.isEmpty()) {
            return clock.highest() >= nextEnd ? closeComplete(now) : List.of();
        }
        // Called for every record of a rollout, so it checks only the windows of that rollout.
        OpenWindows windows = windowsOf(live.get(), now);
        return clock.highest() >= windows.nextEnd() ? windows.closeComplete(now) : List.of();
    }

    /**
     * Closes every complete window.
     *
     * @param now wall-clock time
     * @return the evidence to send for the closed windows
     */
    public List<PartialEvidence> closeComplete(long now) {
        List<PartialEvidence> partials = new ArrayList<>();
        open.values().forEach(windows -> partials.addAll(windows.closeComplete(now)));
        nextEnd = open.values().stream().mapToLong(OpenWindows::nextEnd).min().orElse(Long.MAX_VALUE);
        return partials;
    }

    /** The highest record time so far, milliseconds since 1970. */
    public long highestTime() {
        return clock.highest();
    }

    /** The deployments that have open windows. */
    public Set<String> deployments() {
        return open.keySet();
    }

    /** Returns the clock to save, if it has changed since the last call. */
    public Optional<WindowClockState> takeChangedClock() {
        boolean changed = clockChanged;
        clockChanged = false;
        return changed ? Optional.of(new WindowClockState(clock.latest())) : Optional.empty();
    }

    /** Returns the windows to save, of each deployment whose windows have changed since the last call. */
    public List<OpenEvidence> takeChangedWindows() {
        return open.values().stream()
                .filter(OpenWindows::isChanged)
                .map(OpenWindows::save)
                .toList();
    }
}
