package io.understudy.routing;

import io.understudy.schema.Rollout;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The circuit breakers of this process: one per deployment, for the current epoch of its rollout. All partitions share
 * them.
 */
final class CircuitBreakers {

    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    private record Entry(String rollout, int epoch, CircuitBreaker breaker) {

        boolean belongsTo(Rollout other) {
            return rollout.equals(other.getId()) && epoch == other.getEpoch();
        }
    }

    /** Returns the breaker for the current epoch of {@code rollout}. */
    CircuitBreaker of(String deployment, Rollout rollout) {
        return entries.compute(
                        deployment,
                        (name, current) -> current != null && current.belongsTo(rollout)
                                ? current
                                : new Entry(
                                        rollout.getId(),
                                        rollout.getEpoch(),
                                        new CircuitBreaker(Optional.ofNullable(rollout.getBreaker()))))
                .breaker();
    }
}
