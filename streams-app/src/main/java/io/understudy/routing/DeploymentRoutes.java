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

/**
 * Everything that the router needs to route the requests of one deployment under one version of its state.
 *
 * @param split which model serves a request, and which requests are mirrored
 * @param existing header of requests that the existing model answers
 * @param outsideRollout header of requests that the existing model answers outside the rollout, so that they are not
 *     evidence
 * @param candidate routes to the candidate; empty without an active rollout
 * @param toExisting counter of requests to the existing lane
 * @param toCandidate counter of requests to the candidate lane
 */
record DeploymentRoutes(
        TrafficSplit split,
        RouteHeader existing,
        RouteHeader outsideRollout,
        Optional<CandidateRoutes> candidate,
        Counter toExisting,
        Counter toCandidate) {

    /**
     * The routes to a candidate.
     *
     * @param rollout rollout of the candidate
     * @param served header of requests that the candidate serves
     * @param mirrored header of requests that are mirrored to the candidate
     * @param breaker circuit breaker of the candidate
     */
    record CandidateRoutes(Rollout rollout, RouteHeader served, RouteHeader mirrored, CircuitBreaker breaker) {

        static CandidateRoutes of(String deployment, Rollout rollout, CircuitBreakers breakers) {
            return new CandidateRoutes(
                    rollout,
                    new RouteHeader(Route.served(deployment, Arm.CANDIDATE, rollout.getCandidate(), rollout)),
                    new RouteHeader(Route.mirrored(deployment, rollout)),
                    breakers.of(deployment, rollout));
        }
    }

    static DeploymentRoutes of(TrafficSplit split, RoutingMeters meters, CircuitBreakers breakers) {
        String deployment = split.state().getDeployment();
        Model existing = split.state().getExisting();
        Optional<Rollout> active = split.activeRollout();
        RouteHeader outsideRollout = new RouteHeader(Route.outsideRollout(deployment, existing));
        return new DeploymentRoutes(
                split,
                active.map(rollout -> new RouteHeader(Route.served(deployment, Arm.EXISTING, existing, rollout)))
                        .orElse(outsideRollout),
                outsideRollout,
                active.map(rollout -> CandidateRoutes.of(deployment, rollout, breakers)),
                meters.routed(RoutingNames.EXISTING_LANE, deployment),
                meters.routed(RoutingNames.CANDIDATE_LANE, deployment));
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
