package io.understudy.evaluation;

import io.understudy.collecting.LiveRollout;
import io.understudy.evaluation.PendingRequestStore.Entry;
import io.understudy.schema.PendingRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Deletes the requests whose outcome window is over, and the requests of rollouts that have ended. Which records are
 * joined depends only on their times, never on when the sweep runs.
 */
final class Sweep {

    private static final long INTERVAL_MILLIS = Duration.ofMinutes(5).toMillis();

    private final PendingRequestStore pending;
    private final LiveRollouts rollouts;
    private final EvaluationMeters meters;
    private long nextAt;

    Sweep(PendingRequestStore pending, LiveRollouts rollouts, EvaluationMeters meters) {
        this.pending = pending;
        this.rollouts = rollouts;
        this.meters = meters;
    }

    /**
     * Processes the next slice if one is due.
     *
     * @param now wall-clock time
     * @param highestTime highest record time
     */
    void step(long now, long highestTime) {
        if (nextAt == 0) {
            nextAt = now + INTERVAL_MILLIS;
        }
        if (now < nextAt && !pending.isSweeping()) {
            return;
        }
        Map<String, Optional<LiveRollout>> live = new HashMap<>();
        List<Entry> swept = pending.sweep(
                entry -> isOver(entry.request(), live.computeIfAbsent(entry.deployment(), rollouts::find), highestTime),
                deployment -> live.computeIfAbsent(deployment, rollouts::find)
                        .filter(rollout -> rollout.stage().needsMaturity())
                        .isPresent());
        swept.stream()
                .filter(entry ->
                        live.getOrDefault(entry.deployment(), Optional.empty()).isPresent()
                                && !isMarker(entry.request()))
                .forEach(entry -> meters.unmatchedRequest());
        if (!pending.isSweeping()) {
            nextAt = now + INTERVAL_MILLIS;
        }
    }

    /** Whether every metric has counted the request, so that only its marker remains. */
    private static boolean isMarker(PendingRequest request) {
        return request.getRollout() != null && request.getExisting() == null && request.getCandidate() == null;
    }

    private static boolean isOver(PendingRequest request, Optional<LiveRollout> live, long highestTime) {
        return live.isEmpty()
                || request.getRollout() != null && !live.get().matches(request.getRollout(), request.getEpoch())
                || live.get().isOutsideOutcomeWindow(highestTime - request.getSince())
                        && !live.get().isMaturing(request);
    }
}
