package io.understudy.routing;

import io.micrometer.core.instrument.Counter;
import io.understudy.assignment.TrafficSplit;
import io.understudy.metrics.Meters;
import io.understudy.schema.Arm;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutStatus;
import io.understudy.wire.RouteHeader;
import io.understudy.wire.RouteHeader.Route;
import java.util.Optional;

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
record DeploymentRoutes(
        TrafficSplit routing,
        RouteHeader existing,
        RouteHeader outside,
        RouteHeader candidate,
        RouteHeader mirror,
        CircuitBreaker breaker,
        Counter toExisting,
        Counter toCandidate) {

    static DeploymentRoutes of(TrafficSplit routing, Meters meters, CircuitBreakers breakers) {
        String deployment = routing.state().getDeployment();
        String version = routing.state().getExisting().getVersion();
        Optional<Rollout> rollout = routing.activeRollout();
        RouteHeader outside = new RouteHeader(Route.outside(deployment, version));
        return new DeploymentRoutes(
                routing,
                rollout.map(active -> new RouteHeader(Route.served(deployment, Arm.EXISTING, version, active)))
                        .orElse(outside),
                outside,
                rollout.map(active -> new RouteHeader(Route.served(
                                deployment, Arm.CANDIDATE, active.getCandidate().getVersion(), active)))
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
