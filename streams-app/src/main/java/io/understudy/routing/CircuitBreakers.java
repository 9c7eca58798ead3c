package io.understudy.routing;

import io.understudy.schema.Rollout;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The breakers of this process: one for each deployment's rollout as it is now, shared by all partitions. */
final class CircuitBreakers {

    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    private record Entry(String rollout, int epoch, CircuitBreaker breaker) {

        boolean isOf(Rollout other) {
            return rollout.equals(other.getId()) && epoch == other.getEpoch();
        }
    }

    /** The breaker of {@code rollout} in its present epoch. */
    CircuitBreaker of(String deployment, Rollout rollout) {
        return entries.compute(
                        deployment,
                        (name, known) -> known != null && known.isOf(rollout)
                                ? known
                                : new Entry(
                                        rollout.getId(),
                                        rollout.getEpoch(),
                                        new CircuitBreaker(Optional.ofNullable(rollout.getBreaker()))))
                .breaker();
    }
}
