package io.understudy.routing;

import io.understudy.assignment.TrafficSplit;
import io.understudy.registry.Decoder;
import io.understudy.registry.UndecodableException;
import io.understudy.schema.RolloutState;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
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
    private final Map<String, Entry> entries = new HashMap<>();

    RoutingTable(
            ReadOnlyKeyValueStore<String, byte[]> states,
            Decoder<RolloutState> decoder,
            RoutingMeters meters,
            CircuitBreakers breakers) {
        this.states = states;
        this.decoder = decoder;
        this.meters = meters;
        this.breakers = breakers;
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
            return Optional.of(DeploymentRoutes.of(TrafficSplit.of(decoder.decode(bytes)), meters, breakers));
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

    private record Entry(byte[] bytes, Optional<DeploymentRoutes> routes) {}
}
