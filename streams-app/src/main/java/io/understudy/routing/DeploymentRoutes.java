package io.understudy.routing;

import io.micrometer.core.instrument.Counter;
import io.understudy.assignment.TrafficSplit;
import io.understudy.schema.Arm;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutStatus;
import io.understudy.wire.Route;
import io.understudy.wire.RouteHeader;
import java.util.Optional;

/**
 * Everything the router needs to route the requests of one deployment under one version of its state.
 *
 * @param split which model serves a request, and which requests are mirrored
 * @param existing the header of requests that the existing model answers
 * @param outside the header of requests that the existing model answers outside the rollout, where they are not evidence
 * @param candidate the routes to the candidate; empty without an active rollout
 * @param toExisting counts requests to the existing lane
 * @param toCandidate counts requests to the candidate lane
 */
record DeploymentRoutes(
        TrafficSplit split,
        RouteHeader existing,
        RouteHeader outside,
        Optional<CandidateRoutes> candidate,
        Counter toExisting,
        Counter toCandidate) {

    /**
     * The routes to a candidate.
     *
     * @param rollout its rollout
     * @param served the header of requests that the candidate serves
     * @param mirrored the header of requests that are mirrored to it
     * @param breaker its circuit breaker
     */
    record CandidateRoutes(Rollout rollout, RouteHeader served, RouteHeader mirrored, CircuitBreaker breaker) {

        static CandidateRoutes of(String deployment, Rollout rollout, CircuitBreakers breakers) {
            String version = rollout.getCandidate().getVersion();
            return new CandidateRoutes(
                    rollout,
                    new RouteHeader(Route.served(deployment, Arm.CANDIDATE, version, rollout)),
                    new RouteHeader(Route.mirrored(deployment, rollout)),
                    breakers.of(deployment, rollout));
        }
    }

    static DeploymentRoutes of(TrafficSplit split, RoutingMeters meters, CircuitBreakers breakers) {
        String deployment = split.state().getDeployment();
        String version = split.state().getExisting().getVersion();
        Optional<Rollout> active = split.activeRollout();
        RouteHeader outside = new RouteHeader(Route.outsideRollout(deployment, version));
        return new DeploymentRoutes(
                split,
                active.map(rollout -> new RouteHeader(Route.served(deployment, Arm.EXISTING, version, rollout)))
                        .orElse(outside),
                outside,
                active.map(rollout -> CandidateRoutes.of(deployment, rollout, breakers)),
                meters.routed(RoutingNames.EXISTING_LANE, deployment),
                meters.routed(RoutingNames.CANDIDATE_LANE, deployment));
    }

    String deployment() {
        return split.state().getDeployment();
    }

    /** The routes to the candidate while epoch number {@code epoch} of the rollout {@code id} is under way. */
    Optional<CandidateRoutes> candidateOf(String id, int epoch) {
        return candidate.filter(routes ->
                routes.rollout().getId().equals(id) && routes.rollout().getEpoch() == epoch);
    }

    /** Whether requests that wait for the candidate of the rollout {@code id} may still be answered by it. */
    boolean letsFinish(String id) {
        Rollout rollout = split.state().getRollout();
        return rollout != null
                && rollout.getId().equals(id)
                && (rollout.getShare() > 0 || rollout.getStatus() == RolloutStatus.PROMOTED);
    }
}
