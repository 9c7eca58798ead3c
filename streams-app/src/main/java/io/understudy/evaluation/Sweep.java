package io.understudy.evaluation;

import io.understudy.evaluation.LiveRollouts.Live;
import io.understudy.evaluation.PendingRequests.Entry;
import io.understudy.metrics.Meters;
import io.understudy.schema.PendingRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Clears away requests that have outlived their outcome window, and those of rollouts that are over. What joins is decided by times
 * alone, never by whether the sweep has come by.
 */
final class Sweep {

    private static final long BETWEEN_MILLIS = Duration.ofMinutes(5).toMillis();

    private final PendingRequests pending;
    private final LiveRollouts rollouts;
    private final Meters meters;
    private long nextAt;

    Sweep(PendingRequests pending, LiveRollouts rollouts, Meters meters) {
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
        Map<String, Optional<Live>> live = new HashMap<>();
        for (Entry entry : pending.sweep(candidate -> isOver(candidate, live, reached))) {
            Optional<Live> rollout = live.get(PendingRequests.deployment(entry.key()));
            PendingRequest request = entry.request();
            boolean marker =
                    request.getRollout() != null && request.getExisting() == null && request.getCandidate() == null;
            if (rollout.isPresent() && !marker) {
                meters.joinUnmatched();
            }
        }
        if (!pending.isSweeping()) {
            nextAt = now + BETWEEN_MILLIS;
        }
    }

    private boolean isOver(Entry entry, Map<String, Optional<Live>> live, long reached) {
        Optional<Live> rollout = live.computeIfAbsent(PendingRequests.deployment(entry.key()), rollouts::of);
        PendingRequest request = entry.request();
        return rollout.isEmpty()
                || request.getRollout() != null && !rollout.get().is(request.getRollout(), request.getEpoch())
                || reached - request.getSince()
                        > rollout.get().plan().outcomeWindow().toMillis();
    }
}
