package io.understudy.routing;

import io.understudy.assignment.TrafficSplit;
import io.understudy.registry.Decoder;
import io.understudy.registry.UndecodableException;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutState;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routes of each deployment. They are created again only when the deployment's bytes in the global table have
 * changed, because decoding a state for every request would cost more than routing the request.
 */
final class RoutingTable {

    private static final Logger LOG = LoggerFactory.getLogger(RoutingTable.class);

    private final ReadOnlyKeyValueStore<String, byte[]> states;
    private final Decoder<RolloutState> decoder;
    private final RoutingMeters meters;
    private final CircuitBreakers breakers;
    private final Set<String> lanes;
    private final Map<String, Entry> entries = new HashMap<>();

    RoutingTable(
            ReadOnlyKeyValueStore<String, byte[]> states,
            Decoder<RolloutState> decoder,
            RoutingMeters meters,
            CircuitBreakers breakers,
            Set<String> lanes) {
        this.states = states;
        this.decoder = decoder;
        this.meters = meters;
        this.breakers = breakers;
        this.lanes = lanes;
    }

    /** Returns the current routes of {@code deployment}; empty if the deployment does not exist. */
    Optional<DeploymentRoutes> routes(String deployment) {
        byte[] bytes = states.get(deployment);
        if (bytes == null) {
            entries.remove(deployment);
            return Optional.empty();
        }
        Entry entry = entries.get(deployment);
        if (entry == null || !Arrays.equals(entry.bytes, bytes)) {
            entry = new Entry(bytes, decode(deployment, bytes).or(() -> lastReadable(deployment)));
            entries.put(deployment, entry);
        }
        return entry.routes;
    }

    private Optional<DeploymentRoutes> lastReadable(String deployment) {
        return Optional.ofNullable(entries.get(deployment)).flatMap(Entry::routes);
    }

    private Optional<DeploymentRoutes> decode(String deployment, byte[] bytes) {
        try {
            RolloutState state = decoder.decode(bytes);
            checkLanes(state);
            return Optional.of(DeploymentRoutes.of(TrafficSplit.of(state), meters, breakers, lanes));
        } catch (UndecodableException | IllegalArgumentException | NullPointerException e) {
            // A state that can be decoded may still have values that no controller writes.
            meters.unreadableState();
            LOG.error(
                    "Cannot read a rollout state, the previous one stays in force: deployment={} cause={}",
                    deployment,
                    e.toString());
            return Optional.empty();
        }
    }

    /** The controller rejects unknown lanes, so this router has other settings than the controller. */
    private void checkLanes(RolloutState state) {
        Stream.concat(
                        Stream.of(state.getExisting()),
                        Stream.ofNullable(state.getRollout()).map(Rollout::getCandidate))
                .filter(model -> model.getLane() != null && !lanes.contains(model.getLane()))
                .forEach(model -> {
                    meters.unknownLane(state.getDeployment());
                    LOG.error(
                            "A model names a lane that the setting lanes of this router does not have, using the default"
                                    + " lane: deployment={} version={} lane={} lanes={}",
                            state.getDeployment(),
                            model.getVersion(),
                            model.getLane(),
                            lanes);
                });
    }

    private record Entry(byte[] bytes, Optional<DeploymentRoutes> routes) {}
}
