package io.understudy.routing;

import io.micrometer.core.instrument.Counter;
import io.understudy.assignment.RoutingPlan;
import io.understudy.metrics.Meters;
import io.understudy.registry.Decoder;
import io.understudy.registry.UndecodableException;
import io.understudy.schema.Arm;
import io.understudy.schema.Model;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutState;
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
    private final Map<String, Entry> entries = new HashMap<>();

    PlanTable(ReadOnlyKeyValueStore<String, byte[]> states, Decoder<RolloutState> decoder, Meters meters) {
        this.states = states;
        this.decoder = decoder;
        this.meters = meters;
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
            return Optional.of(Plan.of(RoutingPlan.of(decoder.decode(bytes)), meters));
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
     * @param routing which requests are mirrored
     * @param existing the header towards the existing lane
     * @param mirror the header towards the candidate lane; null without an active rollout
     * @param served counts what goes to the existing lane
     * @param mirrored counts what goes to the candidate lane
     */
    record Plan(RoutingPlan routing, RouteHeader existing, RouteHeader mirror, Counter served, Counter mirrored) {

        static Plan of(RoutingPlan routing, Meters meters) {
            String deployment = routing.state().getDeployment();
            Optional<Rollout> rollout = routing.activeRollout();
            return new Plan(
                    routing,
                    header(
                            routing.state(),
                            rollout,
                            Arm.EXISTING,
                            routing.state().getExisting(),
                            false),
                    rollout.map(active -> header(routing.state(), rollout, Arm.CANDIDATE, active.getCandidate(), true))
                            .orElse(null),
                    meters.routed(RoutingTopology.EXISTING_LANE, deployment),
                    meters.routed(RoutingTopology.CANDIDATE_LANE, deployment));
        }

        private static RouteHeader header(
                RolloutState state, Optional<Rollout> rollout, Arm arm, Model model, boolean mirrored) {
            return new RouteHeader(new Route(
                    state.getDeployment(),
                    arm,
                    model.getVersion(),
                    rollout.map(Rollout::getId).orElse(null),
                    rollout.map(Rollout::getStage).orElse(null),
                    rollout.map(Rollout::getEpoch).orElse(null),
                    mirrored));
        }
    }
}
