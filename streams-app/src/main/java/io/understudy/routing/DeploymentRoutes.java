package io.understudy.routing;

import io.micrometer.core.instrument.Counter;
import io.understudy.assignment.TrafficSplit;
import io.understudy.schema.Arm;
import io.understudy.schema.Model;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutStatus;
import io.understudy.wire.Route;
import io.understudy.wire.RouteHeader;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that the router needs to route the requests of one deployment under one version of its state.
 *
 * @param split which model serves a request, and which requests are mirrored
 * @param existing header of requests that the existing model answers
 * @param outsideRollout header of requests that the existing model answers outside the rollout, so that they are not
 *     evidence
 * @param existingLane sink of the existing model's lane
 * @param lanes names of the lanes that this router knows
 * @param candidate routes to the candidate; empty without an active rollout
 * @param toExisting counter of requests to the existing lane
 * @param toCandidate counter of requests to the candidate lane
 */
record DeploymentRoutes(
        TrafficSplit split,
        RouteHeader existing,
        RouteHeader outsideRollout,
        String existingLane,
        Set<String> lanes,
        Optional<CandidateRoutes> candidate,
        Counter toExisting,
        Counter toCandidate) {

    /**
     * The routes to a candidate.
     *
     * @param rollout rollout of the candidate
     * @param served header of requests that the candidate serves
     * @param mirrored header of requests that are mirrored to the candidate
     * @param lane sink of the candidate's lane
     * @param breaker circuit breaker of the candidate
     */
    record CandidateRoutes(
            Rollout rollout, RouteHeader served, RouteHeader mirrored, String lane, CircuitBreaker breaker) {

        static CandidateRoutes of(String deployment, Rollout rollout, CircuitBreakers breakers, Set<String> lanes) {
            return new CandidateRoutes(
                    rollout,
                    new RouteHeader(Route.served(deployment, Arm.CANDIDATE, rollout.getCandidate(), rollout)),
                    new RouteHeader(Route.mirrored(deployment, rollout)),
                    RoutingNames.candidateLane(rollout.getCandidate(), lanes),
                    breakers.of(deployment, rollout));
        }
    }

    static DeploymentRoutes of(TrafficSplit split, RoutingMeters meters, CircuitBreakers breakers, Set<String> lanes) {
        String deployment = split.state().getDeployment();
        Model existing = split.state().getExisting();
        Optional<Rollout> active = split.activeRollout();
        String existingLane = RoutingNames.existingLane(existing, lanes);
        Optional<CandidateRoutes> candidate =
                active.map(rollout -> CandidateRoutes.of(deployment, rollout, breakers, lanes));
        RouteHeader outsideRollout = new RouteHeader(Route.outsideRollout(deployment, existing));
        return new DeploymentRoutes(
                split,
                active.map(rollout -> new RouteHeader(Route.served(deployment, Arm.EXISTING, existing, rollout)))
                        .orElse(outsideRollout),
                outsideRollout,
                existingLane,
                lanes,
                candidate,
                meters.routed(existingLane, deployment),
                meters.routed(candidate.map(CandidateRoutes::lane).orElse(RoutingNames.CANDIDATE_LANE), deployment));
    }

    String deployment() {
        return split.state().getDeployment();
    }

    /**
     * The model that answers in place of a candidate: the one of version {@code version}, which existed when the
     * request was routed, or the current existing model if the state does not name that one any more.
     */
    Model existingOf(String version) {
        Model existing = split.state().getExisting();
        Rollout rollout = split.state().getRollout();
        Model replaced = rollout == null ? null : rollout.getReplaces();
        return replaced != null
                        && replaced.getVersion().equals(version)
                        && !existing.getVersion().equals(version)
                ? replaced
                : existing;
    }

    /** The sink of the lane of a model that is or was the existing one. */
    String laneOf(Model model) {
        return RoutingNames.existingLane(model, lanes);
    }

    /** The routes to the candidate, if epoch number {@code epoch} of rollout {@code id} is the current one. */
    Optional<CandidateRoutes> candidateOf(String id, int epoch) {
        return candidate.filter(routes ->
                routes.rollout().getId().equals(id) && routes.rollout().getEpoch() == epoch);
    }

    /** Whether the candidate of rollout {@code id} may still answer the requests that wait for it. */
    boolean mayFinish(String id) {
        Rollout rollout = split.state().getRollout();
        return rollout != null
                && rollout.getId().equals(id)
                && (rollout.getShare() > 0 || rollout.getStatus() == RolloutStatus.PROMOTED);
    }
}
