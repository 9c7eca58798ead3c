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
 * Clears away requests that have outlived their outcome window, and those of rollouts that have ended. Which records join depends on
 * times alone, never on when the sweep runs.
 */
final class Sweep {

    private static final long BETWEEN_MILLIS = Duration.ofMinutes(5).toMillis();

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
     * Does the next slice when one is due.
     *
     * @param now the wall clock's time
     * @param reached the highest record time
     */
    void step(long now, long reached) {
        if (nextAt == 0) {
            nextAt = now + BETWEEN_MILLIS;
        }
        if (now < nextAt && !pending.isSweeping()) {
            return;
        }
        Map<String, Optional<LiveRollout>> live = new HashMap<>();
        List<Entry> swept = pending.sweep(
                entry -> isOver(entry.request(), live.computeIfAbsent(entry.deployment(), rollouts::of), reached));
        swept.stream()
                .filter(entry -> live.get(entry.deployment()).isPresent() && !isMarker(entry.request()))
                .forEach(entry -> meters.unmatchedRequest());
        if (!pending.isSweeping()) {
            nextAt = now + BETWEEN_MILLIS;
        }
    }

    /** Whether everything of the request has been counted. */
    private static boolean isMarker(PendingRequest request) {
        return request.getRollout() != null && request.getExisting() == null && request.getCandidate() == null;
    }

    private static boolean isOver(PendingRequest request, Optional<LiveRollout> live, long reached) {
        return live.isEmpty()
                || request.getRollout() != null && !live.get().matches(request.getRollout(), request.getEpoch())
                || live.get().isOutsideOutcomeWindow(reached - request.getSince());
    }
}
