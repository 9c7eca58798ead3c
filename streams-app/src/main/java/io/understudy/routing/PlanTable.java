package io.understudy.routing;

import io.micrometer.core.instrument.Counter;
import io.understudy.assignment.RoutingPlan;
import io.understudy.metrics.Meters;
import io.understudy.registry.Decoder;
import io.understudy.registry.UndecodableException;
import io.understudy.schema.Arm;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.wire.RouteHeader;
import io.understudy.wire.RouteHeader.Route;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Each deployment's plan, made anew only when its bytes in the global table have changed: decoding a state for every request
 * would cost more than routing it.
 */
final class PlanTable {

    private static final Logger LOG = LoggerFactory.getLogger(PlanTable.class);

    private final ReadOnlyKeyValueStore<String, byte[]> states;
    private final Decoder<RolloutState> decoder;
    private final Meters meters;
    private final CircuitBreakers breakers;
    private final Map<String, Entry> entries = new HashMap<>();

    PlanTable(
            ReadOnlyKeyValueStore<String, byte[]> states,
            Decoder<RolloutState> decoder,
            Meters meters,
            CircuitBreakers breakers) {
        this.states = states;
        this.decoder = decoder;
        this.meters = meters;
        this.breakers = breakers;
    }

    /** The plan in force for {@code deployment}; empty when there is no such deployment. */
    Optional<Plan> plan(String deployment) {
        byte[] bytes = states.get(deployment);
        if (bytes == null) {
            entries.remove(deployment);
            return Optional.empty();
        }
        Entry entry = entries.get(deployment);
        if (entry == null || !Arrays.equals(entry.bytes, bytes)) {
            entry = new Entry(bytes, decode(deployment, bytes).or(() -> inForce(deployment)));
            entries.put(deployment, entry);
        }
        return entry.plan;
    }

    private Optional<Plan> inForce(String deployment) {
        return Optional.ofNullable(entries.get(deployment)).flatMap(Entry::plan);
    }

    private Optional<Plan> decode(String deployment, byte[] bytes) {
        try {
            return Optional.of(Plan.of(RoutingPlan.of(decoder.decode(bytes)), meters, breakers));
        } catch (UndecodableException e) {
            meters.unreadableState();
            LOG.error(
                    "Unreadable rollout state, the one before stays in force: deployment={} cause={}",
                    deployment,
                    e.getMessage());
            return Optional.empty();
        }
    }

    private record Entry(byte[] bytes, Optional<Plan> plan) {}

    /**
     * A plan with the headers it stamps.
     *
     * @param routing who is served by whom, and what is mirrored
     * @param existing the header of what the existing model answers
     * @param outside the header of what the existing model answers outside the rollout: it is no evidence
     * @param candidate the header of what the candidate answers; null without an active rollout
     * @param mirror the header of what is mirrored to the candidate; null without an active rollout
     * @param breaker the candidate's circuit breaker; one that never opens without an active rollout
     * @param toExisting counts what goes to the existing lane
     * @param toCandidate counts what goes to the candidate lane
     */
    record Plan(
            RoutingPlan routing,
            RouteHeader existing,
            RouteHeader outside,
            RouteHeader candidate,
            RouteHeader mirror,
            CircuitBreaker breaker,
            Counter toExisting,
            Counter toCandidate) {

        static Plan of(RoutingPlan routing, Meters meters, CircuitBreakers breakers) {
            String deployment = routing.state().getDeployment();
            String version = routing.state().getExisting().getVersion();
            Optional<Rollout> rollout = routing.activeRollout();
            RouteHeader outside = new RouteHeader(Route.outside(deployment, version));
            return new Plan(
                    routing,
                    rollout.map(active -> new RouteHeader(Route.served(deployment, Arm.EXISTING, version, active)))
                            .orElse(outside),
                    outside,
                    rollout.map(active -> new RouteHeader(Route.served(
                                    deployment,
                                    Arm.CANDIDATE,
                                    active.getCandidate().getVersion(),
                                    active)))
                            .orElse(null),
                    rollout.map(active -> new RouteHeader(Route.mirrored(deployment, active)))
                            .orElse(null),
                    rollout.map(active -> breakers.of(deployment, active)).orElseGet(() -> new CircuitBreaker(null)),
                    meters.routed(RoutingTopology.EXISTING_LANE, deployment),
                    meters.routed(RoutingTopology.CANDIDATE_LANE, deployment));
        }

        /** Whether the rollout {@code id} is under way in {@code epoch}. */
        boolean isOf(String id, int epoch) {
            return routing.activeRollout()
                    .map(rollout -> rollout.getId().equals(id) && rollout.getEpoch() == epoch)
                    .orElse(false);
        }

        /** Whether requests that the candidate of the rollout {@code id} has been asked may still be answered by it. */
        boolean letsFinish(String id) {
            Rollout rollout = routing.state().getRollout();
            return rollout != null
                    && rollout.getId().equals(id)
                    && (rollout.getShare() > 0 || rollout.getStatus() == RolloutStatus.PROMOTED);
        }
    }
}
